#pragma once

#include <string>
#include <string_view>

namespace hostwatch::util {

/// The bytes that a part of an address stands for (RFC 3986, 2.1): each `%` that two hexadecimal digits
/// follow becomes one byte, anything else stays as it is, a plus sign too. Decodes once: "%2541" is "%41".
/// Pure.
std::string percent_decoded(std::string_view text);

/// The same of a part of a query, in which a plus sign is a blank (application/x-www-form-urlencoded).
std::string form_decoded(std::string_view text);

}  // namespace hostwatch::util
