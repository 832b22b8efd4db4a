#pragma once

#include <string>

namespace hostwatch::server {

/// Asks the server at that address for its health, for container health checks; prints the answer to standard
/// output or what went wrong to standard error. Returns 0 if it is well, else 1. Takes at most a few seconds.
int check_health(const std::string& listen, int port, bool encrypted);

}  // namespace hostwatch::server
