#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/alerts/engine/alert_snapshot.h"
#include "server/api/readings/post_refusals.h"
#include "server/delivery/delivery_service.h"
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
  alerts::SharedSnapshot alarms;                             ///< null: nothing is told of them
  std::map<std::string, delivery::ChannelFigures> channels;  ///< that alarms are told to
};

/// The figures in the text exposition format of Prometheus, by prometheus-cpp: of each metric
/// (`hostwatch_server_…`, `hostwatch_alarm`) what is said about it and its values.
std::map<std::string, std::string> server_families(const ServerFigures& figures);

}  // namespace hostwatch::api
