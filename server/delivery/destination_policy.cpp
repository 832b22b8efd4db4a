#include "server/delivery/destination_policy.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace hostwatch::delivery {
namespace {

std::string address_text(const net::AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  return net::canonical_address(text.data()).value_or("an address");
}

bool is_in(const std::vector<net::AddressRange>& ranges, const std::string& address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&address](const net::AddressRange& range) { return range.contains(address); });
}

bool is_in(const char* range, const std::string& address) {
  return net::AddressRange::parse(range)->contains(address);
}

using Ipv4 = std::array<unsigned char, 4>;

net::AddressBytes mapped(const Ipv4& address) {
  net::AddressBytes bytes{};
  bytes[10] = bytes[11] = 0xFF;
  std::copy(address.begin(), address.end(), bytes.begin() + 12);
  return bytes;
}

/// The IPv4 addresses that packets to an IPv6 address may end up at.
std::vector<net::AddressBytes> within(const net::AddressBytes& bytes, const std::string& text) {
  const auto at = [&bytes](std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    return mapped({bytes.at(a), bytes.at(b), bytes.at(c), bytes.at(d)});
  };
  if (net::is_ipv4(bytes)) return {};
  const net::AddressBytes last = at(12, 13, 14, 15);
  if (is_in("64:ff9b::/96", text)) return {last};  // NAT64, RFC 6052
  if (is_in("64:ff9b:1::/48", text)) {
    // Its two forms: the bytes of the other one are zeros.
    const net::AddressBytes early = at(6, 7, 9, 10);
    return {early[12] != 0 ? early : last};
  }
  if (is_in("2002::/16", text)) return {at(2, 3, 4, 5)};              // 6to4, RFC 3056
  if (is_in("::/96", text) && !is_in("::/127", text)) return {last};  // RFC 4291, 2.5.5.1
  if (is_in("::ffff:0:0:0/96", text)) return {last};                  // RFC 2765
  const bool is_isatap = bytes[10] == 0x5E && bytes[11] == 0xFE && (bytes[8] & 0xFDU) == 0 && bytes[9] == 0;
  if (is_isatap) return {last};    // RFC 5214
  if (is_in("2001::/32", text)) {  // Teredo, RFC 4380
    Ipv4 client{};
    for (std::size_t i = 0; i < client.size(); ++i) {
      client.at(i) = static_cast<unsigned char>(bytes.at(12 + i) ^ 0xFFU);
    }
    return {at(4, 5, 6, 7), mapped(client)};
  }
  return {};
}

/// What no channel may reach, whoever made it; empty: it is none of these.
std::string never_reached(const std::string& address) {
  struct Range {
    const char* range;
    const char* what;
  };
  constexpr std::array<Range, 10> kNever{{{"0.0.0.0/8", "an unspecified address"},
                                          {"::/128", "an unspecified address"},
                                          {"169.254.0.0/16", "a link-local address"},
                                          {"fe80::/10", "a link-local address"},
                                          {"224.0.0.0/4", "a multicast address"},
                                          {"ff00::/8", "a multicast address"},
                                          {"240.0.0.0/4", "a reserved or broadcast address"},
                                          {"fd00:ec2::254", "a cloud's metadata"},
                                          {"100.100.100.200", "a cloud's metadata"},
                                          {"168.63.129.16", "a cloud's metadata"}}};
  for (const auto& [range, what] : kNever) {
    if (is_in(range, address)) return what;
  }
  return "";
}

bool is_loopback_address(const std::string& address) {
  return is_in("127.0.0.0/8", address) || is_in("::1", address);
}

bool is_own_socket(const DestinationPolicy& policy, const net::AddressBytes& address, const std::string& text,
                   std::uint16_t port) {
  for (const ListeningAddress& own : policy.own) {
    if (own.port != port) continue;
    const auto bytes = net::parse_address(own.address);
    const bool is_any = !bytes || own.address == "0.0.0.0" || own.address == "::";
    if (!is_any && *bytes == address) return true;
    const bool is_ours = is_loopback_address(text) ||
                         std::find(policy.own_addresses.begin(), policy.own_addresses.end(), address) !=
                             policy.own_addresses.end();
    if (is_any && is_ours) return true;
  }
  return false;
}

std::string why_one_refused(const DestinationPolicy& policy, const net::AddressBytes& address,
                            std::uint16_t port, bool from_file) {
  const std::string text = address_text(address);
  if (const std::string what = never_reached(text); !what.empty()) return text + " is " + what;
  if (is_own_socket(policy, address, text, port)) return text + " is this server itself";
  if (is_in(policy.deny, text)) return text + " is denied by --alert-deny";
  if (is_loopback_address(text) && !from_file && !is_in(policy.allow, text)) {
    return text + " is this machine; --alert-allow " + text + " would allow it";
  }
  return "";
}

std::optional<net::AddressBytes> bytes_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, address, sizeof ipv4);
    Ipv4 bytes{};
    std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
    return mapped(bytes);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, address, sizeof ipv6);
  net::AddressBytes bytes{};
  std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
  return bytes;
}

}  // namespace

std::string why_refused(const DestinationPolicy& policy, const net::AddressBytes& address, std::uint16_t port,
                        bool from_file) {
  std::string why = why_one_refused(policy, address, port, from_file);
  for (const net::AddressBytes& inner : within(address, address_text(address))) {
    if (why.empty()) why = why_one_refused(policy, inner, port, from_file);
  }
  return why;
}

std::string why_refused(const DestinationPolicy& policy, const sockaddr* address, bool from_file) {
  const auto bytes = bytes_of(address);
  if (!bytes) return "it is no internet address";
  // The port stands at the same place in both.
  sockaddr_in ipv4{};
  std::memcpy(&ipv4, address, sizeof ipv4);
  return why_refused(policy, *bytes, ntohs(ipv4.sin_port), from_file);
}

std::vector<net::AddressBytes> addresses_of_this_machine() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  std::vector<net::AddressBytes> addresses;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    if (const auto bytes = bytes_of(one->ifa_addr)) addresses.push_back(*bytes);
  }
  return addresses;
}

}  // namespace hostwatch::delivery
