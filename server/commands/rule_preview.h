#pragma once

#include "server/options/options.h"

namespace hostwatch::server {

/// Prints how often each rule of the files would have fired on what the database holds, a line each; looks at
/// a copy of the database, so that a server may be running. The exit status. Throws StoreError.
int preview_rules(const Options& options);

}  // namespace hostwatch::server
