#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /fleet: how the values of one metric are spread over hosts. Thread-safe.
class FleetApi {
 public:
  /// `services` must outlive it.
  explicit FleetApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply fleet(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
