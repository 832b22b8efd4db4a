#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/rates.h"

namespace hostwatch::agent {

/// One device's counters since it appeared: a line of proc(5) diskstats.
struct DiskCounters {
  std::string name;
  std::uint64_t reads = 0;            ///< reads completed
  std::uint64_t sectors_read = 0;     ///< of 512 bytes, whatever the device's own sector
  std::uint64_t writes = 0;           ///< writes completed
  std::uint64_t sectors_written = 0;  ///< of 512 bytes
  std::uint64_t busy_ms = 0;          ///< io_ticks: milliseconds with at least one request under way
};

/// The whole disks of one diskstats.
struct DiskStats {
  std::vector<DiskCounters> disks;
  std::size_t malformed = 0;  ///< lines that could not be understood
};

/// Every line that stands for a whole disk: no partitions (they follow their disk and begin with its name),
/// no loop, ram, zram, floppy (fd) and optical (sr) devices. The paths of a multipath NVMe namespace
/// (nvme0c1n2, which has no file in /dev) are one disk with it (nvme0n2): where the kernel counts with the
/// paths alone (up to 6.1), it has their sums. Never throws.
DiskStats parse_disk_stats(std::string_view text);

/// disk_*: a device that never did any input or output since it appeared is left out.
class DiskIoCollector : public Collector {
 public:
  explicit DiskIoCollector(const Roots& roots);
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile diskstats_;
  Previous<std::vector<DiskCounters>> previous_;
};

}  // namespace hostwatch::agent
