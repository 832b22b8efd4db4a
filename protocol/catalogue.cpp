#include "protocol/catalogue.h"

#include <array>
#include <cmath>
#include <unordered_map>

#include "util/decimal.h"

namespace hostwatch::protocol {
namespace {

// In the order of the page; what a row leaves out is as MetricDefinition says.
constexpr auto kCatalogue = std::to_array<MetricDefinition>({
    {.name = "cpu",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .help = "Share of time that the processors were busy.",
     .group = "Overview",
     .chart = "CPU"},
    {.name = "ram",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .help = "Share of memory that is not available to programs.",
     .group = "Overview",
     .chart = "Memory"},
    {.name = "disk",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .help = "Share of the root file system that is used.",
     .group = "Overview",
     .chart = "Disk"},

    {.name = "cpu_state_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .instance_label = "state",
     .help = "Share of processor time spent in each state.",
     .group = "CPU",
     .chart = "CPU by state",
     .stacked = true},
    {.name = "cpu_core_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .instance_label = "core",
     .help = "Share of time that each core was busy.",
     .group = "CPU",
     .chart = "CPU by core"},
    {.name = "context_switches_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .help = "Context switches.",
     .group = "CPU",
     .chart = "Context switches and new processes"},
    {.name = "forks_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .help = "Processes and threads created.",
     .group = "CPU",
     .chart = "Context switches and new processes"},

    {.name = "memory_used_bytes",
     .unit = Unit::bytes,
     .help = "Memory not available to programs (total less available).",
     .group = "Memory",
     .chart = "Memory",
     .stacked = true},
    {.name = "memory_available_bytes",
     .unit = Unit::bytes,
     .help = "Memory that programs can still get without swapping.",
     .group = "Memory",
     .chart = "Memory",
     .stacked = true},
    {.name = "memory_total_bytes",
     .unit = Unit::bytes,
     .help = "Memory that the system has.",
     .group = "Memory",
     .chart = "Memory detail"},
    {.name = "memory_free_bytes",
     .unit = Unit::bytes,
     .help = "Memory used for nothing at all.",
     .group = "Memory",
     .chart = "Memory detail"},
    {.name = "memory_buffers_bytes",
     .unit = Unit::bytes,
     .help = "Memory in block device buffers.",
     .group = "Memory",
     .chart = "Memory detail"},
    {.name = "memory_cached_bytes",
     .unit = Unit::bytes,
     .help = "Memory in the page cache.",
     .group = "Memory",
     .chart = "Memory detail"},
    {.name = "swap_used_bytes",
     .unit = Unit::bytes,
     .help = "Swap space in use.",
     .group = "Memory",
     .chart = "Swap"},
    {.name = "swap_total_bytes",
     .unit = Unit::bytes,
     .help = "Swap space that the system has.",
     .group = "Memory",
     .chart = "Swap"},

    {.name = "filesystem_used_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .instance_label = "mountpoint",
     .help = "Share of each file system that is used, of what users may use.",
     .group = "File systems",
     .chart = "Space used"},
    {.name = "filesystem_free_bytes",
     .unit = Unit::bytes,
     .instance_label = "mountpoint",
     .help = "Space that users may still use.",
     .group = "File systems",
     .chart = "Space free"},
    {.name = "filesystem_size_bytes",
     .unit = Unit::bytes,
     .instance_label = "mountpoint",
     .help = "Size of each file system.",
     .group = "File systems",
     .chart = "Size"},
    {.name = "filesystem_inodes_used_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .instance_label = "mountpoint",
     .help = "Share of inodes in use.",
     .group = "File systems",
     .chart = "Inodes used"},
    {.name = "filesystem_inodes_free",
     .unit = Unit::count,
     .instance_label = "mountpoint",
     .help = "Inodes still free.",
     .group = "File systems",
     .chart = "Inodes free"},
    {.name = "filesystem_read_only",
     .unit = Unit::count,
     .maximum = 1,
     .instance_label = "mountpoint",
     .help = "1 where a file system that was mounted to be written cannot be any more, 0 when it can again.",
     .group = "File systems",
     .chart = "Read-only"},

    {.name = "disk_read_bytes_per_second",
     .unit = Unit::bytes_per_second,
     .instance_label = "device",
     .help = "Bytes read from each disk.",
     .group = "Disk I/O",
     .chart = "Disk read"},
    {.name = "disk_written_bytes_per_second",
     .unit = Unit::bytes_per_second,
     .instance_label = "device",
     .help = "Bytes written to each disk.",
     .group = "Disk I/O",
     .chart = "Disk written"},
    {.name = "disk_reads_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .instance_label = "device",
     .help = "Reads completed by each disk.",
     .group = "Disk I/O",
     .chart = "Disk operations"},
    {.name = "disk_writes_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .instance_label = "device",
     .help = "Writes completed by each disk.",
     .group = "Disk I/O",
     .chart = "Disk operations"},
    {.name = "disk_busy_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 1,
     .instance_label = "device",
     .help = "Share of time that each disk had work to do.",
     .group = "Disk I/O",
     .chart = "Disk busy"},

    {.name = "network_receive_bytes_per_second",
     .unit = Unit::bytes_per_second,
     .instance_label = "interface",
     .help = "Bytes received by each interface.",
     .group = "Network",
     .chart = "Received"},
    {.name = "network_transmit_bytes_per_second",
     .unit = Unit::bytes_per_second,
     .instance_label = "interface",
     .help = "Bytes sent by each interface.",
     .group = "Network",
     .chart = "Sent"},
    {.name = "network_receive_packets_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .instance_label = "interface",
     .help = "Packets received by each interface.",
     .group = "Network",
     .chart = "Packets"},
    {.name = "network_transmit_packets_per_second",
     .unit = Unit::per_second,
     .decimals = 1,
     .instance_label = "interface",
     .help = "Packets sent by each interface.",
     .group = "Network",
     .chart = "Packets"},
    {.name = "network_receive_errors_per_second",
     .unit = Unit::per_second,
     .decimals = 2,
     .instance_label = "interface",
     .help = "Packets received with errors.",
     .group = "Network",
     .chart = "Errors and drops"},
    {.name = "network_transmit_errors_per_second",
     .unit = Unit::per_second,
     .decimals = 2,
     .instance_label = "interface",
     .help = "Packets that could not be sent.",
     .group = "Network",
     .chart = "Errors and drops"},
    {.name = "network_receive_drops_per_second",
     .unit = Unit::per_second,
     .decimals = 2,
     .instance_label = "interface",
     .help = "Packets received and dropped.",
     .group = "Network",
     .chart = "Errors and drops"},
    {.name = "network_transmit_drops_per_second",
     .unit = Unit::per_second,
     .decimals = 2,
     .instance_label = "interface",
     .help = "Packets dropped before they were sent.",
     .group = "Network",
     .chart = "Errors and drops"},

    {.name = "load1",
     .unit = Unit::count,
     .decimals = 2,
     .help = "Average number of runnable tasks over 1 minute.",
     .group = "Load",
     .chart = "Load"},
    {.name = "load5",
     .unit = Unit::count,
     .decimals = 2,
     .help = "Average number of runnable tasks over 5 minutes.",
     .group = "Load",
     .chart = "Load"},
    {.name = "load15",
     .unit = Unit::count,
     .decimals = 2,
     .help = "Average number of runnable tasks over 15 minutes.",
     .group = "Load",
     .chart = "Load"},
    {.name = "processes_running",
     .unit = Unit::count,
     .help = "Tasks running or waiting for a processor.",
     .group = "Load",
     .chart = "Tasks"},
    {.name = "processes_blocked",
     .unit = Unit::count,
     .help = "Tasks waiting for input or output.",
     .group = "Load",
     .chart = "Tasks"},

    {.name = "pressure_some_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 2,
     .instance_label = "resource",
     .help = "Share of time in which some task waited for the resource.",
     .group = "Pressure",
     .chart = "Some tasks waiting"},
    {.name = "pressure_full_percent",
     .unit = Unit::percent,
     .maximum = 100,
     .decimals = 2,
     .instance_label = "resource",
     .help = "Share of time in which all tasks waited for the resource.",
     .group = "Pressure",
     .chart = "All tasks waiting"},

    {.name = "uptime_seconds",
     .unit = Unit::seconds,
     .help = "Time since the system started.",
     .group = "System",
     .chart = "Uptime"},

    {.name = "agent_waiting_readings",
     .unit = Unit::count,
     .help = "Readings that the agent has taken and not yet delivered, without this one.",
     .group = "Agent",
     .chart = "Waiting for delivery"},
    {.name = "agent_dropped_readings",
     .unit = Unit::count,
     .help = "Undelivered readings that were dropped for want of room in the spool since the agent's start.",
     .group = "Agent",
     .chart = "Readings lost"},
    {.name = "agent_refused_readings",
     .unit = Unit::count,
     .help = "Readings that the server refused for good since the agent's start.",
     .group = "Agent",
     .chart = "Readings lost"},
    {.name = "agent_damaged_records",
     .unit = Unit::count,
     .help = "Places in the spool's files that could not be read since the agent's start.",
     .group = "Agent",
     .chart = "Readings lost"},
    {.name = "agent_collector_failing",
     .maximum = 1,
     .instance_label = "collector",
     .help = "1 while a collector of the agent fails, 0 when one that has failed works again.",
     .group = "Agent",
     .chart = "Failing collectors"},
    {.name = "agent_collector_seconds",
     .unit = Unit::seconds,
     .decimals = 6,
     .instance_label = "collector",
     .help = "Time that each collector of the agent took for this reading.",
     .group = "Agent",
     .chart = "Time of collectors"},
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
  const double power = util::kPowersOfTen.at(static_cast<std::size_t>(decimals));
  const double scaled = value * power;
  // From 2^53 on a double has no digits after the point to round.
  if (!(std::fabs(scaled) < 9007199254740992.0)) return value;
  return std::round(scaled) / power;
}

}  // namespace hostwatch::protocol
