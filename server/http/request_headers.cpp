#include "server/http/request_headers.h"

#include <algorithm>

namespace hostwatch::http {
namespace {

char lower_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower_letter(x) == lower_letter(y);
         });
}

}  // namespace

const std::string& header_value(const Request& request, std::string_view name) {
  static const std::string kNone;
  for (const auto& [known, value] : request.headers) {
    if (is_same_name(known, name)) return value;
  }
  return kNone;
}

}  // namespace hostwatch::http
