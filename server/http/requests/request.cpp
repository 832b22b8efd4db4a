#include "server/http/requests/request.h"

#include <algorithm>

#include "server/http/requests/header_text.h"
#include "util/text/ascii.h"

namespace hostwatch::http {
bool LessIgnoringCase::operator()(std::string_view a, std::string_view b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return static_cast<unsigned char>(util::lower_case(x)) < static_cast<unsigned char>(util::lower_case(y));
  });
}

bool Request::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return equals_ignoring_case(header.first, name); });
}

const std::string& Request::get_header_value(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [known, value] : headers) {
    if (equals_ignoring_case(known, name)) return value;
  }
  return kNone;
}

std::size_t Request::get_header_value_count(std::string_view name) const {
  return headers.count(name);
}

std::string_view Request::path_as_sent() const {
  return std::string_view(target).substr(0, target.find_first_of("?#"));
}

}  // namespace hostwatch::http
