#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>

#include "agent/collectors/arc.h"
#include "agent/collectors/collector.h"
#include "agent/collectors/fallback_log.h"
#include "agent/collectors/files/proc_file.h"

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

/// How it was found what programs can still get.
enum class AvailableBy {
  kernel,     ///< MemAvailable
  estimate,   ///< there is no MemAvailable: free + buffers + cached + reclaimable - shared
  mistrust,   ///< MemAvailable is more than MemTotal: the same estimate
  free_alone  ///< as is the estimate: MemFree
};

struct AvailableMemory {
  std::uint64_t bytes = 0;  ///< at most the total
  AvailableBy by = AvailableBy::kernel;
};

/// What programs can still get: MemAvailable, or where that cannot be believed or is not there (Linux before
/// 3.14), what the other values let one guess. Nothing without a total, or if there is nothing to go by.
std::optional<AvailableMemory> available_memory(const MemoryInfo& info);

/// `ram` and the metrics memory_* and swap_*.
class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(const Roots& roots);

  /// `in_container`: see Arc.
  MemoryCollector(const Roots& roots, bool in_container);

  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

 private:
  std::uint64_t without_arc(std::uint64_t used, std::chrono::steady_clock::time_point now,
                            std::exception_ptr& failure);
  std::uint64_t arc_reclaimable(std::chrono::steady_clock::time_point now, std::exception_ptr& failure);

  ProcFile meminfo_;
  Arc arc_;
  FallbackLog fallback_log_{"ram"};
};

}  // namespace hostwatch::agent
