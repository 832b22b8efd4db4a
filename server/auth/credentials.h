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
  std::string made_by;  ///< see Caller::id, and the makers below; empty: not known (made before version 2)

  bool is_valid(std::int64_t now) const {
    return (expires == 0 || now < expires) && (!uses_left || *uses_left > 0);
  }
};

/// What Token::made_by holds where no user ("user anna") and no token ("token 7") made it.
inline constexpr std::string_view kMadeByCommand = "command line";
inline constexpr std::string_view kMadeForFile = "enrolment file";
inline constexpr std::string_view kMadeByAnybodyOpen = "anybody, while the server was open";
inline constexpr std::string_view kMadeByAnybodyInsecure = "anybody, under --insecure";

/// "token 7": who made what it made.
inline std::string maker_named(const Token& token) {
  return "token " + std::to_string(token.id);
}

/// True if authentication was off when it was made.
inline bool was_made_by_anybody(const Token& token) {
  return token.made_by == kMadeByAnybodyOpen || token.made_by == kMadeByAnybodyInsecure;
}

/// What an administrator, or the server, has settled about an agent that enrols.
enum class Standing : std::uint8_t {
  shut_out,  ///< may not enrol, and nobody may under that name
  waiting,   ///< was turned away, until an administrator allows it
  allowed    ///< may enrol, once, within Admission::kAllowedFor
};

/// "shut_out", "waiting", "allowed": as they are listed.
std::string_view name_of(Standing standing);

/// One host name and one agent: what is settled between them.
struct Admission {
  std::string host;
  std::string identity;  ///< of the agent; empty: none in particular
  Standing standing = Standing::shut_out;
  std::int64_t since = 0;     ///< Unix seconds
  std::string by;             ///< who settled it, as Token::made_by; of one that waits: its address
  bool was_shut_out = false;  ///< of one that is allowed: it is again if it does not enrol in time

  static constexpr std::int64_t kAllowedFor = 86400;  ///< seconds
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
