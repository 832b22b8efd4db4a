#include "server/housekeeping.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>

#include "util/memory_return.h"

namespace hostwatch::server {
namespace {

void reload_tls(Server& server, bool has_tls) {
  if (!has_tls) return;
  try {
    server.reload_tls();
    spdlog::info("read the certificate again");
  } catch (const std::exception& error) {
    spdlog::error("{}; the certificate that was read before stays in use", error.what());
  }
}

void reload_rules(Server& server) {
  if (!server.has_rule_files()) return;
  try {
    server.reload_rules();
  } catch (const std::exception& error) {
    spdlog::error("{}; the rules that were read before stay in force", error.what());
  }
}

}  // namespace

void keep_house_until_stopped(const util::StopSignals& signals, Server& server, CredentialWatch& watch,
                              bool has_tls) {
  constexpr std::chrono::seconds kRound{10};
  constexpr std::size_t kWorthReturning = 16UL * 1024 * 1024;
  constexpr unsigned kRoundsBetweenSaves = 30;
  for (unsigned round = 1;; ++round) {
    if (const auto signal = signals.wait_for(kRound)) {
      if (*signal != SIGHUP) return;
      if (!has_tls && !server.has_rule_files()) {
        spdlog::info("SIGHUP: there is no certificate and no file of rules to read again");
      }
      reload_tls(server, has_tls);
      reload_rules(server);
    }
    util::return_free_memory(kWorthReturning);
    watch.look();
    if (round % kRoundsBetweenSaves == 0) server.save_credential_uses();
  }
}

}  // namespace hostwatch::server
