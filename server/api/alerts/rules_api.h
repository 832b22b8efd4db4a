#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts/rules: what alarms are made by. Thread-safe.
class RulesApi {
 public:
  /// `services` must outlive it.
  explicit RulesApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply put(const Call& call) const;
  Reply remove(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
