#pragma once

#include <string>

#include "server/query/fleet.h"

namespace hostwatch::http {

/// GET /fleet: {"metric", "combine", "step", "from", "to", "hosts", "timestamps", "count", "minimum",
/// "median", "p95", "maximum", "top": [{"hostname", "average", "maximum"}, …]}: the arrays are parallel to
/// `timestamps`. Pure.
std::string format_fleet(const query::Fleet& fleet, const query::FleetRequest& request);

}  // namespace hostwatch::http
