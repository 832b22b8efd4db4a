#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/collectors/collector.h"
#include "agent/collectors/proc_file.h"

namespace hostwatch::agent {

/// What of proc(5) meminfo is used, in bytes (the file counts in KiB). What the text does not have stays
/// empty.
struct MemoryInfo {
  std::optional<std::uint64_t> total;        ///< MemTotal
  std::optional<std::uint64_t> free;         ///< MemFree
  std::optional<std::uint64_t> available;    ///< MemAvailable, since Linux 3.14
  std::optional<std::uint64_t> buffers;      ///< Buffers
  std::optional<std::uint64_t> cached;       ///< Cached
  std::optional<std::uint64_t> reclaimable;  ///< SReclaimable
  std::optional<std::uint64_t> shared;       ///< Shmem
  std::optional<std::uint64_t> swap_total;   ///< SwapTotal; a kernel without swap has none
  std::optional<std::uint64_t> swap_free;    ///< SwapFree
};

/// Never throws; a line that cannot be understood counts as absent.
MemoryInfo parse_memory_info(std::string_view text);

/// What programs can still get, at most the total: MemAvailable, or what older kernels let one guess (free +
/// buffers + cached + reclaimable - shared). Nothing without a total, or if neither is there.
std::optional<std::uint64_t> available_memory(const MemoryInfo& info);

/// `ram` and the metrics memory_* and swap_*.
class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(const Roots& roots);
  std::string_view name() const override { return "memory"; }
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  ProcFile meminfo_;
};

}  // namespace hostwatch::agent
