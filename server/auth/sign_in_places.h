#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hostwatch::auth {

/// The places of those who wait for their password to be hashed, which is done one at a time: so that no
/// client, not all those together whose tries have failed lately, and not all strangers together, however
/// many addresses they come from, can take them from everybody else. A client is an IPv4 address or an IPv6
/// /64. Thread-safe.
class SignInPlaces {
 public:
  static constexpr std::size_t kAll = 16;
  static constexpr std::size_t kOfStrangers = 12;  ///< together, of clients from which nobody has signed in
  static constexpr std::size_t kOfFailed = 8;      ///< of these, where tries have failed lately
  static constexpr std::size_t kOfClient = 2;
  static constexpr std::size_t kOfSite = 4;      ///< of an IPv6 /48
  static constexpr std::size_t kOfProvider = 8;  ///< of an IPv6 /32

  /// What became of earlier tries from a client.
  enum class Past : std::uint8_t {
    none,
    failed,    ///< lately, there or elsewhere in its /48
    signed_in  ///< somebody has, whatever failed besides
  };

  /// Is given back when it goes. Its SignInPlaces must outlive it.
  class Place {
   public:
    Place(SignInPlaces& places, std::vector<std::string> networks, Past past);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    SignInPlaces& places_;
    std::vector<std::string> networks_;
    Past past_;
  };

  /// A place for a try from that address; null if there is none for it.
  std::shared_ptr<const Place> take(const std::string& address, Past past);

 private:
  std::mutex mutex_;
  std::size_t all_ = 0;
  std::size_t strangers_ = 0;
  std::size_t failed_ = 0;
  std::map<std::string, std::size_t> by_network_;  ///< clients, sites and providers
};

}  // namespace hostwatch::auth
