#include "agent/collectors/disk_io.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/collectors/scan.h"
#include "protocol/text.h"

namespace hostwatch::agent {
namespace {

constexpr double kSectorBytes = 512;
constexpr std::size_t kMaxNameBytes = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// "sda1" of "sda"; "nvme0n1p1" of "nvme0n1": a disk whose name ends in a digit puts a p between.
bool is_partition_of(std::string_view name, std::string_view disk) {
  if (disk.empty() || !name.starts_with(disk)) return false;
  name.remove_prefix(disk.size());
  if (is_digit(disk.back())) {
    if (!name.starts_with('p')) return false;
    name.remove_prefix(1);
  }
  return all_digits(name);
}

/// Memory dressed up as a disk, files dressed up as one, and drives for what is put in.
bool is_ignored(std::string_view name) {
  constexpr std::array<std::string_view, 5> kPrefixes{"loop", "ram", "zram", "sr", "fd"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [name](std::string_view prefix) {
    return name.starts_with(prefix) && all_digits(name.substr(prefix.size()));
  });
}

/// The columns behind the name. Nothing if they cannot be understood.
std::optional<DiskCounters> parse_counters(std::string_view columns) {
  std::array<std::uint64_t, 10> values{};
  for (std::uint64_t& value : values) {
    const auto counter = take_counter(columns);
    if (!counter) return std::nullopt;
    value = *counter;
  }
  DiskCounters disk;
  disk.reads = values[0];
  disk.sectors_read = values[2];
  disk.writes = values[4];
  disk.sectors_written = values[6];
  disk.busy_ms = values[9];
  return disk;
}

bool was_used(const DiskCounters& disk) {
  return disk.reads != 0 || disk.writes != 0 || disk.busy_ms != 0;
}

void add_rates(const DiskCounters& before, const DiskCounters& after, double seconds, Collected& into) {
  const auto add = [&](std::string_view metric, std::uint64_t DiskCounters::*counter, double factor) {
    const auto rate = per_second(before.*counter, after.*counter, seconds);
    if (rate) into.add(metric, after.name, *rate * factor);
  };
  add("disk_read_bytes_per_second", &DiskCounters::sectors_read, kSectorBytes);
  add("disk_written_bytes_per_second", &DiskCounters::sectors_written, kSectorBytes);
  add("disk_reads_per_second", &DiskCounters::reads, 1);
  add("disk_writes_per_second", &DiskCounters::writes, 1);
  if (const auto busy = increase(before.busy_ms, after.busy_ms)) {
    into.add("disk_busy_percent", after.name, percent_of(static_cast<double>(*busy), seconds * 1000));
  }
}

}  // namespace

DiskStats parse_disk_stats(std::string_view text) {
  DiskStats stats;
  std::string_view line;
  std::string_view disk;  // the last whole disk: the kernel lists a disk's partitions right behind it
  while (take_line(text, line)) {
    take_word(line);  // major number
    take_word(line);  // minor number
    const std::string_view name = take_word(line);
    if (name.empty()) {
      ++stats.malformed;
      continue;
    }
    if (is_ignored(name) || is_partition_of(name, disk)) continue;
    disk = name;
    if (auto counters = parse_counters(line)) {
      counters->name = protocol::make_printable(name, kMaxNameBytes);
      stats.disks.push_back(std::move(*counters));
    } else {
      ++stats.malformed;
    }
  }
  if (!text.empty()) ++stats.malformed;
  return stats;
}

DiskIoCollector::DiskIoCollector(const Roots& roots) : diskstats_(join_path(roots.proc, "/diskstats")) {}

void DiskIoCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  const auto text = diskstats_.read();
  if (!text) return;  // a kernel without block devices
  DiskStats stats = parse_disk_stats(*text);
  if (const auto seconds = previous_.seconds_until(now)) {
    for (std::size_t i = 0; i < stats.disks.size(); ++i) {
      const DiskCounters& disk = stats.disks[i];
      const DiskCounters* const before = find_row(previous_.counters(), disk.name, i);
      if (before != nullptr && was_used(disk)) add_rates(*before, disk, *seconds, into);
    }
  }
  previous_.keep(now, std::move(stats.disks));
  if (stats.malformed != 0) {
    throw CollectorError(diskstats_.path() + ": " + std::to_string(stats.malformed) +
                         " line(s) that cannot be understood");
  }
}

}  // namespace hostwatch::agent
