#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"

namespace hostwatch::net {

/// An address (RFC 4291), or all that begin with the same bits: "10.0.0.0/8", "::1". An IPv4 address and the
/// IPv6 one that stands for it ("::ffff:10.0.0.1") are the same.
class AddressRange {
 public:
  /// Nothing for what is none.
  static std::optional<AddressRange> parse(std::string_view text);

  bool contains(std::string_view address) const;

 private:
  AddressBytes address_{};
  unsigned bits_ = 128;
};

/// Whether only this machine reaches it: "127.0.0.1" and its like, "::1", "localhost".
bool is_loopback(const std::string& host);

}  // namespace hostwatch::net
