#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts/deliveries: messages, and sending those again that were given up. Thread-safe.
class DeliveriesApi {
 public:
  /// `services` must outlive it.
  explicit DeliveriesApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply retry(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
