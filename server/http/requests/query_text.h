#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "server/http/answers/response.h"
#include "server/http/requests/request.h"

namespace hostwatch::http {

/// The parameters of a request's target as it was sent ("/data?tag=role=db"): names and values
/// percent-decoded, a plus sign for a blank. The first equals sign of each ends its name, so that values may
/// hold some, which libraries before cpp-httplib 0.14 do not see so: they take what follows the last one. Of
/// equal parameters all are kept. Pure.
Params query_parameters(std::string_view target);

/// The parameter of a request, true or false; nothing if it is not there; 400 for anything else.
std::variant<std::optional<bool>, Response> flag_of(const Request& request, const char* name);

}  // namespace hostwatch::http
