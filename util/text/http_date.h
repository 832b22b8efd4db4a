#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::util {

/// "Sun, 06 Nov 1994 08:49:37 GMT" as Unix seconds: the one form that may be sent today (RFC 9110, 5.6.7).
/// Nothing for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);

/// Unix seconds in that form; years 1970 to 9999.
std::string format_http_date(std::int64_t unix_seconds);

}  // namespace hostwatch::util
