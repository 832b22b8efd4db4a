#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /data: history, aggregated, as JSON or CSV. Thread-safe.
class HistoryApi {
 public:
  /// `services` must outlive it.
  explicit HistoryApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply data(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
