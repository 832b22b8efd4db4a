#pragma once

#include <string>

namespace hostwatch::auth {

/// What all addresses of one client have in common, as a key: an IPv4 address as it is, of IPv6 the /64, as a
/// client has the whole of it (RFC 6177). Text that is no address is given back. Pure.
std::string client_network(const std::string& address);

}  // namespace hostwatch::auth
