#include "server/api/readings/refusals_api.h"

#include "server/api/readings/refusals_json.h"

namespace hostwatch::api {

void RefusalsApi::add_routes(Router& router) {
  router.add("GET", "/refusals", Permission::manage, [this](const Call&) {
    const std::int64_t now = services_.clock();
    return Reply::now(http::Response::json(refusals_json(refusals_.latest(now), now)));
  });
}

}  // namespace hostwatch::api
