#pragma once

#include <cstdint>
#include <string_view>

namespace hostwatch::util {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of the bytes; `before`: of what came before them, so that
/// pieces can be checked one after the other. Here and not from a library because Debian has none for C++.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace hostwatch::util
