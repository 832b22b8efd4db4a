#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"

namespace hostwatch::agent {

/// The load averages over 1, 5 and 15 minutes: the first three words of proc(5) loadavg. Nothing in place of
/// one that is no number, or negative.
using LoadAverages = std::array<std::optional<double>, 3>;

/// Of a line that was cut off there is none. Never throws.
LoadAverages parse_load(std::string_view text);

/// load1, load5 and load15.
class LoadCollector : public Collector {
 public:
  explicit LoadCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile loadavg_;
};

}  // namespace hostwatch::agent
