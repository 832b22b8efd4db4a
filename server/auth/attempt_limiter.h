#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace hostwatch::auth {

/// Slows down who guesses passwords: after three failures for one user from one address each further try has
/// to wait, one second first, twice as long each time, a minute at most; and one address has thirty failures
/// a minute, whatever the users. It never locks anybody out who comes from another address. Thread-safe;
/// bounded.
class AttemptLimiter {
 public:
  /// Seconds until this may be tried; 0: now.
  std::int64_t wait(const std::string& address, const std::string& user, std::int64_t now);

  void failed(const std::string& address, const std::string& user, std::int64_t now);
  void succeeded(const std::string& address, const std::string& user);

 private:
  struct Failures {
    unsigned count = 0;
    std::int64_t last = 0;  ///< or when the minute that is counted began
  };
  using ByKey = std::map<std::string, Failures>;

  static constexpr unsigned kFree = 3;
  static constexpr unsigned kMostAMinute = 30;
  static constexpr std::int64_t kLongestWait = 60;
  static constexpr std::int64_t kForgottenAfter = 900;
  static constexpr std::size_t kMostKnown = 10'000;

  static void make_room(ByKey& failures, std::int64_t now);

  std::mutex mutex_;
  ByKey by_user_;     ///< address and user
  ByKey by_address_;  ///< in the present minute
};

}  // namespace hostwatch::auth
