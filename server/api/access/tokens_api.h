#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /tokens: lists, makes and revokes tokens. Thread-safe.
class TokensApi {
 public:
  /// `services` must outlive it.
  explicit TokensApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply make(const Call& call) const;
  Reply revoke(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
