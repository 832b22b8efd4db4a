#include "server/api/api.h"

#include <utility>

namespace hostwatch::api {

Api::Api(Services services)
    : services_(std::move(services)),
      gate_(services_.access, services_.clock),
      health_(services_),
      hosts_(services_),
      history_(services_),
      fleet_(services_),
      preview_(services_),
      readings_(services_, refusals_),
      exposition_(services_, refusals_, readings_.intake()),
      session_(services_),
      tokens_(services_),
      enrollment_(services_),
      refusals_list_(services_, refusals_),
      alerts_(services_),
      silences_(services_),
      rules_(services_),
      channels_(services_),
      routes_(services_),
      deliveries_(services_),
      dispatcher_(router_, gate_, refusals_, services_.clock) {
  page_.add_routes(router_);
  health_.add_routes(router_);
  catalogue_.add_routes(router_);
  hosts_.add_routes(router_);
  history_.add_routes(router_);
  fleet_.add_routes(router_);
  preview_.add_routes(router_);
  readings_.add_routes(router_);
  exposition_.add_routes(router_);
  session_.add_routes(router_);
  tokens_.add_routes(router_);
  enrollment_.add_routes(router_);
  refusals_list_.add_routes(router_);
  alerts_.add_routes(router_);
  silences_.add_routes(router_);
  rules_.add_routes(router_);
  channels_.add_routes(router_);
  routes_.add_routes(router_);
  deliveries_.add_routes(router_);
}

}  // namespace hostwatch::api
