#include "agent/collectors/uptime.h"

#include "agent/collectors/files/scan.h"

namespace hostwatch::agent {

std::optional<double> parse_uptime(std::string_view text) {
  std::string_view line;
  if (!take_line(text, line)) return std::nullopt;
  const auto seconds = to_number<double>(take_word(line));
  if (!seconds || !(*seconds >= 0)) return std::nullopt;
  return seconds;
}

UptimeCollector::UptimeCollector(const Roots& roots) : uptime_(join_path(roots.proc, "/uptime")) {}

void UptimeCollector::collect(std::chrono::steady_clock::time_point /*now*/, Collected& into) {
  const auto seconds = parse_uptime(uptime_.read_required());
  if (!seconds) throw CollectorError(uptime_.path() + ": does not begin with a number of seconds");
  into.add("uptime_seconds", "", *seconds);
}

}  // namespace hostwatch::agent
