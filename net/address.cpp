#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace hostwatch::net {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "::1%eth0" -> "::1"; as it is if there is no zone, or none that an interface could have for its name.
std::string_view without_zone(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent == std::string_view::npos || text.find(':') > percent) return text;
  const std::string_view zone = text.substr(percent + 1);
  const bool is_name = !zone.empty() && std::all_of(zone.begin(), zone.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '%';
  });
  return is_name ? text.substr(0, percent) : text;
}

/// Every request asks for it: inet_ntop(3) takes thirty times as long for an IPv4 address, by sprintf(3).
std::string written_ipv4(const AddressBytes& bytes) {
  std::string text;
  std::array<char, 3> digits{};
  for (std::size_t i = 12; i < bytes.size(); ++i) {
    if (i > 12) text += '.';
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), bytes.at(i)).ptr);
  }
  return text;
}

std::string written(const AddressBytes& bytes) {
  if (is_ipv4(bytes)) return written_ipv4(bytes);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

/// The network of so many bytes that an IPv6 address is in: "2001:db8::/64".
std::string beginning_of(const std::string& address, std::size_t count) {
  if (address.find(':') == std::string::npos) return address;  // inet_pton(3) takes one form of IPv4 alone
  auto bytes = parse_address(address);
  if (!bytes) return address;
  if (is_ipv4(*bytes)) return written(*bytes);
  std::fill(bytes->begin() + static_cast<std::ptrdiff_t>(count), bytes->end(), 0);
  return written(*bytes) + "/" + std::to_string(8 * count);
}

}  // namespace

std::string_view without_brackets(std::string_view text) {
  const bool has_both = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  return has_both && text.find(':') != std::string_view::npos ? text.substr(1, text.size() - 2) : text;
}

std::optional<AddressBytes> parse_address(std::string_view text) {
  const std::string alone(without_zone(text));
  if (alone.find('\0') != std::string::npos) return std::nullopt;
  AddressBytes bytes{};
  if (::inet_pton(AF_INET, alone.c_str(), bytes.data() + 12) == 1) {
    bytes[10] = bytes[11] = 0xFF;
    return bytes;
  }
  if (::inet_pton(AF_INET6, alone.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool is_ipv4(const AddressBytes& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char byte) { return byte == 0; }) &&
         bytes[10] == 0xFF && bytes[11] == 0xFF;
}

std::optional<std::string> canonical_address(std::string_view text) {
  const auto bytes = parse_address(text);
  return bytes ? std::optional(written(*bytes)) : std::nullopt;
}

std::optional<std::string> forwarded_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || text.find(':') > end) return std::nullopt;  // "[192.0.2.1]"
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    return canonical_address(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  // More colons than one: an IPv6 address, which has its port behind brackets alone.
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return canonical_address(text);
}

std::string network_of(const std::string& address) {
  return beginning_of(address, 8);
}

std::string site_of(const std::string& address) {
  return beginning_of(address, 6);
}

std::string provider_of(const std::string& address) {
  return beginning_of(address, 4);
}

}  // namespace hostwatch::net
