#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// Does what Task::check, Task::backup and Task::restore ask for and says what came of it: one line to
/// standard output, or what is wrong to standard error. The exit status, 0 or 1.
int run_database_task(const Options& options);

}  // namespace hostwatch::server
