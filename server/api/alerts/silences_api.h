#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts/silences: lists, makes and removes them. Thread-safe.
class SilencesApi {
 public:
  /// `services` must outlive it.
  explicit SilencesApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply make(const Call& call) const;
  Reply remove(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
