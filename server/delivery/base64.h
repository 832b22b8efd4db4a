#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::delivery {

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);

/// The bytes again; nothing for what is not base64. Padding may be missing.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace hostwatch::delivery
