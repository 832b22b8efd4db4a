#include "server/api/call.h"

#include "net/address.h"

namespace hostwatch::api {

std::string pool_client(const RequestContext& context) {
  // Neither is longer than a string holds within itself: it is copied with every request. No address has a
  // '#'.
  if (!context.caller.id.empty()) return '#' + context.caller.id;
  return net::network_of(context.client.address);
}

}  // namespace hostwatch::api
