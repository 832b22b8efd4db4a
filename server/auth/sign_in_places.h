#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace hostwatch::auth {

/// The places of those who wait for their password to be hashed, which is done one at a time: so that no
/// client, and not all those together whose tries have failed lately, can take them from everybody else. A
/// client is an IPv4 address or an IPv6 /64. Thread-safe.
class SignInPlaces {
 public:
  struct Limits {
    std::size_t all = 16;
    std::size_t of_failed = 8;  ///< together, of clients whose tries have failed lately
    std::size_t of_client = 2;
    std::size_t of_site = 4;  ///< of an IPv6 /48
  };

  /// Is given back when it goes. Its SignInPlaces must outlive it.
  class Place {
   public:
    Place(SignInPlaces& places, std::string client, std::string site, bool has_failed);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    SignInPlaces& places_;
    std::string client_;
    std::string site_;
    bool has_failed_;
  };

  SignInPlaces() : SignInPlaces(Limits{16, 8, 2, 4}) {}
  explicit SignInPlaces(Limits limits) : limits_(limits) {}

  /// A place for a try from that address; null if there is none for it.
  std::shared_ptr<const Place> take(const std::string& address, bool has_failed);

 private:
  using Counts = std::map<std::string, std::size_t>;

  static std::size_t count(const Counts& counts, const std::string& key);
  static void release(Counts& counts, const std::string& key);

  const Limits limits_;
  std::mutex mutex_;
  std::size_t all_ = 0;
  std::size_t failed_ = 0;
  Counts by_client_;
  Counts by_site_;
};

}  // namespace hostwatch::auth
