#include "server/api/call.h"

#include "net/address.h"

namespace hostwatch::api {

std::string pool_client(const Visitor& visitor) {
  // Neither is longer than a string holds within itself: it is copied with every request. No address has a
  // '#'.
  if (!visitor.caller.id.empty()) return '#' + visitor.caller.id;
  return net::network_of(visitor.client.address);
}

}  // namespace hostwatch::api
