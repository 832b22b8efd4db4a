#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/api/readings/latest_refusals.h"

namespace hostwatch::api {

/// The answer to GET /refusals: docs/api.md. `now`: Unix seconds. Pure.
std::string refusals_json(const std::vector<RefusedPost>& posts, std::int64_t now);

}  // namespace hostwatch::api
