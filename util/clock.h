#pragma once

#include <chrono>
#include <cstdint>

namespace hostwatch::util {

/// Seconds since 1970 by the system's clock. Thread-safe.
inline std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace hostwatch::util
