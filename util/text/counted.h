#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hostwatch::util {

/// "1 token", "2 tokens".
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace hostwatch::util
