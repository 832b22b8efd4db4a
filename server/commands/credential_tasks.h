#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// The commands `token` and `user`: they change the file of credentials, whether a server runs or not. Prints
/// what came of it; returns the program's status.
int run_credential_task(const Options& options);

}  // namespace hostwatch::server
