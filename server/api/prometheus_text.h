#pragma once

#include <cstdint>

#include "server/api/answer_text.h"
#include "server/api/hosts/host_json.h"
#include "server/api/readings/post_refusals.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// The server's own figures for GET /metrics.
struct ServerFigures {
  std::int64_t now = 0;
  double uptime_seconds = 0;
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t decoding_bytes = 0;
  PostRefusals::Counts posts_refused{};
  ingest::IngestStatistics ingest;
  storage::StoreStatistics store;
  ingest::AgentsByHost agents;
};

/// The text exposition format of Prometheus (version 0.0.4), by prometheus-cpp: `hostwatch_host_up` for every
/// host, the latest reading of each that is up (`hostwatch_<metric>{hostname=…}` and the catalogue's instance
/// label), what is known of the hosts' agents (`hostwatch_host_clock_skew_seconds`,
/// `hostwatch_host_name_conflict` while it lasts), and the server's figures (`hostwatch_server_…`). Passes
/// `promtool check metrics`. A metric's lines have to stand together: they are gathered metric by metric,
/// which the budget's bytes count. Throws query::HistoryTooLarge and query::AnswerUnwanted as
/// AnswerText::go_on() does.
void format_exposition(const EachHost& each_host, const ServerFigures& figures, AnswerText& text);

}  // namespace hostwatch::api
