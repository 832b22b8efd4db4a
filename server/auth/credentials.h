#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::auth {

/// What a token is good for.
enum class Scope : std::uint8_t {
  agent,  ///< readings of the one host that it was made for
  write,  ///< readings of any host, or of the one that it is tied to: for programs that are no agents
  read,   ///< everything that can be asked
  admin,  ///< everything
  enroll  ///< POST /enroll alone: an agent's own token in exchange
};

/// "agent", "write", ...: as tokens are listed.
std::string_view name_of(Scope scope);
std::optional<Scope> scope_named(std::string_view name);

/// A token as it is known; the secret itself is not.
struct Token {
  std::int64_t id = 0;
  std::string name;
  Scope scope = Scope::read;
  std::string host;                       ///< it can write readings of this host alone; empty: of any
  std::string identity;                   ///< of the agent that it was made for; empty: not an agent's
  std::int64_t created = 0;               ///< Unix seconds, as all times here
  std::int64_t last_used = 0;             ///< 0: never
  std::int64_t expires = 0;               ///< 0: never
  std::optional<std::int64_t> uses_left;  ///< of an enrolment token; none: any number

  bool is_valid(std::int64_t now) const {
    return (expires == 0 || now < expires) && (!uses_left || *uses_left > 0);
  }
};

/// A person who can sign in.
struct User {
  std::int64_t id = 0;
  std::string name;
  bool is_admin = false;      ///< else: may only look
  std::string password_hash;  ///< see password.h
};

/// Somebody who is signed in.
struct Session {
  std::int64_t user = 0;
  std::int64_t created = 0;
  std::int64_t last_used = 0;

  static constexpr std::int64_t kLongestIdle = 12LL * 3600;
  static constexpr std::int64_t kLongest = 30LL * 86400;

  bool is_valid(std::int64_t now) const { return now < last_used + kLongestIdle && now < created + kLongest; }
};

}  // namespace hostwatch::auth
