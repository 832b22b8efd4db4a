#include "agent/collectors/load.h"

#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {

LoadAverages parse_load(std::string_view text) {
  LoadAverages averages;
  std::string_view line;
  if (!take_line(text, line)) return averages;
  for (auto& average : averages) {
    average = to_number<double>(take_word(line));
    if (average && !(*average >= 0)) average.reset();
  }
  return averages;
}

LoadCollector::LoadCollector(const Roots& roots) : loadavg_(join_path(roots.proc, "/loadavg")) {}

void LoadCollector::collect(std::chrono::steady_clock::time_point /*now*/, Collected& into) {
  constexpr std::array<std::string_view, 3> kMetrics{"load1", "load5", "load15"};
  const LoadAverages averages = parse_load(loadavg_.read_required());
  bool is_whole = true;
  for (std::size_t i = 0; i < averages.size(); ++i) {
    if (averages[i]) into.add(kMetrics[i], "", *averages[i]);
    is_whole = is_whole && averages[i];
  }
  if (!is_whole) throw CollectorError(loadavg_.path() + ": does not begin with three load averages");
}

}  // namespace hostwatch::agent
