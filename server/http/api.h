#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/auth/access_control.h"
#include "server/http/access_api.h"
#include "server/http/assets.h"
#include "server/http/call.h"
#include "server/http/gate.h"
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
  auth::AccessControl& access;
  WorkPool& decoders;                       ///< for large bodies of readings
  WorkPool& work;                           ///< for what reads the disk
  WorkPool& passwords;                      ///< for hashing them: one thread
  WorkPool& overviews;                      ///< for what gathers every host: one thread, for it takes memory
  std::function<std::int64_t()> clock;      ///< Unix seconds
  std::function<const HttpServer*()> http;  ///< for its figures; may give null
  query::HistoryLimits limits;
  IntakeLimits intake;
};

/// An address that is answered, as the table of what is tested has to name it.
struct RouteInfo {
  std::string method;
  std::string pattern;  ///< a star stands for a name
  Access access;
};

/// The HTTP contract: which address and method is answered by what. Thread-safe after construction.
class Api {
 public:
  explicit Api(ApiParts parts);
  Api(const Api&) = delete;  // its routes lead to itself
  Api& operator=(const Api&) = delete;

  /// The handler for an HttpServer.
  std::optional<Response> handle(const Request& request, const Responder& responder) const;

  /// Every address and method that is answered.
  std::vector<RouteInfo> routes() const;

  /// Readings that are not handed to the writer yet are turned away from now on: the server ends.
  void stop_taking() { intake_->stop(); }

 private:
  using Handler = std::function<std::optional<Response>(const Call&)>;
  struct Route {
    Access access;
    Handler handler;
  };
  using Methods = std::map<std::string, Route, std::less<>>;

  std::optional<Response> root(const Call& call) const;
  std::optional<Response> dashboard(const Call& call) const;
  std::optional<Response> asset(const Call& call) const;
  std::optional<Response> health(const Call& call) const;
  std::optional<Response> catalogue(const Call& call) const;
  std::optional<Response> hosts(const Call& call) const;
  std::optional<Response> data(const Call& call) const;
  std::optional<Response> fleet(const Call& call) const;
  std::optional<Response> exposition(const Call& call) const;
  std::optional<Response> post_readings(const Call& call) const;
  std::optional<Response> forget_host(const Call& call) const;
  std::optional<Response> clean_host(const Call& call) const;
  std::optional<Response> allow_host(const Call& call) const;
  std::optional<Response> change_host(const Call& call,
                                      std::function<Response(storage::Store&)> change) const;

  ApiParts parts_;
  Gate gate_;
  AccessApi access_api_;
  std::unique_ptr<ReadingsIntake> intake_;
  std::unique_ptr<DatabaseFigures> database_;
  Assets assets_;
  std::map<std::string, Methods, std::less<>> routes_;
  std::int64_t started_;
};

}  // namespace hostwatch::http
