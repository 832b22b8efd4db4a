#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/api/access_api.h"
#include "server/api/assets.h"
#include "server/api/call.h"
#include "server/api/gate.h"
#include "server/api/health_json.h"
#include "server/api/post_refusals.h"
#include "server/api/query_parameters.h"
#include "server/api/readings_intake.h"
#include "server/auth/access_control.h"
#include "server/http/compress.h"
#include "server/http/http_server.h"
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

/// What the API stands on. All must outlive it.
struct ApiParts {
  storage::Store& store;
  ingest::IngestQueue& ingest;
  ingest::AgentRegistry& agents;
  auth::AccessControl& access;
  http::WorkPool& decoders;             ///< for large bodies of readings
  http::WorkPool& work;                 ///< for queries of history
  http::WorkPool& passwords;            ///< for hashing them: one thread
  http::WorkPool& overviews;            ///< for what gathers every host: one thread, for it takes memory
  http::WorkPool& credentials;          ///< for tokens, enrolment, signing out: they wait for no query
  std::function<std::int64_t()> clock;  ///< Unix seconds
  std::function<const http::HttpServer*()> http;  ///< for its figures; may give null
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
  std::optional<http::Response> handle(const http::Request& request, const http::Responder& responder) const;

  /// The head check for an HttpServer: who may not send the request at all is told so before its body is
  /// taken, and only readings may be large.
  http::HeadVerdict check_head(const http::Request& head, const http::Peer& peer) const;

  /// For an HttpServer to tell of what it refuses itself: what was posted is counted as other refusals are.
  void note_refused(const http::Request& head, const http::Peer& peer, const http::Response& refusal) const;

  /// Every address and method that is answered.
  std::vector<RouteInfo> routes() const;

  /// Readings that are not handed to the writer yet are turned away from now on: the server ends.
  void stop_taking() { intake_->stop(); }

 private:
  using Handler = std::function<std::optional<http::Response>(const Call&)>;
  struct Route {
    Access access;
    Handler handler;
  };
  using Methods = std::map<std::string, Route, std::less<>>;

  std::variant<const Route*, http::Response> find_route(const http::Request& request) const;
  std::variant<const Route*, http::Response> find_route_and_note(const http::Request& request,
                                                                 const http::Peer& peer) const;
  std::variant<Visitor, http::Response> admit_and_note(const http::Request& request, const http::Peer& peer,
                                                       Access wanted) const;
  void note(const http::Request& request, const http::Peer& peer, const http::Response& refusal,
            PostRefusals::Log log = PostRefusals::Log::tell) const;
  std::optional<http::Response> refusals(const Call& call) const;
  std::optional<http::Response> root(const Call& call) const;
  std::optional<http::Response> dashboard(const Call& call) const;
  std::optional<http::Response> asset(const Call& call) const;
  std::optional<http::Response> health(const Call& call) const;
  std::optional<http::Response> catalogue(const Call& call) const;
  std::optional<http::Response> hosts(const Call& call) const;
  std::optional<http::Response> data(const Call& call) const;
  std::optional<http::Response> fleet(const Call& call) const;
  std::optional<http::Response> exposition(const Call& call) const;
  std::optional<http::Response> post_readings(const Call& call) const;
  std::optional<http::Response> forget_host(const Call& call) const;
  std::optional<http::Response> clean_host(const Call& call) const;
  std::optional<http::Response> allow_host(const Call& call) const;
  std::optional<http::Response> take_back_host(const Call& call) const;
  std::optional<http::Response> change_host(const Call& call, const std::string& host,
                                            std::function<http::Response(storage::Store&)> change) const;
  void write_data(const DataQuery& query, AnswerText& text, http::Response& response) const;

  ApiParts parts_;
  Gate gate_;
  AccessApi access_api_;
  mutable PostRefusals refusals_;
  std::unique_ptr<ReadingsIntake> intake_;
  std::unique_ptr<DatabaseFigures> database_;
  Assets assets_;
  http::FixedText catalogue_;
  std::map<std::string, Methods, std::less<>> routes_;
  std::int64_t started_;
};

}  // namespace hostwatch::api
