// hostwatch-agent: options in, parts built in order, run until told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <variant>

#include "agent/agent.h"
#include "agent/leave.h"
#include "agent/memory_footprint.h"
#include "agent/options.h"
#include "agent/print_once.h"

namespace {

using namespace hostwatch;

/// Blocked before any thread starts, so that only sigwait() ever meets them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void start_log(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hostwatch-agent"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

int run(const agent::Options& options, const sigset_t& stop_signals) {
  agent::Agent parts(options, agent::system_clocks());
  parts.start();
  agent::release_startup_memory();

  int signal = 0;
  while (sigwait(&stop_signals, &signal) == 0 && signal == SIGHUP) parts.read_files_again();
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second signal ends the program at once
  spdlog::info("stopping");
  if (!parts.stop()) agent::leave(0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  agent::limit_heap();
  ::umask(0077);  // what it keeps is for this user alone, folders above the spool included
  const sigset_t stop_signals = block_stop_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a connection that is gone is an error of write(), not the program's end
  std::signal(SIGXFSZ, SIG_IGN);  // nor is a spool at its file size limit
  try {
    const auto parsed = agent::parse_options(argc, argv);
    if (const auto* end = std::get_if<agent::EndNow>(&parsed)) {
      std::fputs(end->output.c_str(), stdout);
      if (!end->error.empty()) std::fprintf(stderr, "%s\n", end->error.c_str());
      return end->status;
    }
    const auto& options = std::get<agent::Options>(parsed);
    start_log(options.log_level);
    for (const std::string& notice : options.notices) spdlog::warn("{}", notice);
    if (options.once) {
      pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
      return agent::print_once(options, agent::system_clocks());
    }
    return run(options, stop_signals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hostwatch-agent: cannot start: %s\n", error.what());
    return 1;
  }
}
