#pragma once

#include <optional>
#include <string_view>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"

namespace hostwatch::agent {

/// The seconds since the system started, time asleep included: the first word of proc(5) uptime. Nothing if
/// that is no number, or negative. Never throws.
std::optional<double> parse_uptime(std::string_view text);

/// uptime_seconds.
class UptimeCollector : public Collector {
 public:
  explicit UptimeCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile uptime_;
};

}  // namespace hostwatch::agent
