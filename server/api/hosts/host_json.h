#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/api/answer_text.h"
#include "server/api/hosts/host_entry.h"
#include "server/api/hosts/told_hosts.h"
#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// Calls a visitor with each host that is to be answered, one after the other: as
/// storage::Store::visit_hosts().
using EachHost = std::function<void(const storage::HostVisitor&)>;

/// Those of a store, which must outlive it.
inline EachHost hosts_of(const storage::Store& store) {
  return [&store](const storage::HostVisitor& visit) { store.visit_hosts(visit); };
}

/// GET /hosts: {"now", "hosts": [{"hostname", "status", "first_seen", "last_seen", "interval", "backfilled",
/// "alarms", "agents", "conflict", "clock_skew", "latest", "facts"}, …], "count"}. Throws
/// query::HistoryTooLarge and query::AnswerUnwanted as AnswerText::go_on() does.
void format_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                  const HostsQuery& query, AnswerText& text, const alerts::SharedSnapshot& alarms = nullptr);

/// GET /hosts?since=…: what changed since the answer of query.since, as `told` knows: {"now", "since",
/// "complete", "hosts": as above, "values": [{"metrics", "rows"}, …], "deleted": [names], "count"}. Where
/// `told` does not know that answer, everything, and `complete` is true. Throws as format_hosts().
void format_changed_hosts(const EachHost& each_host, const ingest::AgentsByHost& agents, std::int64_t now,
                          const HostsQuery& query, ToldHosts& told, AnswerText& text,
                          const alerts::SharedSnapshot& alarms = nullptr);

/// What those who share a ToldHosts have to ask alike: all of the query but the hosts of which all is told,
/// which are told each time.
std::string question_of(const HostsQuery& query);

/// GET /catalogue: {"version", "timeframes", "default_timeframe", "metrics"}: what the page draws by.
std::string catalogue_json();

}  // namespace hostwatch::api
