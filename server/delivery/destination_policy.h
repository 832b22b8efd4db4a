#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/address_range.h"

namespace hostwatch::delivery {

/// A socket that this server listens on.
struct ListeningAddress {
  std::string address;  ///< "0.0.0.0" and "::" stand for every address
  std::uint16_t port = 0;
};

/// Where messages may go, by the resolved address, right before connecting: a name can resolve to anything,
/// and to something else the next time.
struct DestinationPolicy {
  std::vector<net::AddressRange> allow;  ///< --alert-allow: loopback addresses that may be reached
  std::vector<net::AddressRange> deny;   ///< --alert-deny: never
  std::vector<ListeningAddress> own;     ///< never, from anybody
  std::vector<net::AddressBytes>
      own_addresses;  ///< of this machine's interfaces: where `own` is every address
};

/// Why nothing may be sent there, for people; empty: it may. Link-local, multicast, unspecified and broadcast
/// addresses and our own socket are refused always; loopback unless `from_file` or allowed; what is denied.
/// An IPv4 address within an IPv6 one (mapped, NAT64, 6to4, Teredo) counts as itself. Pure.
std::string why_refused(const DestinationPolicy& policy, const net::AddressBytes& address, std::uint16_t port,
                        bool from_file);

/// The same of an address with its port, as the system has it.
std::string why_refused(const DestinationPolicy& policy, const sockaddr* address, bool from_file);

/// Of all interfaces of this machine, as they are now.
std::vector<net::AddressBytes> addresses_of_this_machine();

}  // namespace hostwatch::delivery
