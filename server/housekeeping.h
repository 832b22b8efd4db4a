#pragma once

#include "server/credential_watch.h"
#include "server/server.h"
#include "util/stop_signals.h"

namespace hostwatch::server {

/// Returns once the program is told to stop. Until then it gives back to the system what bursts leave in the
/// allocator, looks at the credentials, writes down when they were used, and reads the certificate again on
/// SIGHUP. `has_tls`: there is one.
void keep_house_until_stopped(const util::StopSignals& signals, Server& server, CredentialWatch& watch,
                              bool has_tls);

}  // namespace hostwatch::server
