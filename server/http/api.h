#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "server/http/assets.h"
#include "server/http/health_json.h"
#include "server/http/http_server.h"
#include "server/http/readings_intake.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::http {

/// What the API stands on. All must outlive it.
struct ApiParts {
  storage::Store& store;
  ingest::IngestQueue& ingest;
  ingest::AgentRegistry& agents;
  WorkPool& decoders;                       ///< for large bodies of readings
  WorkPool& work;                           ///< for what reads the disk
  WorkPool& overviews;                      ///< for what gathers every host: one thread, for it takes memory
  std::function<std::int64_t()> clock;      ///< Unix seconds
  std::function<const HttpServer*()> http;  ///< for its figures; may give null
  query::HistoryLimits limits;
  IntakeLimits intake;
};

/// The HTTP contract: which address and method is answered by what. Thread-safe after construction.
class Api {
 public:
  explicit Api(ApiParts parts);

  /// The handler for an HttpServer.
  std::optional<Response> handle(const Request& request, const Responder& responder) const;

  /// Readings that are not handed to the writer yet are turned away from now on: the server ends.
  void stop_taking() { intake_->stop(); }

 private:
  using Route = std::optional<Response> (Api::*)(const Request&, const Responder&) const;
  using Methods = std::map<std::string, Route, std::less<>>;

  std::optional<Response> root(const Request& request, const Responder& responder) const;
  std::optional<Response> dashboard(const Request& request, const Responder& responder) const;
  std::optional<Response> health(const Request& request, const Responder& responder) const;
  std::optional<Response> catalogue(const Request& request, const Responder& responder) const;
  std::optional<Response> hosts(const Request& request, const Responder& responder) const;
  std::optional<Response> data(const Request& request, const Responder& responder) const;
  std::optional<Response> exposition(const Request& request, const Responder& responder) const;
  std::optional<Response> post_readings(const Request& request, const Responder& responder) const;

  std::optional<Response> handle_host(const Request& request, const Responder& responder) const;
  std::optional<Response> handle_asset(const Request& request) const;
  /// Runs `work` on the pool and answers with what it returns, compressed if the client likes.
  static std::optional<Response> later(WorkPool& pool, const Request& request, const Responder& responder,
                                       std::function<Response()> work);

  ApiParts parts_;
  std::unique_ptr<ReadingsIntake> intake_;
  std::unique_ptr<DatabaseFigures> database_;
  Assets assets_;
  std::map<std::string, Methods, std::less<>> routes_;
  std::int64_t started_;
};

}  // namespace hostwatch::http
