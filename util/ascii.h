#pragma once

namespace hostwatch::util {

/// Of an ASCII letter its small one; of all else itself, whatever the locale: names in HTTP are ASCII and
/// compared without regard to case (RFC 9110, section 5.1).
constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace hostwatch::util
