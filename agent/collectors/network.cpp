#include "agent/collectors/network.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/collectors/files/scan.h"
#include "protocol/names.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::array<std::string_view, InterfaceCounters::kCounters> kMetrics{
    "network_receive_bytes_per_second",   "network_receive_packets_per_second",
    "network_receive_errors_per_second",  "network_receive_drops_per_second",
    "network_transmit_bytes_per_second",  "network_transmit_packets_per_second",
    "network_transmit_errors_per_second", "network_transmit_drops_per_second",
};

std::optional<InterfaceCounters> parse_interface(std::string_view name, std::string_view columns) {
  // Eight columns of what was received, eight of what was sent; of each, the first four are ours.
  std::array<std::uint64_t, 16> values{};
  for (std::uint64_t& value : values) {
    const auto counter = take_counter(columns);
    if (!counter) return std::nullopt;
    value = *counter;
  }
  InterfaceCounters interface;
  interface.name = util::make_printable(name, protocol::kMaxInstanceBytes);
  if (interface.name.empty()) return std::nullopt;
  std::copy_n(values.begin(), 4, interface.counters.begin());
  std::copy_n(values.begin() + 8, 4, interface.counters.begin() + 4);
  return interface;
}

bool has_name(const std::vector<InterfaceCounters>& interfaces, const std::string& name) {
  return std::any_of(interfaces.begin(), interfaces.end(),
                     [&](const auto& known) { return known.name == name; });
}

bool was_used(const InterfaceCounters& interface) {
  return std::any_of(interface.counters.begin(), interface.counters.end(),
                     [](std::uint64_t counter) { return counter != 0; });
}

void add_rates(const InterfaceCounters& before, const InterfaceCounters& after, double seconds,
               Collected& into) {
  for (std::size_t c = 0; c < InterfaceCounters::kCounters; ++c) {
    const auto rate = per_second(before.counters[c], after.counters[c], seconds);
    if (rate) into.add(kMetrics[c], after.name, *rate);
  }
}

}  // namespace

/// In another network namespace than ours (a container's agent), "self" would show the container's
/// interfaces.
std::vector<std::string> network_table_places(const Roots& roots) {
  std::string own = join_path(roots.proc, "/net/dev");
  if (is_own_proc(roots.proc)) return {own};
  return {join_path(roots.proc, "/1/net/dev"), own};
}

InterfaceTable parse_interface_table(std::string_view text) {
  InterfaceTable table;
  std::string_view line;
  while (take_line(text, line)) {
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) {
      // Two lines of headings, with bars between their columns.
      if (line.find('|') == std::string_view::npos) ++table.malformed;
      continue;
    }
    std::string_view name = line.substr(0, colon);
    table.names.push_back(take_word(name));
    table.columns.push_back(line.substr(colon + 1));
  }
  if (!text.empty()) ++table.malformed;
  return table;
}

NetworkStats parse_network_stats(const InterfaceTable& table, std::span<const InterfaceKind> kinds) {
  NetworkStats stats;
  stats.malformed = table.malformed;
  for (std::size_t row = 0; row < table.names.size(); ++row) {
    const InterfaceKind kind = row < kinds.size() ? kinds[row] : InterfaceKind::other;
    if (kind == InterfaceKind::cable) continue;
    auto interface = parse_interface(table.names[row], table.columns[row]);
    if (interface) interface->is_own = kind == InterfaceKind::own;
    // Two names that differ only in bytes that cannot be shown would be one series twice.
    if (interface && !has_name(stats.interfaces, interface->name)) {
      stats.interfaces.push_back(std::move(*interface));
    } else {
      ++stats.malformed;
    }
  }
  return stats;
}

NetworkCollector::NetworkCollector(const Roots& roots) : dev_(network_table_places(roots)), kinds_(roots) {}

void NetworkCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  const auto text = dev_.read();
  if (!text) return;  // a kernel without networking
  const InterfaceTable table = parse_interface_table(*text);
  NetworkStats stats = parse_network_stats(table, kinds_.of(table.names));
  for_each_rate(
      previous_, stats.interfaces, now, [](const InterfaceCounters& interface) { return interface.is_own; },
      [&into](const InterfaceCounters& before, const InterfaceCounters& interface, double seconds) {
        if (was_used(interface)) add_rates(before, interface, seconds, into);
      });
  const bool understood_nothing = stats.interfaces.empty() && text->empty();
  previous_.keep(now, std::move(stats.interfaces));
  if (understood_nothing) throw CollectorError(dev_.path() + ": is empty");
  dev_.refuse_malformed(stats.malformed);
}

}  // namespace hostwatch::agent
