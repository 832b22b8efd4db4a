#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hostwatch::storage {

/// Which readings to export.
struct ExportRequest {
  std::vector<std::string> hostnames;  ///< none: every host
  std::int64_t from = 0;               ///< Unix seconds, inclusive
  std::int64_t to = INT64_MAX;         ///< inclusive
};

}  // namespace hostwatch::storage
