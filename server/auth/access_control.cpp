#include "server/auth/access_control.h"

#include <utility>

#include "protocol/names.h"

namespace hostwatch::auth {
namespace {

constexpr const char* kSetUp = "(set-up)";

std::string new_setup_code() {
  return new_secret().substr(0, 22);
}

/// What failures are counted under: a name that no user can have, however long, is the same as any other.
const std::string& counted_name(const std::string& user) {
  static const std::string impossible;
  return protocol::why_not_host_name(user) ? impossible : user;
}

}  // namespace

AccessControl::AccessControl(CredentialStore& store, AccessSettings settings)
    : store_(store),
      settings_(std::move(settings)),
      setup_code_(new_setup_code()),
      dummy_hash_(unmatched_hash(settings_.password_cost)),
      enrollments_(settings_.enrollments_a_minute) {}

Caller AccessControl::everybody() const {
  Caller caller;
  if (settings_.mode != AccessMode::required) {
    caller.via = Caller::Via::everybody;
    caller.may_read = caller.may_write = caller.may_manage = true;
  } else if (settings_.guest) {
    caller.via = Caller::Via::guest;
    caller.may_read = true;
  }
  return caller;
}

Caller AccessControl::by_token(const Token& token) {
  Caller caller;
  caller.via = Caller::Via::token;
  caller.name = token.name;
  caller.id = "token " + std::to_string(token.id);
  caller.scope = name_of(token.scope);
  caller.only_host = token.host;
  caller.may_manage = token.scope == Scope::admin;
  caller.may_read = caller.may_manage || token.scope == Scope::read;
  caller.may_write = caller.may_manage || token.scope == Scope::agent || token.scope == Scope::write;
  caller.may_enroll = token.scope == Scope::enroll;
  return caller;
}

Caller AccessControl::by_user(const User& user) const {
  Caller caller;
  caller.name = user.name;
  caller.id = "user " + user.name;
  caller.may_read = true;
  caller.may_manage = caller.may_write = user.is_admin;
  return caller;
}

std::optional<Caller> AccessControl::by_session(const std::string& secret, std::int64_t now) {
  const Digest digest = digest_of(secret);
  const auto session = store_.use_session(digest, now);
  if (!session) return std::nullopt;
  const auto user = store_.find_user(session->user, now);
  if (!user) return std::nullopt;
  Caller caller = by_user(*user);
  caller.via = Caller::Via::session;
  caller.csrf = csrf_of(secret);
  caller.session = digest;
  return caller;
}

std::string AccessControl::csrf_of(std::string_view session) {
  const Digest digest = digest_of("csrf:" + std::string(session));
  return base64url(digest.data(), digest.size());
}

Caller AccessControl::identify(const PresentedCredentials& presented, std::int64_t now) {
  if (!presented.bearer.empty() || presented.has_other_authorization) {
    const auto token =
        presented.bearer.empty() ? std::nullopt : store_.use_token(digest_of(presented.bearer), now);
    if (token && token->is_valid(now)) {
      Caller caller = by_token(*token);
      if (settings_.mode != AccessMode::required) {  // a token takes nothing away that everybody may
        caller.may_read = caller.may_write = caller.may_manage = true;
        if (token->scope != Scope::agent) caller.only_host.clear();
      }
      return caller;
    }
    // Where nothing is asked for, what comes with a request from elsewhere (a proxy's own sign-in) does no
    // harm.
    Caller caller = settings_.mode == AccessMode::required ? Caller{} : everybody();
    caller.is_wrong = true;
    if (token && caller.via == Caller::Via::nobody) {
      caller.name = token->name;
      const bool has_expired = token->expires != 0 && now >= token->expires;
      caller.why_over = has_expired ? "it has expired" : "it has been used as often as it may";
    }
    return caller;
  }
  if (settings_.mode == AccessMode::required) {
    for (const std::string& secret : presented.sessions) {
      if (auto caller = by_session(secret, now)) return *std::move(caller);
    }
  }
  if (settings_.mode == AccessMode::required && !presented.proxy_user.empty()) {
    const auto known = store_.find_user(presented.proxy_user, now);
    User user;
    user.name = presented.proxy_user;
    Caller caller = by_user(known ? *known : user);
    caller.via = Caller::Via::proxy;
    caller.csrf = keyed_digest(store_.signing_key(), "proxy:" + presented.proxy_user);
    return caller;
  }
  return everybody();
}

bool AccessControl::is_setup_needed(std::int64_t now) {
  if (settings_.mode != AccessMode::required) return false;
  const bool is_needed = store_.users(now).empty();
  if (!is_needed) {
    spend_setup_code();
    return false;
  }
  const std::lock_guard lock(setup_mutex_);
  is_code_fresh_ = false;
  return true;
}

/// Once for each time that there are users.
void AccessControl::spend_setup_code() {
  const std::lock_guard lock(setup_mutex_);
  if (!std::exchange(is_code_fresh_, true)) setup_code_ = new_setup_code();
}

std::string AccessControl::setup_code() const {
  const std::lock_guard lock(setup_mutex_);
  return setup_code_;
}

Enrolled AccessControl::enroll(const EnrollmentWish& wish, std::int64_t now) {
  const std::lock_guard lock(enrolling_);
  if (const std::int64_t seconds = enrollments_.wait(wish.token, wish.address, now); seconds > 0) {
    return {Enrollment::refused, seconds, false};
  }
  const EnrollmentResult result = store_.enroll(wish, now);
  if (result.has_written) enrollments_.count(wish.token, wish.address, now);
  return {result.outcome, 0, result.has_written};
}

std::string AccessControl::maker_of(const Caller& caller) const {
  switch (settings_.mode) {
    case AccessMode::open:
      return std::string(kMadeByAnybodyOpen);
    case AccessMode::insecure:
      return std::string(kMadeByAnybodyInsecure);
    case AccessMode::required:
      break;
  }
  return caller.id;
}

std::string AccessControl::open_session(std::int64_t user, std::int64_t now) {
  std::string secret = new_secret();
  store_.add_session(digest_of(secret), {user, now, now});
  return secret;
}

std::int64_t AccessControl::wait_to_sign_in(const std::string& user, const std::string& address,
                                            std::int64_t now) const {
  return attempts_.wait(address, counted_name(user), now);
}

std::int64_t AccessControl::wait_to_set_up(const std::string& address, std::int64_t now) const {
  return attempts_.wait(address, kSetUp, now);
}

SignInPlaces::Past AccessControl::past_of(const std::string& address, std::int64_t now) const {
  using Past = SignInPlaces::Past;
  if (attempts_.has_succeeded(address)) return Past::signed_in;
  return attempts_.has_failed(address, now) ? Past::failed : Past::none;
}

SignIn AccessControl::set_up(std::string_view code, const std::string& user, std::string_view password,
                             const std::string& address, std::int64_t now) {
  using Outcome = SignIn::Outcome;
  if (!is_setup_needed(now)) return {Outcome::taken, {}, 0, {}};
  if (const std::int64_t seconds = wait_to_set_up(address, now); seconds > 0) {
    return {Outcome::too_many, {}, seconds, {}};
  }
  if (!is_same_secret(code, setup_code())) {
    attempts_.failed(address, kSetUp, now);
    return {Outcome::refused, {}, 0, {}};
  }
  if (const auto why = protocol::why_not_host_name(user))
    return {Outcome::bad, {}, 0, "the user name " + *why};
  if (const auto why = why_not_password(password)) return {Outcome::bad, {}, 0, *why};
  User first;
  first.name = user;
  first.is_admin = true;
  first.password_hash = hash_password(password, settings_.password_cost);
  if (!store_.add_first_user(first)) return {Outcome::taken, {}, 0, {}};
  spend_setup_code();
  attempts_.succeeded(address, kSetUp, now);
  const auto made = store_.find_user(user, now);
  if (!made) return {Outcome::taken, {}, 0, {}};  // a command has removed them in that moment
  return {Outcome::done, open_session(made->id, now), 0, {}};
}

SignIn AccessControl::sign_in(const std::string& user, std::string_view password, const std::string& address,
                              std::int64_t now) {
  using Outcome = SignIn::Outcome;
  if (const std::int64_t seconds = wait_to_sign_in(user, address, now); seconds > 0) {
    return {Outcome::too_many, {}, seconds, {}};
  }
  if (protocol::why_not_host_name(user)) {
    attempts_.failed(address, counted_name(user), now);
    return {Outcome::refused, {}, 0, {}};
  }
  const auto known = store_.find_user(user, now);
  const bool matches = matches_password(password, known ? known->password_hash : dummy_hash_);
  if (!known || !matches) {
    attempts_.failed(address, user, now);
    return {Outcome::refused, {}, 0, {}};
  }
  attempts_.succeeded(address, user, now);
  return {Outcome::done, open_session(known->id, now), 0, {}};
}

SignIn AccessControl::change_password(const Caller& caller, std::string_view current,
                                      std::string_view password, const std::string& address,
                                      std::int64_t now) {
  using Outcome = SignIn::Outcome;
  if (const std::int64_t seconds = wait_to_sign_in(caller.name, address, now); seconds > 0) {
    return {Outcome::too_many, {}, seconds, {}};
  }
  const auto user = store_.find_user(caller.name, now);
  if (!user || !matches_password(current, user->password_hash)) {
    attempts_.failed(address, counted_name(caller.name), now);
    return {Outcome::refused, {}, 0, {}};
  }
  if (const auto why = why_not_password(password)) return {Outcome::bad, {}, 0, *why};
  store_.set_password(caller.name, hash_password(password, settings_.password_cost), &caller.session);
  return {Outcome::done, {}, 0, {}};
}

}  // namespace hostwatch::auth
