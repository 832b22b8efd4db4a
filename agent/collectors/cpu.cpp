#include "agent/collectors/cpu.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {
namespace {

/// In ticks, of which every Linux shows 100 a second (Alpha: 1024).
constexpr std::uint64_t kRounding = 100;
/// By more than that idle time does not go back on a core that was there all the time.
constexpr std::uint64_t kIdleMayGoBack = 300;
/// Where no line tells how many cores there are: no kernel knows more.
constexpr std::size_t kMostCores = 8192;

std::optional<CpuTimes> parse_times(std::string_view columns) {
  CpuTimes times;
  while (times.known < CpuTimes::kStates) {
    const std::string_view word = take_word(columns);
    if (word.empty()) break;
    const auto ticks = to_number<std::uint64_t>(word);
    if (!ticks) times.unreadable.set(times.known);
    times.ticks[times.known++] = ticks.value_or(0);
  }
  // Since Linux 1.0 there are at least these four. Without idle nobody knows what the others are a part of.
  if (times.known <= CpuTimes::idle || times.unreadable.test(CpuTimes::idle)) return std::nullopt;
  return times;
}

void parse_cpu_line(std::string_view key, std::string_view columns, CpuStat& into) {
  const auto times = parse_times(columns);
  if (!times) return;
  if (key == "cpu") {
    into.total = times;
  } else if (const auto number = to_number<std::uint32_t>(key.substr(3))) {
    into.cores.push_back({*number, *times});
  }
}

/// By how much a line, or several together, grew.
struct Growth {
  std::array<std::uint64_t, CpuTimes::kStates> ticks{};
  std::size_t known = 0;
  std::bitset<CpuTimes::kStates> unreadable;
  bool went_back = false;      ///< a state other than iowait did, be it by rounding
  bool went_far_back = false;  ///< by more than that
  bool leapt = false;          ///< a state grew by more than it can have
  bool was_away = false;       ///< idle did one of the two

