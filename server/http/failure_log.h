#pragma once

#include <spdlog/spdlog.h>

#include <exception>

namespace hostwatch::http {

/// Logs an error, or nothing: where there is no memory there may be none for the log either.
inline void log_failure(const char* what, const std::exception& error) noexcept {
  try {
    spdlog::error("{}: {}", what, error.what());
  } catch (...) {  // NOLINT(bugprone-empty-catch): nothing is left that could be done
  }
}

}  // namespace hostwatch::http
