#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts/routes: which alarms go to which channels. Thread-safe.
class RoutesApi {
 public:
  /// `services` must outlive it.
  explicit RoutesApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply put(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
