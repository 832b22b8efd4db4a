#include "server/auth/client_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace hostwatch::auth {

std::string client_network(const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes)) return address;
  return {reinterpret_cast<const char*>(bytes.s6_addr), 8};
}

}  // namespace hostwatch::auth
