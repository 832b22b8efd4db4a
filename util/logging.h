#pragma once

#include <string>
#include <vector>

namespace hostwatch::util {

/// Makes the program log to standard error from now on: a line each, with the time and the level before it.
/// `level`: trace, debug, info, warn, error, critical or off; lines below it are left out. `notices`:
/// warnings that had to wait for the log. To be called before any thread starts.
void start_log(const std::string& program, const std::string& level, const std::vector<std::string>& notices);

}  // namespace hostwatch::util
