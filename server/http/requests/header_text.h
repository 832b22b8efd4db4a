#pragma once

#include <algorithm>
#include <string_view>

#include "util/text/ascii.h"

namespace hostwatch::http {

/// As names of headers, codings and the like are compared (RFC 9110, 5.1 and 8.4.1).
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return util::lower_case(x) == util::lower_case(y);
         });
}

/// Without the blanks around it that headers may have (OWS in RFC 9110, 5.6.3).
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace hostwatch::http
