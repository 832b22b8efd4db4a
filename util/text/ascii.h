#pragma once

#include <algorithm>
#include <string>

namespace hostwatch::util {

/// Of an ASCII letter its small one; of all else itself, whatever the locale: names in HTTP are ASCII and
/// compared without regard to case (RFC 9110, section 5.1).
constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// lower_case() of each character.
inline std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), lower_case);
  return text;
}

}  // namespace hostwatch::util
