// hostwatch-agent: options in, parts built in order, run until told to stop.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <variant>

#include "agent/agent.h"
#include "agent/leave.h"
#include "agent/memory_footprint.h"
#include "agent/options.h"
#include "agent/print_once.h"
#include "util/logging.h"
#include "util/stop_signals.h"

namespace {

using namespace hostwatch;

int run(const agent::Options& options, const util::StopSignals& signals) {
  agent::Agent parts(options, agent::system_clocks());
  parts.start();
  agent::release_startup_memory();

  while (signals.wait() == SIGHUP) parts.read_files_again();
  signals.unblock();
  spdlog::info("stopping");
  if (!parts.stop()) agent::leave(0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  agent::limit_heap();
  ::umask(0077);  // what it keeps is for this user alone, folders above the spool included
  const util::StopSignals signals;
  util::make_write_failures_errors();
  try {
    const auto parsed = agent::parse_options(argc, argv);
    if (const auto* end = std::get_if<agent::EndNow>(&parsed)) {
      std::fputs(end->output.c_str(), stdout);
      if (!end->error.empty()) std::fprintf(stderr, "%s\n", end->error.c_str());
      return end->status;
    }
    const auto& options = std::get<agent::Options>(parsed);
    util::start_log("hostwatch-agent", options.log_level, options.notices);
    if (options.once) {
      signals.unblock();
      return agent::print_once(options, agent::system_clocks());
    }
    return run(options, signals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hostwatch-agent: cannot start: %s\n", error.what());
    return 1;
  }
}
