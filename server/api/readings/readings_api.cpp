#include "server/api/readings/readings_api.h"

#include <string>

#include "net/address.h"

namespace hostwatch::api {

ReadingsApi::ReadingsApi(const Services& services, PostRefusals& refusals)
    : intake_({.store = services.store,
               .ingest = services.ingest,
               .agents = services.agents,
               .credentials = services.access.store(),
               .refusals = refusals,
               .decoders = services.workers.decoders,
               .clock = services.clock,
               .limits = services.intake}) {}

void ReadingsApi::add_routes(Router& router) {
  router.add("POST", "/metrics", Permission::write, [this](const Call& call) { return post(call); });
}

Reply ReadingsApi::post(const Call& call) {
  const auth::Caller& caller = call.context.caller;
  // Where nobody is asked, anybody may delete hosts, too: there is nothing to keep from them.
  const bool is_trusted =
      !caller.only_host.empty() || caller.may_manage || caller.via == auth::Caller::Via::everybody;
  const auto new_hosts = is_trusted ? storage::HostComes::authenticated : storage::HostComes::by_anyone;
  const http::Peer& peer = call.responder.peer();
  const std::string& address = call.context.client.address;
  const bool is_direct =
      peer.address == address || net::canonical_address(peer.address).value_or(peer.address) == address;
  const std::string& authenticated = call.responder.authenticated_client();
  return intake_.take(call.request, call.responder,
                      {caller.only_host, address, is_direct ? peer.connection : 0,
                       authenticated.empty() ? pool_client(call.context) : authenticated, new_hosts});
}

}  // namespace hostwatch::api
