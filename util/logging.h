#pragma once

#include <string>
#include <vector>

namespace hostwatch::util {

/// What an option may name as the least severe level that is logged.
inline const std::vector<std::string>& log_levels() {
  static const std::vector<std::string> levels{"trace", "debug",    "info", "warning",
                                               "error", "critical", "off"};
  return levels;
}

/// Makes the program log to standard error from now on: a line each, with the time and the level before it.
/// `level`: of log_levels(); lines below it are left out. `notices`:
/// warnings that had to wait for the log. To be called before any thread starts.
void start_log(const std::string& program, const std::string& level, const std::vector<std::string>& notices);

}  // namespace hostwatch::util