  /// Ticks that grew past what 64 bits hold are garbage either way.
  void add(const Growth& other) {
    for (std::size_t state = 0; state < ticks.size(); ++state) ticks[state] += other.ticks[state];
    known = std::max(known, other.known);
    went_far_back |= other.went_far_back;
    leapt |= other.leapt;
  }
};

Growth growth_between(const CpuTimes& before, const CpuTimes& after, std::uint64_t most) {
  Growth growth;
  growth.known = std::min(before.known, after.known);
  growth.unreadable = before.unreadable | after.unreadable;
  for (std::size_t state = 0; state < growth.known; ++state) {
    if (growth.unreadable.test(state)) continue;
    if (const auto grown = increase(before.ticks[state], after.ticks[state])) {
      if (*grown <= most) {
        growth.ticks[state] = *grown;
        continue;
      }
      growth.leapt = true;
      // All else is a part of it: without it nobody knows of what.
      growth.was_away |= state == CpuTimes::idle;
      continue;
    }
    // proc(5) says of iowait that it may decrease.
    if (state == CpuTimes::iowait) continue;
    const std::uint64_t back = before.ticks[state] - after.ticks[state];
    growth.went_back = true;
    growth.went_far_back |= back > kRounding;
    growth.was_away |= state == CpuTimes::idle && back > kIdleMayGoBack;
  }
  return growth;
}

/// As floating point: the sum of garbage must not wrap around to something small.
double all_of(const Growth& growth) {
  double all = 0;
  for (const std::uint64_t ticks : growth.ticks) all += static_cast<double>(ticks);
  return all;
}

/// Percent; nothing if no time grew.
std::optional<double> busy_of(const Growth& growth) {
  const double all = all_of(growth);
  if (all == 0) return std::nullopt;
  double busy = 0;
  for (std::size_t state = 0; state < growth.known; ++state) {
    if (state == CpuTimes::idle || state == CpuTimes::iowait) continue;
    busy += static_cast<double>(growth.ticks[state]);
  }
  return percent_of(busy, all);
}

std::optional<CpuShares> shares_of(const Growth& growth) {
  const auto busy = busy_of(growth);
  if (!busy) return std::nullopt;
  CpuShares shares;
  shares.known = growth.known;
  shares.unreadable = growth.unreadable;
  shares.busy = *busy;
  const double all = all_of(growth);
  for (std::size_t state = 0; state < growth.known; ++state) {
    shares.percent[state] = percent_of(static_cast<double>(growth.ticks[state]), all);
  }
  return shares;
}

/// What the cores did by their own lines.
struct CoresGrowth {
  Growth sum;            ///< of those in both readings whose line can be read whole and that were not away
  bool changed = false;  ///< some are in both readings, and some in one alone
};

CoresGrowth growth_of_cores(const CpuStat& before, const CpuStat& after, std::uint64_t most,
                            std::vector<CoreUse>& uses) {
  CoresGrowth all;
  std::size_t in_both = 0;
  uses.reserve(after.cores.size());
  for (std::size_t i = 0; i < after.cores.size(); ++i) {
    const CoreTimes& core = after.cores[i];
    const CoreTimes* const earlier = find_row(before.cores, core.name, i);
    if (earlier == nullptr) continue;
    ++in_both;
    const Growth growth = growth_between(earlier->times, core.times, most);
    all.sum.was_away |= growth.was_away;
    if (growth.was_away) continue;
    if (growth.unreadable.none()) all.sum.add(growth);
    if (const auto busy = busy_of(growth)) uses.push_back({core.name, *busy});
  }
  all.changed = in_both != 0 && (in_both != after.cores.size() || in_both != before.cores.size());
  return all;
}

std::string_view what_is_done(CpuFallback fallback) {
  switch (fallback) {
    case CpuFallback::none:
      break;
    case CpuFallback::went_back:
      return "time spent in a state went back, which counts as none spent there";
    case CpuFallback::leapt:
      return "time spent in a state grew by more than went by, which counts as none spent there";
    case CpuFallback::core_was_away:
      return "a core's idle time went back or leapt, as after it was away: the other cores' lines are "
             "counted";
    case CpuFallback::cores_changed:
      return "a core came or went: the lines of those that were there all the time are counted";
    case CpuFallback::line_unread:
      return "the line of all cores is missing or has a column that is no number: what else is there counts";
    case CpuFallback::all_leapt:
      return "all time spent grew by more than went by, and there is nothing else to go by: it counts as it "
             "is";
    case CpuFallback::no_time:
      return "no time went by in any state, so it is 0";
  }
  return {};
}

void add_rate(std::string_view metric, const std::optional<std::uint64_t>& before,
              const std::optional<std::uint64_t>& after, double seconds, Collected& into) {
  if (!before || !after) return;
  if (const auto rate = per_second(*before, *after, seconds)) into.add(metric, "", *rate);
}

void add_use(const CpuUse& use, Collected& into) {
  into.cpu = use.shares ? use.shares->busy : 0;
  if (!use.shares) return;
  for (std::size_t state = 0; state < use.shares->known; ++state) {
    if (use.shares->unreadable.test(state)) continue;
    into.add("cpu_state_percent", CpuTimes::kNames[state], use.shares->percent[state]);
  }
}

void add_cores(const std::vector<CoreUse>& cores, Collected& into) {
  for (const CoreUse& core : cores) {
    std::array<char, 12> digits{};
    const auto [end, error] = std::to_chars(digits.begin(), digits.end(), core.name);
    into.add("cpu_core_percent", {digits.data(), static_cast<std::size_t>(end - digits.data())}, core.busy);
  }
}

/// `most_ticks` of so many cores; as that of one, no limit stays none.
std::uint64_t most_of_all(std::uint64_t most_ticks, std::size_t cores) {
  return most_ticks > kAnyTicks / cores ? kAnyTicks : most_ticks * cores;
}

CpuFallback fallback_of(bool is_whole, const Growth& total, const CoresGrowth& cores) {
  if (!is_whole) return CpuFallback::line_unread;
  if (cores.changed) return CpuFallback::cores_changed;
  if (total.was_away || cores.sum.was_away) return CpuFallback::core_was_away;
  if (total.leapt || cores.sum.leapt) return CpuFallback::leapt;
  if (total.went_far_back) return CpuFallback::went_back;
  return CpuFallback::none;
}

CpuUse use_within(const CpuStat& before, const CpuStat& after, std::uint64_t most_ticks) {
  Growth total;
  const bool has_total = before.total && after.total;
  if (has_total) {
    const std::size_t cores = std::max(before.cores.size(), after.cores.size());
    total =
        growth_between(*before.total, *after.total, most_of_all(most_ticks, cores == 0 ? kMostCores : cores));
  }
  const bool is_whole = has_total && total.unreadable.none();
  CpuUse use;
  const CoresGrowth cores = growth_of_cores(before, after, most_ticks, use.cores);
  use.fallback = fallback_of(is_whole, total, cores);
  const bool trusts_total = is_whole && !total.went_back && (use.fallback == CpuFallback::none);
  if (!trusts_total) use.shares = shares_of(cores.sum);
  if (!use.shares && has_total && !total.was_away) use.shares = shares_of(total);
  if (!use.shares) use.fallback = CpuFallback::no_time;
  return use;
}

}  // namespace

