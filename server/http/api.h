#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/auth/access_control.h"
#include "server/http/access_api.h"
#include "server/http/assets.h"
#include "server/http/call.h"
#include "server/http/compress.h"
#include "server/http/gate.h"
#include "server/http/health_json.h"
#include "server/http/http_server.h"
#include "server/http/post_refusals.h"
#include "server/http/query_parameters.h"
#include "server/http/readings_intake.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/query/history.h"
#include "server/storage/store.h"

namespace hostwatch::http {

// How many threads the pools of an API have, what may wait for them, and what of that may be of one client: a
// page holds six connections, and several people may come from one address.
inline constexpr WorkPool::Limits kDecoders{
    .threads = 3, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 2};
inline constexpr WorkPool::Limits kQueries{
    .threads = 4, .max_waiting = 256, .max_waiting_of_one = 64, .max_running_of_one = 3};
inline constexpr WorkPool::Limits kOverviews{
    .threads = 1, .max_waiting = 64, .max_waiting_of_one = 16, .max_running_of_one = 1};
inline constexpr WorkPool::Limits kCredentials{
    .threads = 1, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 1};

/// What the API stands on. All must outlive it.
struct ApiParts {
  storage::Store& store;
  ingest::IngestQueue& ingest;
  ingest::AgentRegistry& agents;
  auth::AccessControl& access;
  WorkPool& decoders;                       ///< for large bodies of readings
  WorkPool& work;                           ///< for queries of history
  WorkPool& passwords;                      ///< for hashing them: one thread
  WorkPool& overviews;                      ///< for what gathers every host: one thread, for it takes memory
  WorkPool& credentials;                    ///< for tokens, enrolment, signing out: they wait for no query
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

  /// The head check for an HttpServer: who may not send the request at all is told so before its body is
  /// taken, and only readings may be large.
  HeadVerdict check_head(const Request& head, const Peer& peer) const;

  /// For an HttpServer to tell of what it refuses itself: what was posted is counted as other refusals are.
  void note_refused(const Request& head, const Peer& peer, const Response& refusal) const;

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

  std::variant<const Route*, Response> find_route(const Request& request) const;
  std::variant<const Route*, Response> find_route_and_note(const Request& request, const Peer& peer) const;
  std::variant<Visitor, Response> admit_and_note(const Request& request, const Peer& peer,
                                                 Access wanted) const;
  void note(const Request& request, const Peer& peer, const Response& refusal,
            PostRefusals::Log log = PostRefusals::Log::tell) const;
  std::optional<Response> refusals(const Call& call) const;
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
  std::optional<Response> take_back_host(const Call& call) const;
  std::optional<Response> change_host(const Call& call, const std::string& host,
                                      std::function<Response(storage::Store&)> change) const;
  void write_data(const DataQuery& query, AnswerText& text, Response& response) const;

  ApiParts parts_;
  Gate gate_;
  AccessApi access_api_;
  mutable PostRefusals refusals_;
  std::unique_ptr<ReadingsIntake> intake_;
  std::unique_ptr<DatabaseFigures> database_;
  Assets assets_;
  FixedText catalogue_;
  std::map<std::string, Methods, std::less<>> routes_;
  std::int64_t started_;
};

}  // namespace hostwatch::http
