// hostwatch-server: options in, parts built in order, run until told to stop.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <exception>
#include <iostream>

#include "server/access_notices.h"
#include "server/commands/credential_tasks.h"
#include "server/commands/database_tasks.h"
#include "server/commands/health_check.h"
#include "server/commands/rule_tasks.h"
#include "server/file_checks.h"
#include "server/housekeeping.h"
#include "server/options/options.h"
#include "server/own_address.h"
#include "server/server.h"
#include "server/storage/open/open_store.h"
#include "util/clock.h"
#include "util/files/private_files.h"
#include "util/logging.h"
#include "util/stop_signals.h"

namespace {

using namespace hostwatch;

void listen_until_stopped(const server::Options& options, server::Server& server,
                          const util::StopSignals& signals) {
  server.start();
  spdlog::info("listening on {}, database {}", server::listening_address(options, server.port()),
               options.database);
  server::log_access(options, server.access(), util::unix_now());
  server::CredentialWatch watch(server.access(), server::page_address(options, server.port()),
                                util::unix_now);
  server::keep_house_until_stopped(signals, server, watch, !options.access.tls_key.empty());
}

void serve(const server::Options& options, const util::StopSignals& signals) {
  server::check_files(options);
  const auto store = storage::open_store({options.database, options.retention, options.max_database_bytes});
  util::keep_private(options.database);
  server::Server server(server::server_settings(options), *store, util::unix_now);
  try {
    listen_until_stopped(options, server, signals);
  } catch (...) {  // some threads may be at work: they end in their order all the same
    signals.unblock();
    throw;
  }
  signals.unblock();
  spdlog::info("stopping");
  server.stop();
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
  util::start_log("hostwatch-server", options.log_level, options.notices);
  if (server::is_rule_task(options.task)) return server::run_rule_task(options);
  if (server::is_credential_task(options.task)) return server::run_credential_task(options);
  if (options.task != server::Task::serve) return server::run_database_task(options);

  const util::StopSignals signals;
  util::make_write_failures_errors();
  try {
    serve(options, signals);
    return 0;
  } catch (const std::exception& error) {
    spdlog::critical("{}", error.what());
    return 1;
  }
}
