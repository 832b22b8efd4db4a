#pragma once

#include <cstdint>
#include <functional>

#include "server/api/readings_intake.h"
#include "server/auth/access_control.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::api {

// How many threads the pools of an API have, what may wait for them, and what of that may be of one client: a
// page holds six connections, and several people may come from one address.
inline constexpr http::WorkPool::Limits kDecoders{
    .threads = 3, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 2};
inline constexpr http::WorkPool::Limits kQueries{
    .threads = 4, .max_waiting = 256, .max_waiting_of_one = 64, .max_running_of_one = 3};
inline constexpr http::WorkPool::Limits kOverviews{
    .threads = 1, .max_waiting = 64, .max_waiting_of_one = 16, .max_running_of_one = 1};
inline constexpr http::WorkPool::Limits kCredentials{
    .threads = 1, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 1};

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
};

}  // namespace hostwatch::api