CpuStat parse_cpu_stat(std::string_view text) {
  CpuStat stat;
  std::string_view line;
  while (take_line(text, line)) {
    // The line of interrupts is by far the longest and not ours.
    if (line.starts_with("intr")) continue;
    const std::string_view key = take_word(line);
    if (key.starts_with("cpu")) {
      parse_cpu_line(key, line, stat);
    } else if (key == "ctxt") {
      stat.context_switches = take_counter(line);
    } else if (key == "processes") {
      stat.forks = take_counter(line);
    } else if (key == "procs_running") {
      stat.running = take_counter(line);
    } else if (key == "procs_blocked") {
      stat.blocked = take_counter(line);
    }
  }
  return stat;
}

std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& after) {
  const Growth growth = growth_between(before, after, kAnyTicks);
  return growth.was_away ? std::nullopt : shares_of(growth);
}

std::uint64_t most_ticks_in(double seconds, double ticks_per_second) {
  constexpr double kTooMany = 1e18;  // more than any counter's worth of time
  const double most = most_time_in(seconds) * ticks_per_second;
  return most < kTooMany ? static_cast<std::uint64_t>(most) : kAnyTicks;
}

CpuUse cpu_use(const CpuStat& before, const CpuStat& after, std::uint64_t most_ticks) {
  CpuUse use = use_within(before, after, most_ticks);
  if (use.shares || most_ticks == kAnyTicks) return use;
  // Where the clock rules out all there is, it is the clock that is not believed.
  CpuUse whatever = use_within(before, after, kAnyTicks);
  if (!whatever.shares) return use;
  whatever.fallback = CpuFallback::all_leapt;
  return whatever;
}

CpuCollector::CpuCollector(const Roots& roots)
    : ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))), stat_(join_path(roots.proc, "/stat")) {}

void CpuCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  CpuStat stat = parse_cpu_stat(stat_.read_required());
  const bool has_times = stat.total || !stat.cores.empty();
  if (const auto seconds = previous_.seconds_until(now)) {
    const CpuStat& before = previous_.counters();
    if (has_times) {
      const CpuUse use = cpu_use(before, stat, most_ticks_in(*seconds, ticks_per_second_));
      add_use(use, into);
      add_cores(use.cores, into);
      if (use.fallback != CpuFallback::none) fallback_log_.note(now, what_is_done(use.fallback));
    }
    add_rate("context_switches_per_second", before.context_switches, stat.context_switches, *seconds, into);
    add_rate("forks_per_second", before.forks, stat.forks, *seconds, into);
    // The next reading's line is compared with the last one that could be read.
    if (!stat.total) stat.total = before.total;
  }
  if (stat.running) into.add("processes_running", "", static_cast<double>(*stat.running));
  if (stat.blocked) into.add("processes_blocked", "", static_cast<double>(*stat.blocked));
  if (!has_times) throw CollectorError(stat_.path() + ": has no line 'cpu' that can be understood");
  previous_.keep(now, std::move(stat));
}

}  // namespace hostwatch::agent
