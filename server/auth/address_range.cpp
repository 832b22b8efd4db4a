#include "server/auth/address_range.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace hostwatch::auth {
namespace {

using Bytes = std::array<unsigned char, 16>;

/// IPv4 addresses as the IPv6 ones that stand for them (RFC 4291, 2.5.5.2).
std::optional<Bytes> bytes_of(const std::string& text, bool& is_ipv4) {
  Bytes bytes{};
  is_ipv4 = ::inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1;
  if (is_ipv4) {
    bytes[10] = bytes[11] = 0xFF;
    return bytes;
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool begin_alike(const Bytes& a, const Bytes& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a.at(whole) >> (8 - rest)) == (b.at(whole) >> (8 - rest));
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  const std::size_t slash = text.find('/');
  bool is_ipv4 = false;
  const auto bytes = bytes_of(std::string(text.substr(0, slash)), is_ipv4);
  if (!bytes) return std::nullopt;
  range.address_ = *bytes;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const unsigned most = is_ipv4 ? 32 : 128;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return std::nullopt;
    range.bits_ = bits + (128 - most);
  }
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  bool is_ipv4 = false;
  const auto bytes = bytes_of(std::string(address), is_ipv4);
  return bytes && begin_alike(*bytes, address_, bits_);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  return AddressRange::parse("127.0.0.0/8")->contains(host) || AddressRange::parse("::1")->contains(host);
}

}  // namespace hostwatch::auth
