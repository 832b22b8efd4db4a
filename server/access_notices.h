#pragma once

#include <cstdint>

#include "server/auth/access_control.h"
#include "server/options/options.h"

namespace hostwatch::server {

/// Logs at the start who has access, and what of that is dangerous: --insecure, passwords that travel
/// unencrypted, tokens that were made while nobody was asked for credentials. `now`: Unix seconds.
void log_access(const Options& options, auth::AccessControl& access, std::int64_t now);

}  // namespace hostwatch::server
