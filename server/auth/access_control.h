#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address_range.h"
#include "server/auth/attempt_limiter.h"
#include "server/auth/caller.h"
#include "server/auth/credential_store.h"
#include "server/auth/enrollment_rate.h"
#include "server/auth/password.h"
#include "server/auth/sign_in_places.h"

namespace hostwatch::auth {

/// Whether credentials are asked for.
enum class AccessMode : std::uint8_t {
  open,      ///< no: only this machine reaches the server
  insecure,  ///< no, although others reach it: the operator wants it so
  required
};

struct AccessSettings {
  AccessMode mode = AccessMode::required;
  bool guest = false;                              ///< who has not signed in may look
  std::vector<net::AddressRange> trusted_proxies;  ///< whose headers about their clients are believed
  std::string proxy_user_header;                   ///< in which they say who has signed in; empty: in none
  std::vector<std::string> allowed_hosts;          ///< names that the server is reached by, and by no others
  std::string public_authority;                    ///< name[:port] of --public-url, one more; empty: none
  bool agents_need_certificate = false;            ///< besides their token
  ScryptCost password_cost;
  std::uint32_t enrollments_a_minute = 60;  ///< by one token from one client; 0: any number
};

/// What came of an agent's attempt to enrol.
struct Enrolled {
  Enrollment outcome = Enrollment::refused;
  std::int64_t wait = 0;  ///< seconds, if there were too many before it: then nothing was tried
  bool is_new = false;    ///< it was not turned away so a while ago already
};

/// What came of an attempt to sign in or to set up.
struct SignIn {
  enum class Outcome : std::uint8_t { done, refused, too_many, taken, bad };
  Outcome outcome = Outcome::refused;
  std::string session;    ///< the secret, if done
  std::int64_t wait = 0;  ///< seconds, if too_many
  std::string problem;    ///< if bad: what is wrong
};

/// Who may do what. Decides by the credentials that a request carries; changes them for those who may. Knows
/// nothing of HTTP. Thread-safe. Calls that hash a password take 0.2 s and 32 MiB, those that write wait for
/// the disk: not for the threads of the HTTP server.
class AccessControl {
 public:
  /// `store` must outlive it.
  AccessControl(CredentialStore& store, AccessSettings settings);

  const AccessSettings& settings() const { return settings_; }
  CredentialStore& store() const { return store_; }

  /// Quick: looks in memory.
  Caller identify(const PresentedCredentials& presented, std::int64_t now);

  /// True if credentials are asked for and nobody can sign in yet, or any more.
  bool is_setup_needed(std::int64_t now);

  /// The code that the first administrator is made with: printed in the log, good until there is one. Another
  /// one after each start, and once there has been a user, whoever made it: who has read the old one is no
  /// administrator by it when the last user is gone.
  std::string setup_code() const;

  /// Seconds until somebody at that address may try to sign in (or to change the password) as `user`; 0: now.
  /// Quick, as all that follow here: to be asked before a try is let wait for its turn to be hashed.
  std::int64_t wait_to_sign_in(const std::string& user, const std::string& address, std::int64_t now) const;

  /// Likewise for set_up().
  std::int64_t wait_to_set_up(const std::string& address, std::int64_t now) const;

  /// What became of tries from there.
  SignInPlaces::Past past_of(const std::string& address, std::int64_t now) const;

  /// Makes the first administrator and signs them in. Hashes a password.
  SignIn set_up(std::string_view code, const std::string& user, std::string_view password,
                const std::string& address, std::int64_t now);

  /// Hashes a password, also for a user that is not there, but not for a name that no user can have.
  SignIn sign_in(const std::string& user, std::string_view password, const std::string& address,
                 std::int64_t now);

  void sign_out(const Digest& session) { store_.remove_session(session); }

  /// Of somebody who is signed in; ends their other sessions. Hashes two passwords.
  SignIn change_password(const Caller& caller, std::string_view current, std::string_view password,
                         const std::string& address, std::int64_t now);

  /// CredentialStore::enroll(), so many times a minute with one token: see EnrollmentRate.
  Enrolled enroll(const EnrollmentWish& wish, std::int64_t now);

  /// Who makes a token, as it is written down: see Token::made_by.
  std::string maker_of(const Caller& caller) const;

  /// The text for a change's header that belongs to a session's secret.
  static std::string csrf_of(std::string_view session);

 private:
  Caller everybody() const;
  static Caller by_token(const Token& token);
  Caller by_user(const User& user) const;
  void spend_setup_code();
  std::optional<Caller> by_session(const std::string& secret, std::int64_t now);
  std::string open_session(std::int64_t user, std::int64_t now);

  CredentialStore& store_;
  AccessSettings settings_;
  mutable std::mutex setup_mutex_;
  std::string setup_code_;
  bool is_code_fresh_ = false;  ///< nobody has been without users since it was made: it was never good
  std::string dummy_hash_;      ///< of no password: so that an unknown user takes as long as a known one
  AttemptLimiter attempts_;
  std::mutex enrolling_;  ///< one at a time, as the file takes them anyway
  EnrollmentRate enrollments_;
};

}  // namespace hostwatch::auth
