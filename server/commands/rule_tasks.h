#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// Does what a command `rules` (check, preview, test, export, defaults) asks for: rules go to standard
/// output, what is odd or wrong with them to standard error, a line each. The exit status: 0, or 1 if
/// something is wrong. Starts nothing and changes nothing; a server may be running on the database.
int run_rule_task(const Options& options);

}  // namespace hostwatch::server
