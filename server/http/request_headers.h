#pragma once

#include <string>
#include <string_view>

#include "server/http/http_server.h"

namespace hostwatch::http {

/// The value of that header, whose name is compared without case (RFC 9110, 5.1); empty if there is none. Of
/// several lines, which the framer leaves of none that is asked for, the one that the library would give.
/// Each request is asked for twenty of them, most of which it does not have: a look at the lengths of its
/// names is a third of what the library's search by its ordering costs. Valid as long as the request is.
const std::string& header_value(const Request& request, std::string_view name);

}  // namespace hostwatch::http
