#include "net/address_range.h"

#include <charconv>
#include <cstring>

namespace hostwatch::net {
namespace {

bool begin_alike(const AddressBytes& a, const AddressBytes& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a.at(whole) >> (8 - rest)) == (b.at(whole) >> (8 - rest));
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  const std::size_t slash = text.find('/');
  const std::string_view address = without_brackets(text.substr(0, slash));
  const auto bytes = parse_address(address);
  if (!bytes || address.find('%') != std::string_view::npos) return std::nullopt;
  range.address_ = *bytes;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    // As it is written: "::ffff:10.0.0.0/104" is 10.0.0.0/8.
    const unsigned most = address.find(':') == std::string_view::npos ? 32 : 128;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return std::nullopt;
    range.bits_ = bits + (128 - most);
  }
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto bytes = parse_address(address);
  return bytes && begin_alike(*bytes, address_, bits_);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  return AddressRange::parse("127.0.0.0/8")->contains(host) || AddressRange::parse("::1")->contains(host);
}

}  // namespace hostwatch::net
