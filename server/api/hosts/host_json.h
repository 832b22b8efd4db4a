#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/api/answer_text.h"
#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// How much of each host a GET /hosts asks for: who lists thousands of them needs little of each.
struct HostsQuery {
  std::optional<std::vector<std::string>> metrics;  ///< of the latest readings these alone; none: all
  std::optional<std::vector<std::string>> facts;    ///< these alone ("agents" is one of them); none: all
  std::vector<std::string> whole;                   ///< hosts of which all is told nevertheless
};

/// Calls a visitor with each host that is to be answered, one after the other: as
/// storage::Store::visit_hosts().
using EachHost = std::function<void(const storage::HostVisitor&)>;

/// Those of a store, which must outlive it.
inline EachHost hosts_of(const storage::Store& store) {
  return [&store](const storage::HostVisitor& visit) { store.visit_hosts(visit); };
}

/// GET /hosts: {"now", "hosts": [{"hostname", "status", "first_seen", "last_seen", "interval", "backfilled",
/// "agents", "conflict", "clock_skew", "latest", "facts"}, …], "count"}. Throws query::HistoryTooLarge and
/// query::AnswerUnwanted as AnswerText::go_on() does.
void format_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                  const HostsQuery& query, AnswerText& text);

/// GET /catalogue: {"version", "timeframes", "default_timeframe", "metrics"}: what the page draws by.
std::string catalogue_json();

}  // namespace hostwatch::api
