#include "protocol/catalogue.h"

#include <array>
#include <cmath>
#include <unordered_map>

namespace hostwatch::protocol {
namespace {

constexpr double kHuge = 1e18;  // beyond any byte count or rate of one machine

// name, unit, minimum, maximum, decimals, instance label, help, group, chart, stacked
constexpr auto kCatalogue = std::to_array<MetricDefinition>({
    {"cpu", Unit::percent, 0, 100, 1, "", "Share of time that the processors were busy.", "Overview", "CPU",
     false},
    {"ram", Unit::percent, 0, 100, 1, "", "Share of memory that is not available to programs.", "Overview",
     "Memory", false},
    {"disk", Unit::percent, 0, 100, 1, "", "Share of the root file system that is used.", "Overview", "Disk",
     false},

    {"cpu_state_percent", Unit::percent, 0, 100, 1, "state", "Share of processor time spent in each state.",
     "CPU", "CPU by state", true},
    {"cpu_core_percent", Unit::percent, 0, 100, 1, "core", "Share of time that each core was busy.", "CPU",
     "CPU by core", false},
    {"context_switches_per_second", Unit::per_second, 0, kHuge, 1, "", "Context switches.", "CPU",
     "Context switches and new processes", false},
    {"forks_per_second", Unit::per_second, 0, kHuge, 1, "", "Processes and threads created.", "CPU",
     "Context switches and new processes", false},

    {"memory_used_bytes", Unit::bytes, 0, kHuge, 0, "",
     "Memory not available to programs (total less available).", "Memory", "Memory", true},
    {"memory_available_bytes", Unit::bytes, 0, kHuge, 0, "",
     "Memory that programs can still get without swapping.", "Memory", "Memory", true},
    {"memory_total_bytes", Unit::bytes, 0, kHuge, 0, "", "Memory that the system has.", "Memory",
     "Memory detail", false},
    {"memory_free_bytes", Unit::bytes, 0, kHuge, 0, "", "Memory used for nothing at all.", "Memory",
     "Memory detail", false},
    {"memory_buffers_bytes", Unit::bytes, 0, kHuge, 0, "", "Memory in block device buffers.", "Memory",
     "Memory detail", false},
    {"memory_cached_bytes", Unit::bytes, 0, kHuge, 0, "", "Memory in the page cache.", "Memory",
     "Memory detail", false},
    {"swap_used_bytes", Unit::bytes, 0, kHuge, 0, "", "Swap space in use.", "Memory", "Swap", false},
    {"swap_total_bytes", Unit::bytes, 0, kHuge, 0, "", "Swap space that the system has.", "Memory", "Swap",
     false},

    {"filesystem_used_percent", Unit::percent, 0, 100, 1, "mountpoint",
     "Share of each file system that is used, of what users may use.", "File systems", "Space used", false},
    {"filesystem_free_bytes", Unit::bytes, 0, kHuge, 0, "mountpoint", "Space that users may still use.",
     "File systems", "Space free", false},
    {"filesystem_size_bytes", Unit::bytes, 0, kHuge, 0, "mountpoint", "Size of each file system.",
     "File systems", "Size", false},
    {"filesystem_inodes_used_percent", Unit::percent, 0, 100, 1, "mountpoint", "Share of inodes in use.",
     "File systems", "Inodes used", false},
    {"filesystem_inodes_free", Unit::count, 0, kHuge, 0, "mountpoint", "Inodes still free.", "File systems",
     "Inodes free", false},
    {"filesystem_read_only", Unit::count, 0, 1, 0, "mountpoint",
     "1 where a file system that was mounted to be written cannot be any more, 0 when it can again.",
     "File systems", "Read-only", false},

    {"disk_read_bytes_per_second", Unit::bytes_per_second, 0, kHuge, 0, "device",
     "Bytes read from each disk.", "Disk I/O", "Disk read", false},
    {"disk_written_bytes_per_second", Unit::bytes_per_second, 0, kHuge, 0, "device",
     "Bytes written to each disk.", "Disk I/O", "Disk written", false},
    {"disk_reads_per_second", Unit::per_second, 0, kHuge, 1, "device", "Reads completed by each disk.",
     "Disk I/O", "Disk operations", false},
    {"disk_writes_per_second", Unit::per_second, 0, kHuge, 1, "device", "Writes completed by each disk.",
     "Disk I/O", "Disk operations", false},
    {"disk_busy_percent", Unit::percent, 0, 100, 1, "device", "Share of time that each disk had work to do.",
     "Disk I/O", "Disk busy", false},

    {"network_receive_bytes_per_second", Unit::bytes_per_second, 0, kHuge, 0, "interface",
     "Bytes received by each interface.", "Network", "Received", false},
    {"network_transmit_bytes_per_second", Unit::bytes_per_second, 0, kHuge, 0, "interface",
     "Bytes sent by each interface.", "Network", "Sent", false},
    {"network_receive_packets_per_second", Unit::per_second, 0, kHuge, 1, "interface",
     "Packets received by each interface.", "Network", "Packets", false},
    {"network_transmit_packets_per_second", Unit::per_second, 0, kHuge, 1, "interface",
     "Packets sent by each interface.", "Network", "Packets", false},
    {"network_receive_errors_per_second", Unit::per_second, 0, kHuge, 2, "interface",
     "Packets received with errors.", "Network", "Errors and drops", false},
    {"network_transmit_errors_per_second", Unit::per_second, 0, kHuge, 2, "interface",
     "Packets that could not be sent.", "Network", "Errors and drops", false},
    {"network_receive_drops_per_second", Unit::per_second, 0, kHuge, 2, "interface",
     "Packets received and dropped.", "Network", "Errors and drops", false},
    {"network_transmit_drops_per_second", Unit::per_second, 0, kHuge, 2, "interface",
     "Packets dropped before they were sent.", "Network", "Errors and drops", false},

    {"load1", Unit::count, 0, kHuge, 2, "", "Average number of runnable tasks over 1 minute.", "Load", "Load",
     false},
    {"load5", Unit::count, 0, kHuge, 2, "", "Average number of runnable tasks over 5 minutes.", "Load",
     "Load", false},
    {"load15", Unit::count, 0, kHuge, 2, "", "Average number of runnable tasks over 15 minutes.", "Load",
     "Load", false},
    {"processes_running", Unit::count, 0, kHuge, 0, "", "Tasks running or waiting for a processor.", "Load",
     "Tasks", false},
    {"processes_blocked", Unit::count, 0, kHuge, 0, "", "Tasks waiting for input or output.", "Load", "Tasks",
     false},

    {"pressure_some_percent", Unit::percent, 0, 100, 2, "resource",
     "Share of time in which some task waited for the resource.", "Pressure", "Some tasks waiting", false},
    {"pressure_full_percent", Unit::percent, 0, 100, 2, "resource",
     "Share of time in which all tasks waited for the resource.", "Pressure", "All tasks waiting", false},

    {"uptime_seconds", Unit::seconds, 0, kHuge, 0, "", "Time since the system started.", "System", "Uptime",
     false},

    {"agent_waiting_readings", Unit::count, 0, kHuge, 0, "",
     "Readings that the agent has taken and not yet delivered, without this one.", "Agent",
     "Waiting for delivery", false},
    {"agent_dropped_readings", Unit::count, 0, kHuge, 0, "",
     "Undelivered readings that were dropped for want of room in the spool since the agent's start.", "Agent",
     "Readings lost", false},
    {"agent_refused_readings", Unit::count, 0, kHuge, 0, "",
     "Readings that the server refused for good since the agent's start.", "Agent", "Readings lost", false},
    {"agent_damaged_records", Unit::count, 0, kHuge, 0, "",
     "Places in the spool's files that could not be read since the agent's start.", "Agent", "Readings lost",
     false},
});

using Index = std::unordered_map<std::string_view, const MetricDefinition*>;

const Index& index_by_name() {
  static const Index index = [] {
    Index result;
    for (const MetricDefinition& metric : kCatalogue) result.emplace(metric.name, &metric);
    return result;
  }();
  return index;
}

}  // namespace

std::span<const MetricDefinition> catalogue() {
  return kCatalogue;
}

const MetricDefinition* find_metric(std::string_view name) {
  const auto found = index_by_name().find(name);
  return found == index_by_name().end() ? nullptr : found->second;
}

bool is_in_range(const MetricDefinition* known, double value) {
  return known != nullptr ? value >= known->minimum && value <= known->maximum
                          : std::fabs(value) <= kCustomMaximum;
}

std::string_view to_string(Unit unit) {
  switch (unit) {
    case Unit::percent:
      return "percent";
    case Unit::bytes:
      return "bytes";
    case Unit::bytes_per_second:
      return "bytes_per_second";
    case Unit::per_second:
      return "per_second";
    case Unit::seconds:
      return "seconds";
    case Unit::count:
      return "count";
  }
  return "count";
}

double round_to(double value, int decimals) {
  constexpr std::array<double, 7> kPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};
  const double power = kPowers.at(static_cast<std::size_t>(decimals));
  const double scaled = value * power;
  // From 2^53 on a double has no digits after the point to round.
  if (!(std::fabs(scaled) < 9007199254740992.0)) return value;
  return std::round(scaled) / power;
}

}  // namespace hostwatch::protocol
