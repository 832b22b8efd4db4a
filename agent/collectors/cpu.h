#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/proc_file.h"
#include "agent/collectors/rates.h"

namespace hostwatch::agent {

/// The time a processor has spent in each state since the system started, in clock ticks: one `cpu` line of
/// proc(5) stat. The two columns behind (guest, guest_nice) are already part of user and nice.
struct CpuTimes {
  enum State : std::size_t { user, nice, system, idle, iowait, irq, softirq, steal };
  static constexpr std::size_t kStates = 8;
  static constexpr std::array<std::string_view, kStates> kNames{"user",   "nice", "system",  "idle",
                                                                "iowait", "irq",  "softirq", "steal"};

  std::array<std::uint64_t, kStates> ticks{};
  std::size_t known = 0;  ///< how many of the states this kernel counts, from the first
};

/// One core's line; cores that are offline have none.
struct CoreTimes {
  std::uint32_t name = 0;  ///< the N of cpuN
  CpuTimes times;
};

/// What of proc(5) stat is used. What the text does not have stays empty.
struct CpuStat {
  std::optional<CpuTimes> total;
  std::vector<CoreTimes> cores;
  std::optional<std::uint64_t> context_switches;  ///< ctxt
  std::optional<std::uint64_t> forks;             ///< processes
  std::optional<std::uint64_t> running;           ///< procs_running
  std::optional<std::uint64_t> blocked;           ///< procs_blocked
};

/// Never throws; a line that cannot be understood counts as absent.
CpuStat parse_cpu_stat(std::string_view text);

/// How the time between two readings of one line was spent, in percent that add up to 100.
struct CpuShares {
  std::array<double, CpuTimes::kStates> percent{};
  std::size_t known = 0;
  double busy = 0;  ///< all but idle and iowait
};

/// Nothing if no time went by or the counters were reset. The kernel itself does not promise that iowait
/// (and, by a little, idle) never decreases: that counts as no time in that state.
std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& after);

/// `cpu`, cpu_state_percent, cpu_core_percent, context switches, forks and the tasks running and blocked.
class CpuCollector : public Collector {
 public:
  explicit CpuCollector(const Roots& roots);
  std::string_view name() const override { return "cpu"; }
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile stat_;
  Previous<CpuStat> previous_;
};

}  // namespace hostwatch::agent
