#pragma once

#include <httplib.h>

#include <string_view>

namespace hostwatch::http {

/// The parameters of a request's target as it was sent ("/data?tag=role=db"): names and values
/// percent-decoded, a plus sign for a blank. The first equals sign of each ends its name, so that values may
/// hold some, which libraries before cpp-httplib 0.14 do not see so: they take what follows the last one. Of
/// equal parameters all are kept. Pure.
httplib::Params query_parameters(std::string_view target);

}  // namespace hostwatch::http
