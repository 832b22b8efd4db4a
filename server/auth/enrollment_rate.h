#pragma once

#include <cstdint>
#include <map>

#include "server/auth/secret.h"

namespace hostwatch::auth {

/// How many agents one enrolment token lets in a minute: whoever has stolen one fills no disk in a second,
/// and a fleet that starts at once comes in turn. Only what changes something counts, so that agents that are
/// turned away, again and again, take nothing from the others. Not thread-safe; knows the tokens of the
/// present minute alone.
class EnrollmentRate {
 public:
  /// `a_minute`: 0: any number.
  explicit EnrollmentRate(std::uint32_t a_minute) : a_minute_(a_minute) {}

  /// Seconds until the token may let in one more; 0: now. Those that are sent away are told different times:
  /// as many a minute as there is room for. `now`: Unix seconds.
  std::int64_t wait(const Digest& token, std::int64_t now);

  /// It has let one in.
  void count(const Digest& token, std::int64_t now);

  static constexpr std::int64_t kLongestWait = 600;  ///< seconds: what agents believe of a Retry-After

 private:
  struct Minute {
    std::int64_t began = 0;
    std::uint32_t let_in = 0;
    std::uint32_t sent_away = 0;
  };
  void forget(std::int64_t now);

  std::uint32_t a_minute_;
  std::map<Digest, Minute> minutes_;
};

}  // namespace hostwatch::auth
