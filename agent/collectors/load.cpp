#include "agent/collectors/load.h"

#include "agent/collectors/scan.h"

namespace hostwatch::agent {

std::optional<LoadAverages> parse_load(std::string_view text) {
  std::string_view line;
  if (!take_line(text, line)) return std::nullopt;
  LoadAverages averages{};
  for (double& average : averages) {
    const auto number = to_number<double>(take_word(line));
    if (!number || !(*number >= 0)) return std::nullopt;
    average = *number;
  }
  return averages;
}

LoadCollector::LoadCollector(const Roots& roots) : loadavg_(join_path(roots.proc, "/loadavg")) {}

void LoadCollector::collect(std::chrono::steady_clock::time_point /*now*/, Collected& into) {
  const auto averages = parse_load(loadavg_.read_required());
  if (!averages) throw CollectorError(loadavg_.path() + ": does not begin with three load averages");
  into.add("load1", "", (*averages)[0]);
  into.add("load5", "", (*averages)[1]);
  into.add("load15", "", (*averages)[2]);
}

}  // namespace hostwatch::agent
