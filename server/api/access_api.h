#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "server/api/call.h"
#include "server/auth/access_control.h"
#include "server/auth/sign_in_places.h"
#include "server/http/work_pool.h"

namespace hostwatch::storage {
class Store;
}

namespace hostwatch::api {

/// The addresses by which people sign in, tokens are made and agents enrol. Thread-safe.
class AccessApi {
 public:
  /// `passwords`: of one thread, so that hashing takes one core and 32 MiB at most. `credentials`: for all
  /// else that reads or writes them. `clock`: Unix seconds. All must outlive it.
  AccessApi(auth::AccessControl& access, const storage::Store& store, http::WorkPool& passwords,
            http::WorkPool& credentials, std::function<std::int64_t()> clock)
      : access_(access),
        store_(store),
        passwords_(passwords),
        credentials_(credentials),
        clock_(std::move(clock)) {}

  std::optional<http::Response> session(const Call& call) const;
  std::optional<http::Response> sign_in(const Call& call) const;
  std::optional<http::Response> sign_out(const Call& call) const;
  std::optional<http::Response> set_up(const Call& call) const;
  std::optional<http::Response> change_password(const Call& call) const;
  std::optional<http::Response> list_tokens(const Call& call) const;
  std::optional<http::Response> make_token(const Call& call) const;
  std::optional<http::Response> revoke_token(const Call& call) const;
  std::optional<http::Response> enroll(const Call& call) const;
  /// Lets an agent of the host in.
  std::optional<http::Response> allow_agent(const Call& call, const std::string& host) const;
  /// Forgets who waits for the host, and takes back that one was let in as it.
  std::optional<http::Response> take_back_agent(const Call& call, const std::string& host) const;

 private:
  std::optional<http::Response> try_password(const Call& call, std::int64_t wait,
                                       std::function<http::Response()> work) const;
  http::Response signed_in(const auth::SignIn& result, const Client& client) const;
  static std::variant<std::string, http::Response> named_agent(const Call& call, const std::string& host);
  static http::Response allowed(const auth::Allowance& result, const std::string& host, const std::string& by);
  http::Response turned_away(auth::Enrollment why, const auth::EnrollmentWish& wish) const;
  std::string session_json(const auth::Caller& caller, const Client& client) const;

  auth::AccessControl& access_;
  const storage::Store& store_;
  http::WorkPool& passwords_;
  http::WorkPool& credentials_;
  std::function<std::int64_t()> clock_;
  mutable auth::SignInPlaces places_;  ///< in passwords_
};

}  // namespace hostwatch::api
