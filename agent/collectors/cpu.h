#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/fallback_log.h"
#include "agent/collectors/files/proc_file.h"
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
  std::size_t known = 0;            ///< how many of the states this kernel counts, from the first
  std::bitset<kStates> unreadable;  ///< of these, whose column is no number
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

/// Never throws; a line whose idle time cannot be understood counts as absent.
CpuStat parse_cpu_stat(std::string_view text);

/// How the time between two readings was spent, in percent that add up to 100.
struct CpuShares {
  std::array<double, CpuTimes::kStates> percent{};
  std::size_t known = 0;                      ///< as in CpuTimes
  std::bitset<CpuTimes::kStates> unreadable;  ///< likewise
  double busy = 0;                            ///< all but idle and iowait; 0 to 100
};

/// As a limit of ticks: none.
inline constexpr std::uint64_t kAnyTicks = std::numeric_limits<std::uint64_t>::max();

/// Between two readings of one line. A state whose time went back (the kernel promises for none that it does
/// not) or cannot be read counts as none. Nothing if no time grew, or if idle went back by more than three
/// seconds: then the core was away and counts from somewhere else.
std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& after);

/// Why the line of all cores does not simply tell what they did.
enum class CpuFallback {
  none,
  went_back,      ///< a state's time went back by more than rounding explains
  leapt,          ///< a state's time grew by more than went by
  core_was_away,  ///< a core counts from somewhere else: it is left out of this interval
  cores_changed,  ///< a core came or went: the line of all cores counts others than before
  line_unread,    ///< the line of all cores is missing, or one of its columns is no number
  all_leapt,      ///< what grew grew by more than went by, and nothing else is there to go by
  no_time         ///< nothing grew, or what grew says nothing
};

/// What one core did.
struct CoreUse {
  std::uint32_t name = 0;  ///< the N of cpuN
  double busy = 0;         ///< percent
};

/// What all cores did, and how it was found.
struct CpuUse {
  std::optional<CpuShares> shares;  ///< nothing: no_time
  CpuFallback fallback = CpuFallback::none;
  std::vector<CoreUse> cores;  ///< those of which it is known
};

/// The most that a core can have spent in a state in so many seconds of monotonic time, in clock ticks of
/// which there are `ticks_per_second` (sysconf(3), _SC_CLK_TCK). Generous: clocks differ, and a tick that is
/// slow reads its file later than its clock.
std::uint64_t most_ticks_in(double seconds, double ticks_per_second);

/// By the line of all cores; where that one went back, cannot be read whole, has other cores in it than
/// before, one that was away, or a state that grew by more than `most_ticks` for each core, by the sum of the
/// lines of the cores that are in both, if time grew in them. What grew by more than `most_ticks` counts as
/// none, unless there is nothing else to go by. Never throws.
CpuUse cpu_use(const CpuStat& before, const CpuStat& after, std::uint64_t most_ticks = kAnyTicks);

/// `cpu`, cpu_state_percent, cpu_core_percent, context switches, forks and the tasks running and blocked.
/// `cpu` is there from the second reading of the file on, 0 where no time is known to have gone by.
class CpuCollector : public Collector {
 public:
  explicit CpuCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  const double ticks_per_second_;
  ProcFile stat_;
  Previous<CpuStat> previous_;
  FallbackLog fallback_log_{"cpu"};
};

}  // namespace hostwatch::agent
