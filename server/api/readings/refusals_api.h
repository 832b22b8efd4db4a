#pragma once

#include "server/api/readings/post_refusals.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /refusals: what was posted and refused lately, for who adds hosts. Thread-safe.
class RefusalsApi {
 public:
  /// Both must outlive it.
  RefusalsApi(const Services& services, const PostRefusals& refusals)
      : services_(services), refusals_(refusals) {}

  void add_routes(Router& router);

 private:
  const Services& services_;
  const PostRefusals& refusals_;
};

}  // namespace hostwatch::api
