// hostwatch-server: options in, parts built in order, run until told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <vector>

#include "server/api/api.h"
#include "server/auth/access_control.h"
#include "server/commands/credential_tasks.h"
#include "server/commands/database_tasks.h"
#include "server/commands/enrollment_file.h"
#include "server/commands/health_check.h"
#include "server/http/http_server.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/options/options.h"
#include "server/storage/sqlite/sqlite_store.h"
#include "util/counted.h"
#include "util/memory_return.h"
#include "util/private_files.h"

namespace {

using namespace hostwatch;

void save_uses(auth::CredentialStore& credentials) {
  try {
    credentials.save_uses(http::system_unix_clock());
  } catch (const std::exception& error) {  // also for want of memory: they are saved another time
    spdlog::error("{}", error.what());
  }
}

/// Blocked before any thread starts, so that only wait_for_signal() ever meets them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ,
              SIG_IGN);  // a database at its file size limit is an error of write(), answered with 503
  return signals;
}

void reload_tls(http::HttpServer& server, bool has_tls) {
  if (!has_tls) return spdlog::info("SIGHUP: there is no certificate to read again");
  try {
    server.reload_tls();
    spdlog::info("read the certificate again");
  } catch (const std::exception& error) {
    spdlog::error("{}; the certificate that was read before stays in use", error.what());
  }
}

/// What commands change is told of in the log; so is the way in again if the last user is gone.
class CredentialWatch {
 public:
  /// `address`: of the page.
  CredentialWatch(auth::AccessControl& access, std::string address)
      : access_(access), address_(std::move(address)) {
    tell_of_setup();
  }

  void look() {
    try {
      for (const std::string& change : access_.store().take_changes(http::system_unix_clock())) {
        spdlog::info("by a command: {}", change);
      }
      tell_of_setup();
    } catch (const std::exception& error) {  // also for want of memory: it is looked another time
      spdlog::error("{}", error.what());
    }
  }

 private:
  void tell_of_setup() {
    if (!access_.is_setup_needed(http::system_unix_clock())) return;
    const std::string code = access_.setup_code();
    if (code == told_) return;
    spdlog::warn("set up the first administrator at {}/dashboard#/setup/{}", address_, code);
    told_ = code;
  }

  auth::AccessControl& access_;
  std::string address_;
  std::string told_;  ///< the last code
};

/// Meanwhile gives back what bursts leave in the allocator, looks at the credentials, and writes down when
/// they were used.
void wait_for_signal(const sigset_t& stop_signals, auth::CredentialStore& credentials, CredentialWatch& watch,
                     http::HttpServer& server, bool has_tls) {
  constexpr timespec kRound{10, 0};
  constexpr std::size_t kWorthReturning = 16UL * 1024 * 1024;
  constexpr unsigned kRoundsBetweenSaves = 30;
  for (unsigned round = 1;; ++round) {
    const int signal = sigtimedwait(&stop_signals, nullptr, &kRound);
    if (signal == SIGHUP) reload_tls(server, has_tls);
    if (signal > 0 && signal != SIGHUP) return;
    util::return_free_memory(kWorthReturning);
    watch.look();
    if (round % kRoundsBetweenSaves == 0) save_uses(credentials);
  }
}

/// Where a person can open the page: not every address that is listened on can be opened.
std::string public_address(const server::Options& options, const std::string& address, int port) {
  std::string given = options.access.public_url;
  while (given.ends_with('/')) given.pop_back();
  if (!given.empty()) return given;
  if (options.listen != "0.0.0.0" && options.listen != "::") return address;
  return address.substr(0, address.find("://")) + "://localhost:" + std::to_string(port);
}

/// Said once of each: they stay good until somebody revokes them. On a full disk it is said at a later start.
void log_tokens_of_anybody(auth::CredentialStore& credentials) {
  std::vector<auth::Token> tokens;
  try {
    tokens = credentials.take_tokens_of_anybody(http::system_unix_clock());
  } catch (const auth::CredentialError& error) {
    spdlog::error("{}", error.what());
  }
  if (tokens.empty()) return;
  std::string ids;
  for (const auth::Token& token : tokens) {
    ids += (ids.empty() ? "" : ", ") + fmt::format("{} ({})", token.id, auth::name_of(token.scope));
  }
  spdlog::warn(
      "{} made while nobody was asked for credentials {} still good: {}; revoke what you do not know "
      "(hostwatch-server token list, token revoke ID)",
      util::counted(tokens.size(), "token"), tokens.size() == 1 ? "is" : "are", ids);
}

/// Says who is let in.
void log_access(const server::Options& options, auth::AccessControl& access) {
  switch (access.settings().mode) {
    case auth::AccessMode::open:
      spdlog::info("only this machine reaches the server: nobody is asked for credentials");
      break;
    case auth::AccessMode::insecure:
      spdlog::warn(
          "--insecure: anybody who reaches the server can read and change everything; who names it otherwise "
          "than by an address, localhost or this machine's name needs --allow-host NAME");
      break;
    case auth::AccessMode::required:
      if (!options.access.proxy_user_header.empty() && options.access.public_url.empty() &&
          options.access.allowed_hosts.empty()) {
        spdlog::warn(
            "--proxy-user-header: the name that people reach the proxy by is not known (--public-url)");
      }
      if (options.access.tls_key.empty() && !net::is_loopback(options.listen)) {
        spdlog::warn("without --tls-certificate and --tls-key, passwords and tokens travel unencrypted");
      }
      log_tokens_of_anybody(access.store());
  }
}

