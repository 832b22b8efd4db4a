#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/rates.h"

namespace hostwatch::agent {

/// The `total=` of each line of a file under /proc/pressure (pressure stall information, Linux 4.20 and
/// later): microseconds in which some task, and in which all tasks that had work, waited for the resource.
struct PressureTotals {
  std::optional<std::uint64_t> some;
  std::optional<std::uint64_t> full;
};

/// Never throws; what cannot be understood counts as absent.
PressureTotals parse_pressure(std::string_view text);

/// pressure_some_percent and pressure_full_percent of cpu, memory and io. There is no "full" of cpu: the
/// kernel does not define it for a whole system and prints a 0 that means nothing. A kernel without
/// /proc/pressure adds nothing.
class PressureCollector : public Collector {
 public:
  explicit PressureCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  struct Resource {
    std::string_view name;
    bool has_full;
    ProcFile file;
    Previous<PressureTotals> previous;
  };
  void collect_resource(Resource& resource, std::chrono::steady_clock::time_point now, Collected& into);

  std::array<Resource, 3> resources_;
};

}  // namespace hostwatch::agent
