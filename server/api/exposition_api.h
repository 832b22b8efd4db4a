#pragma once

#include <cstdint>

#include "server/api/readings/post_refusals.h"
#include "server/api/router.h"
#include "server/api/server_families.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /metrics: the latest readings and the server's own figures, for Prometheus. Thread-safe.
class ExpositionApi {
 public:
  /// All must outlive it.
  ExpositionApi(const Services& services, const PostRefusals& refusals, const ReadingsIntake& intake)
      : services_(services), refusals_(refusals), intake_(intake), started_(services.clock()) {}

  void add_routes(Router& router);

 private:
  Reply exposition(const Call& call) const;
  ServerFigures figures() const;

  const Services& services_;
  const PostRefusals& refusals_;
  const ReadingsIntake& intake_;
  std::int64_t started_;  ///< Unix seconds
};

}  // namespace hostwatch::api
