#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/http/latest_refusals.h"

namespace hostwatch::http {

/// The answer to GET /refusals: docs/api.md. `now`: Unix seconds. Pure.
std::string refusals_json(const std::vector<RefusedPost>& posts, std::int64_t now);

}  // namespace hostwatch::http
