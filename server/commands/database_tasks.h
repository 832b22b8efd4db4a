#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// Does what a task of the database (check, backup, restore, export, import) asks for and says what came of
/// it: one line to standard output, or what is wrong to standard error. The exit status, 0 or 1.
int run_database_task(const Options& options);

}  // namespace hostwatch::server
