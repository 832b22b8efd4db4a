#pragma once

#include <optional>
#include <string_view>

namespace hostwatch::util {

/// Takes a number off the front of `text`, by the grammar of RFC 8259 (section 6) alone: no leading zeros or
/// plus sign, digits on both sides of a point, no names. The value is the double next to what is written,
/// as of std::from_chars; nothing, and `text` as it was, where no number stands there, or one that is beyond
/// a double's range (too large, or so small that none but 0 is next to it). Pure.
std::optional<double> take_json_number(std::string_view& text);

}  // namespace hostwatch::util
