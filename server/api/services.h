#pragma once

#include <cstdint>
#include <functional>

#include "server/alerts/engine/alert_engine.h"
#include "server/api/readings/readings_intake.h"
#include "server/auth/access_control.h"
#include "server/delivery/alert_channels.h"
#include "server/delivery/delivery_service.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// The pools of threads for what must not keep those of the HTTP server.
struct WorkPools {
  http::WorkPool& decoders;     ///< for large bodies of readings; stopped before the ingest queue
  http::WorkPool& queries;      ///< of history
  http::WorkPool& overviews;    ///< for what gathers every host: one thread, for it takes memory
  http::WorkPool& credentials;  ///< for tokens, enrolment, signing out: they wait for no query
  http::WorkPool& passwords;  ///< for hashing them: one thread, so that it takes one core and 32 MiB at most
};

/// What the HTTP server counts.
struct HttpFigures {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t requests = 0;     ///< since the start
};

/// Alarms: what makes them, and who is told.
struct AlertServices {
  alerts::AlertEngine& engine;  ///< its commands run on the writing thread
  delivery::AlertChannels& channels;
  delivery::DeliveryService& deliveries;
};

/// What the API stands on. All must outlive it.
struct Services {
  storage::Store& store;
  ingest::IngestQueue& ingest;
  ingest::AgentRegistry& agents;
  auth::AccessControl& access;
  WorkPools workers;
  std::function<std::int64_t()> clock;  ///< Unix seconds
  std::function<HttpFigures()> http_figures;
  query::HistoryLimits limits;
  IntakeLimits intake;
  AlertServices alerts;
};

}  // namespace hostwatch::api
