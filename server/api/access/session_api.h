#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/api/router.h"
#include "server/api/services.h"
#include "server/auth/sign_in_places.h"

namespace hostwatch::api {

/// /session, /setup and /password: who is signed in, signing in and out. Thread-safe.
class SessionApi {
 public:
  /// `services` must outlive it.
  explicit SessionApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply who_is_signed_in(const Call& call) const;
  Reply sign_in(const Call& call) const;
  Reply sign_out(const Call& call) const;
  Reply set_up(const Call& call) const;
  Reply change_password(const Call& call) const;
  Reply try_password(const Call& call, std::int64_t wait, std::function<http::Response()> work) const;
  http::Response signed_in(const auth::SignIn& result, const Client& client) const;
  std::string session_json(const auth::Caller& caller, const Client& client) const;

  const Services& services_;
  mutable auth::SignInPlaces places_;  ///< in the pool of passwords
};

}  // namespace hostwatch::api
