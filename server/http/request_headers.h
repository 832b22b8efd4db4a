#pragma once

#include <string>
#include <string_view>

#include "server/http/request.h"

namespace hostwatch::http {

/// See Request::get_header_value().
inline const std::string& header_value(const Request& request, std::string_view name) {
  return request.get_header_value(name);
}

}  // namespace hostwatch::http
