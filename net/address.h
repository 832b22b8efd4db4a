#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::net {

/// The bytes of an address (RFC 4291). An IPv4 address is the IPv6 one that stands for it (2.5.5.2): written
/// either way it is the same.
using AddressBytes = std::array<unsigned char, 16>;

/// An address as text, alone: "192.0.2.1", "2001:db8::1", "fe80::1%eth0" (the zone says by which interface
/// this machine reaches it, and is left out). Nothing for what is none.
std::optional<AddressBytes> parse_address(std::string_view text);

/// "[::1]" -> "::1", as addresses have it that a port may follow; any other text as it is.
std::string_view without_brackets(std::string_view text);

/// True for an IPv4 address.
bool is_ipv4(const AddressBytes& bytes);

/// The one way to write an address (RFC 5952): "2001:DB8:0::1" and "2001:db8::1" are the same client. Nothing
/// for what is none.
std::optional<std::string> canonical_address(std::string_view text);

/// The address of a client as proxies write it, canonical: alone, or with a port, as "192.0.2.1:5678" and
/// "[2001:db8::1]:443". Nothing for what is none ("unknown").
std::optional<std::string> forwarded_address(std::string_view text);

/// What all addresses of one client have in common: an IPv6 client has a whole /64 (RFC 6177), as
/// "2001:db8::/64". Of an IPv4 address that address itself, of what is no address the text.
std::string network_of(const std::string& address);

/// What all addresses of one site have in common: of IPv6 the /48, which is the most that a provider gives a
/// customer as a rule (RFC 6177); of any other the same as network_of().
std::string site_of(const std::string& address);

/// What all addresses of one provider have in common: of IPv6 the /32, which is the least that the
/// registries give one, and out of which it gives its customers their /48s; of any other the same as
/// network_of().
std::string provider_of(const std::string& address);

}  // namespace hostwatch::net
