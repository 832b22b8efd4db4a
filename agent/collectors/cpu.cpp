#include "agent/collectors/cpu.h"

#include <charconv>
#include <utility>

#include "agent/collectors/scan.h"

namespace hostwatch::agent {
namespace {

/// One second at the USER_HZ of every Linux: by more than that, idle time does not go back by rounding alone.
constexpr std::uint64_t kIdleJitterTicks = 100;

std::optional<CpuTimes> parse_times(std::string_view columns) {
  CpuTimes times;
  while (times.known < CpuTimes::kStates) {
    const std::string_view word = take_word(columns);
    if (word.empty()) break;
    const auto ticks = to_number<std::uint64_t>(word);
    if (!ticks) return std::nullopt;
    times.ticks[times.known++] = *ticks;
  }
  // Since Linux 1.0 there are at least these four.
  if (times.known <= CpuTimes::idle) return std::nullopt;
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

std::optional<std::uint64_t> ticks_between(std::size_t state, std::uint64_t before, std::uint64_t after) {
  const auto grown = increase(before, after);
  if (grown) return grown;
  const bool forgiven =
      state == CpuTimes::iowait || (state == CpuTimes::idle && before - after <= kIdleJitterTicks);
  return forgiven ? std::optional<std::uint64_t>(0) : std::nullopt;
}

void add_rate(std::string_view metric, const std::optional<std::uint64_t>& before,
              const std::optional<std::uint64_t>& after, double seconds, Collected& into) {
  if (!before || !after) return;
  if (const auto rate = per_second(*before, *after, seconds)) into.add(metric, "", *rate);
}

void add_rates(const CpuStat& before, const CpuStat& after, double seconds, Collected& into) {
  if (before.total && after.total) {
    if (const auto shares = cpu_shares(*before.total, *after.total)) {
      into.cpu = shares->busy;
      for (std::size_t state = 0; state < shares->known; ++state) {
        into.add("cpu_state_percent", CpuTimes::kNames[state], shares->percent[state]);
      }
    }
  }
  for (std::size_t i = 0; i < after.cores.size(); ++i) {
    const CoreTimes& core = after.cores[i];
    const CoreTimes* const earlier = find_row(before.cores, core.name, i);
    if (earlier == nullptr) continue;
    const auto shares = cpu_shares(earlier->times, core.times);
    if (!shares) continue;
    std::array<char, 12> digits{};
    const auto [end, error] = std::to_chars(digits.begin(), digits.end(), core.name);
    into.add("cpu_core_percent", {digits.data(), static_cast<std::size_t>(end - digits.data())},
             shares->busy);
  }
  add_rate("context_switches_per_second", before.context_switches, after.context_switches, seconds, into);
  add_rate("forks_per_second", before.forks, after.forks, seconds, into);
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
  if (before.known != after.known) return std::nullopt;
  std::array<std::uint64_t, CpuTimes::kStates> ticks{};
  std::uint64_t all = 0;
  for (std::size_t state = 0; state < after.known; ++state) {
    const auto grown = ticks_between(state, before.ticks[state], after.ticks[state]);
    if (!grown) return std::nullopt;
    ticks[state] = *grown;
    all += *grown;
  }
  if (all == 0) return std::nullopt;
  CpuShares shares;
  shares.known = after.known;
  for (std::size_t state = 0; state < after.known; ++state) {
    shares.percent[state] = percent_of(static_cast<double>(ticks[state]), static_cast<double>(all));
  }
  const std::uint64_t busy = all - ticks[CpuTimes::idle] - ticks[CpuTimes::iowait];
  shares.busy = percent_of(static_cast<double>(busy), static_cast<double>(all));
  return shares;
}

CpuCollector::CpuCollector(const Roots& roots) : stat_(join_path(roots.proc, "/stat")) {}

void CpuCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  CpuStat stat = parse_cpu_stat(stat_.read_required());
  if (!stat.total) throw CollectorError(stat_.path() + ": has no line 'cpu' that can be understood");
  if (const auto seconds = previous_.seconds_until(now)) {
    add_rates(previous_.counters(), stat, *seconds, into);
  }
  if (stat.running) into.add("processes_running", "", static_cast<double>(*stat.running));
  if (stat.blocked) into.add("processes_blocked", "", static_cast<double>(*stat.blocked));
  previous_.keep(now, std::move(stat));
}

}  // namespace hostwatch::agent
