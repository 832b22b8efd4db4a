#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/alerting.h"
#include "server/api/api.h"
#include "server/auth/access_control.h"
#include "server/auth/credential_store.h"
#include "server/http/http_server.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/options/options.h"
#include "server/storage/store.h"
#include "server/workers.h"

namespace hostwatch::server {

/// What a Server is made by.
struct ServerSettings {
  std::string credentials;      ///< the file of tokens and users; made if it is not there
  std::string enrollment_file;  ///< holds a token for new agents, made if need be; empty: there is none
  auth::AccessSettings access;
  http::HttpServerOptions listening;
  ingest::IngestOptions ingest;
  AlertingSettings alerting;
  api::IntakeLimits intake;
  std::function<void(const ingest::AgentNotice&)> agent_notices;
  std::chrono::milliseconds patience{3000};  ///< for answers under way when the server stops
};

/// What the command line says. Notices of agents go to the log. Throws std::invalid_argument if options
/// contradict each other.
ServerSettings server_settings(const Options& options);

/// The parts of a running server, in the order in which they stand on each other.
class Server {
 public:
  /// Opens the credentials and starts the threads that work; nothing listens yet. `store` must outlive it.
  /// `clock`: Unix seconds; called from any thread. Throws std::runtime_error saying what to do.
  Server(ServerSettings settings, storage::Store& store, const std::function<std::int64_t()>& clock);

  /// As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens from now on. Throws std::runtime_error saying what to do (address in use, not ours, ...).
  void start() { http_.start(); }

  /// The port in use, after start().
  int port() const { return http_.port(); }

  /// As http::HttpServer::reload_tls().
  void reload_tls() { http_.reload_tls(); }

  /// Reads the files of rules again, all or nothing. Throws std::runtime_error with all faults; then the
  /// rules stay as they are.
  void reload_rules();
  bool has_rule_files() const { return alerting_.has_rule_files(); }

  /// Writes down when credentials were last used; what cannot be written is logged and kept for another time.
  void save_credential_uses();

  /// From the edge inwards: no new requests, then all that was taken on is stored and answered. Waits for
  /// that.
  void stop();

  auth::AccessControl& access() { return access_; }
  auth::CredentialStore& credentials() { return credentials_; }
  api::WorkPools workers() { return workers_.pools(); }
  std::vector<api::RouteInfo> routes() const { return api_.routes(); }
  Alerting& alerting() { return alerting_; }

 private:
  std::function<std::int64_t()> clock_;
  std::chrono::milliseconds patience_;
  auth::CredentialStore credentials_;
  auth::AccessControl access_;
  ingest::AgentRegistry agents_;
  Alerting alerting_;
  ingest::IngestQueue ingest_;
  Workers workers_;
  api::Api api_;
  http::HttpServer http_;
  bool stopped_ = false;
};

}  // namespace hostwatch::server
