#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "server/auth/secret.h"

namespace hostwatch::auth {

/// How many agents may enrol with one enrolment token a minute: from one client, and ten times as many from
/// all together. Whoever has stolen one fills no disk in a second, and keeps others out only from ten clients
/// at once; a fleet that starts at once comes in turn. Only what changes something counts, so that agents
/// that are turned away, again and again, take nothing from the others. A client is an IPv4 address or an
/// IPv6 /64. Not thread-safe; knows what came in the present minute alone.
class EnrollmentRate {
 public:
  /// `a_minute`: 0: any number.
  explicit EnrollmentRate(std::uint32_t a_minute) : a_minute_(a_minute) {}

  /// Seconds until one more may enrol with the token from that address; 0: now. Those that are sent away are
  /// told different times: as many a minute as there is room for. `now`: Unix seconds.
  std::int64_t wait(const Digest& token, const std::string& address, std::int64_t now);

  /// It has let one in.
  void count(const Digest& token, const std::string& address, std::int64_t now);

  static constexpr std::int64_t kLongestWait = 600;  ///< seconds: what agents believe of a Retry-After
  static constexpr std::uint32_t kClients = 10;      ///< that may use a token at once to the full

 private:
  struct Minute {
    std::int64_t began = 0;
    std::uint32_t let_in = 0;
    std::uint32_t sent_away = 0;
  };
  using Minutes = std::map<std::pair<Digest, std::string>, Minute>;  ///< by token and client; "": of all

  void forget(std::int64_t now);
  std::int64_t rest(const Digest& token, const std::string& client, std::uint32_t most, std::int64_t now);

  std::uint32_t a_minute_;
  Minutes minutes_;
};

}  // namespace hostwatch::auth
