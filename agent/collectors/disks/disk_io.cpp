#include "agent/collectors/disks/disk_io.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/collectors/files/scan.h"
#include "protocol/names.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

constexpr double kSectorBytes = 512;

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

/// "0" of "loop0", and "0p1" of its partition "loop0p1".
bool is_numbered_part(std::string_view number) {
  const std::size_t p = number.find('p');
  return all_digits(number.substr(0, p)) && (p == std::string_view::npos || all_digits(number.substr(p + 1)));
}

/// Memory dressed up as a disk, files dressed up as one, and drives for what is put in; each with its
/// partitions.
bool is_ignored(std::string_view name) {
  constexpr std::array<std::string_view, 5> kPrefixes{"loop", "ram", "zram", "sr", "fd"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [name](std::string_view prefix) {
    return name.starts_with(prefix) && is_numbered_part(name.substr(prefix.size()));
  });
}

/// "nvme0n2" of "nvme0c1n2": the namespace that a path of it leads to. Empty for any other name.
std::string namespace_of_path(std::string_view name) {
  constexpr std::string_view kPrefix = "nvme";
  if (!name.starts_with(kPrefix)) return {};
  const std::size_t controller = name.find('c', kPrefix.size());
  if (controller == std::string_view::npos) return {};
  const std::size_t number = name.find('n', controller);
  if (number == std::string_view::npos) return {};
  const bool is_path = all_digits(name.substr(kPrefix.size(), controller - kPrefix.size())) &&
                       all_digits(name.substr(controller + 1, number - controller - 1)) &&
                       all_digits(name.substr(number + 1));
  if (!is_path) return {};
  return std::string(name.substr(0, controller)) += name.substr(number);
}

/// The columns behind the name. Nothing if those that are needed cannot be understood; of the others the
/// kernel has been seen to print -1 (requests in flight).
std::optional<DiskCounters> parse_counters(std::string_view columns) {
  constexpr std::array<bool, 10> kNeeded{true, false, true, false, true, false, true, false, false, true};
  std::array<std::uint64_t, kNeeded.size()> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view word = take_word(columns);
    if (const auto counter = to_number<std::uint64_t>(word)) {
      values[i] = *counter;
    } else if (kNeeded[i] || !to_number<std::int64_t>(word)) {
      return std::nullopt;
    }
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

/// Gives the paths' counters to their namespaces where these have none of their own.
void add_paths(const std::vector<DiskCounters>& paths, std::vector<DiskCounters>& disks) {
  std::vector<DiskCounters> sums;
  for (const DiskCounters& path : paths) {
    const auto same = [&](const DiskCounters& sum) { return sum.name == path.name; };
    const auto sum = std::find_if(sums.begin(), sums.end(), same);
    if (sum == sums.end()) {
      sums.push_back(path);
      continue;
    }
    sum->reads += path.reads;
    sum->sectors_read += path.sectors_read;
    sum->writes += path.writes;
    sum->sectors_written += path.sectors_written;
    sum->busy_ms = std::max(sum->busy_ms, path.busy_ms);
  }
  for (DiskCounters& sum : sums) {
    const auto same = [&](const DiskCounters& disk) { return disk.name == sum.name; };
    const auto disk = std::find_if(disks.begin(), disks.end(), same);
    if (disk == disks.end()) {
      disks.push_back(std::move(sum));
    } else if (!was_used(*disk)) {
      *disk = std::move(sum);
    }
  }
}

/// Disks that lie on others, or on other machines: where there are too many values they are cut first.
bool is_laid_on_others(std::string_view name) {
  constexpr std::array<std::string_view, 6> kPrefixes{"dm-", "md", "zd", "nbd", "rbd", "drbd"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
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
  if (const auto share = share_of_time(before.busy_ms, after.busy_ms, 1000, seconds)) {
    into.add("disk_busy_percent", after.name, *share);
  }
}

}  // namespace

DiskStats parse_disk_stats(std::string_view text) {
  DiskStats stats;
  std::string_view line;
  std::vector<DiskCounters> paths;
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
      std::string of_path = namespace_of_path(name);
      const bool is_path = !of_path.empty();
      counters->name = is_path ? std::move(of_path) : util::make_printable(name, protocol::kMaxInstanceBytes);
      (is_path ? paths : stats.disks).push_back(std::move(*counters));
    } else {
      ++stats.malformed;
    }
  }
  if (!text.empty()) ++stats.malformed;
  if (!paths.empty()) add_paths(paths, stats.disks);
  return stats;
}

DiskIoCollector::DiskIoCollector(const Roots& roots) : diskstats_(join_path(roots.proc, "/diskstats")) {}

void DiskIoCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  const auto text = diskstats_.read();
  if (!text) return;  // a kernel without block devices
  DiskStats stats = parse_disk_stats(*text);
  for_each_rate(
      previous_, stats.disks, now, [](const DiskCounters& disk) { return !is_laid_on_others(disk.name); },
      [&into](const DiskCounters& before, const DiskCounters& disk, double seconds) {
        if (was_used(disk)) add_rates(before, disk, seconds, into);
      });
  previous_.keep(now, std::move(stats.disks));
  diskstats_.refuse_malformed(stats.malformed);
}

}  // namespace hostwatch::agent
