#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// What holds readings, names or secrets is for this user alone, and so is where it is kept. Throws
/// std::runtime_error for a file or folder that others could change; files of keys and tokens that others can
/// read are logged.
void check_files(const Options& options);

}  // namespace hostwatch::server
