#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::http {

/// GET /hosts: {"now", "count", "hosts": [{"hostname", "status", "first_seen", "last_seen", "interval",
/// "backfilled", "agents", "conflict", "clock_skew", "latest", "facts"}, …]}.
std::string hosts_json(const std::vector<storage::HostState>& hosts, const ingest::AgentsByHost& agents,
                       std::int64_t now);

/// GET /catalogue: {"version", "timeframes", "default_timeframe", "metrics"}: what the page draws by.
std::string catalogue_json();

}  // namespace hostwatch::http