/// What holds readings, names or secrets is for this user alone, and so is where it is kept.
void look_at_files(const server::Options& options) {
  const std::string credentials = server::credentials_path(options.access, options.database);
  util::require_private_folder(options.database, "--database");
  util::require_private_folder(credentials, "--credentials");
  util::require_own_file(options.database, "--database");
  util::require_own_file(credentials, "--credentials");
  if (!options.access.enrollment_file.empty()) {
    util::require_private_folder(options.access.enrollment_file, "--enrollment-file");
    util::warn_if_readable(options.access.enrollment_file, "--enrollment-file");
  }
  util::warn_if_readable(options.access.tls_key, "--tls-key");
}

void run(const server::Options& options, const sigset_t& stop_signals) {
  look_at_files(options);
  storage::sqlite::SqliteOptions database;
  database.path = options.database;
  database.retention = options.retention;
  database.max_database_bytes = options.max_database_bytes;
  storage::sqlite::SqliteStore store(std::move(database));
  util::keep_private(options.database);
  const std::string credentials_file = server::credentials_path(options.access, options.database);
  auth::CredentialStore credentials(credentials_file);
  util::keep_private(credentials_file);
  if (!options.access.enrollment_file.empty()) {
    const auto kept =
        server::keep_enrollment_file(options.access.enrollment_file, credentials, http::system_unix_clock());
    if (kept.made) spdlog::info("made a token for new agents: {}", options.access.enrollment_file);
    if (kept.ended > 0)
      spdlog::info("revoked what this file held before: {}", util::counted(kept.ended, "token"));
  }
  auth::AccessControl access(credentials, server::access_settings(options.access, options.listen));
  ingest::IngestQueue ingest(store, {}, http::system_unix_clock);
  ingest::AgentRegistry agents([](const ingest::AgentNotice& notice) {
    spdlog::log(notice.is_warning ? spdlog::level::warn : spdlog::level::info, "{}", notice.text);
  });
  for (const storage::HostState& host : store.hosts()) agents.set_interval(host.name, host.interval);
  http::WorkPool decoders(api::kDecoders);
  http::WorkPool work(api::kQueries);
  http::WorkPool overviews(api::kOverviews);
  http::WorkPool changes(api::kCredentials);
  http::WorkPool passwords(1, 16);

  std::unique_ptr<http::HttpServer> server;
  api::Services services{store,
                         ingest,
                         agents,
                         access,
                         {decoders, work, overviews, changes, passwords},
                         http::system_unix_clock,
                         [&server] {
                           return api::HttpFigures{server->connections(), server->requests()};
                         },
                         {},
                         {}};
  api::Api api(std::move(services));
  http::HttpServerOptions listening;
  listening.host = options.listen;
  listening.port = options.port;
  if (!options.access.tls_key.empty()) {
    listening.tls =
        http::TlsFiles{options.access.tls_certificate, options.access.tls_key, options.access.tls_client_ca};
  }
  server = std::make_unique<http::HttpServer>(
      listening,
      [&api](const http::Request& request, const http::Responder& responder) {
        return api.handle(request, responder);
      },
      [&api](const http::Request& head, const http::Peer& peer) { return api.check_head(head, peer); },
      [&api](const http::Request& head, const http::Peer& peer, const http::Response& refusal) {
        api.note_refused(head, peer, refusal);
      });
  std::exception_ptr failure;
  try {
    server->start();
    const bool is_ipv6 = options.listen.find(':') != std::string::npos;
    const std::string address =
        fmt::format("{}://{}:{}", options.access.tls_key.empty() ? "http" : "https",
                    is_ipv6 ? "[" + options.listen + "]" : options.listen, server->port());
    spdlog::info("listening on {}, database {}", address, options.database);
    log_access(options, access);
    CredentialWatch watch(access, public_address(options, address, server->port()));
    wait_for_signal(stop_signals, credentials, watch, *server, listening.tls.has_value());
  } catch (const std::exception&) {
    failure = std::current_exception();  // some threads may be at work: they end in their order all the same
  }
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second signal ends the program at once
  if (!failure) spdlog::info("stopping");
  // From the edge inwards: no new requests, then all that was taken on is stored and answered.
  server->stop_accepting();
  api.stop_taking();
  decoders.stop();
  ingest.stop();
  work.stop();
  overviews.stop();
  changes.stop();
  passwords.stop();
  save_uses(credentials);
  server->stop(std::chrono::milliseconds(3000));
  if (failure) std::rethrow_exception(failure);
  spdlog::info("stopped");
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = server::parse_options(argc, argv);
  if (const auto* exit = std::get_if<server::ExitStatus>(&parsed)) return exit->status;
  const auto& options = std::get<server::Options>(parsed);
  ::umask(0077);  // history and credentials are for this user alone
  if (options.task == server::Task::check_health) {
    for (const std::string& notice : options.notices) std::cerr << "hostwatch-server: " << notice << "\n";
    return server::check_health(options.listen, options.port, !options.access.tls_key.empty());
  }
  if (server::is_credential_task(options.task)) return server::run_credential_task(options);
  if (options.task != server::Task::serve) return server::run_database_task(options);

  const sigset_t stop_signals = block_stop_signals();
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hostwatch-server"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  for (const std::string& notice : options.notices) spdlog::warn("{}", notice);
  try {
    run(options, stop_signals);
    return 0;
  } catch (const std::exception& error) {
    spdlog::critical("{}", error.what());
    return 1;
  }
}
