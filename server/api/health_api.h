#pragma once

#include "server/api/health_json.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /health: whether readings can be stored. Never waits for the disk. Thread-safe.
class HealthApi {
 public:
  /// `services` must outlive it.
  explicit HealthApi(const Services& services) : services_(services), database_(services.store) {}

  void add_routes(Router& router);

 private:
  Reply health(const Call& call);

  const Services& services_;
  DatabaseFigures database_;
};

}  // namespace hostwatch::api
