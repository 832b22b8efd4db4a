#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace hostwatch::auth {

/// Slows down who guesses passwords: after three failures for one user from one client each further try has
/// to wait, one second first, twice as long each time, a minute at most; and one client has thirty failures
/// a minute, whatever the users. A client is an IPv4 address or an IPv6 /64; all of an IPv6 /48 have three
/// hundred failures a minute together. It never locks anybody out who comes from elsewhere. Thread-safe;
/// bounded.
class AttemptLimiter {
 public:
  /// Seconds until this may be tried; 0: now. `user` is kept as long as a failure is: to be bounded before.
  std::int64_t wait(const std::string& address, const std::string& user, std::int64_t now) const;

  /// Whether a try from that client, or its /48, has failed in the last quarter of an hour.
  bool has_failed(const std::string& address, std::int64_t now) const;

  /// Whether a try from that client has succeeded: of many clients those are remembered that did last.
  bool has_succeeded(const std::string& address) const;

  void failed(const std::string& address, const std::string& user, std::int64_t now);
  void succeeded(const std::string& address, const std::string& user, std::int64_t now);

 private:
  struct Failures {
    unsigned count = 0;
    std::int64_t last = 0;  ///< or when the minute that is counted began
  };
  using ByKey = std::map<std::string, Failures>;

  static constexpr unsigned kFree = 3;
  static constexpr unsigned kMostAMinute = 30;
  static constexpr unsigned kMostAMinuteOfSite = 10 * kMostAMinute;
  static constexpr std::int64_t kLongestWait = 60;
  static constexpr std::int64_t kForgottenAfter = 900;
  static constexpr std::size_t kMostKnown = 10'000;
  static constexpr std::size_t kMostGood = 1'000;

  static void make_room(ByKey& failures, std::int64_t now);
  static void count_in_minute(ByKey& failures, const std::string& key, std::int64_t now);
  static std::int64_t rest_of_minute(const ByKey& failures, const std::string& key, unsigned most,
                                     std::int64_t now);

  mutable std::mutex mutex_;
  ByKey by_user_;                             ///< client and user
  ByKey by_client_;                           ///< in the present minute
  ByKey by_site_;                             ///< likewise
  std::map<std::string, std::int64_t> good_;  ///< clients of which a try has succeeded, and when one last did
};

}  // namespace hostwatch::auth
