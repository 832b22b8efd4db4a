#pragma once

#include <string>
#include <string_view>

namespace hostwatch::util {

/// Appends `text` as a JSON string literal (RFC 8259); bytes that are not valid UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest text that reads back as the same double; `null` for what is not finite, which JSON
/// has no number for.
void append_json_number(std::string& out, double value);

}  // namespace hostwatch::util
