#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collectors/collector.h"
#include "agent/collectors/files/proc_file.h"

namespace hostwatch::agent {

/// Of the ZFS cache (ARC), the bytes that it gives back when programs ask for memory: `size` less `c_min` of
/// spl/kstat/zfs/arcstats (lines "name type data"). The kernel counts them neither as available nor as
/// cached. Nothing if the text does not have both. Never throws.
std::optional<std::uint64_t> parse_arc_reclaimable(std::string_view text);

/// True if the root file system has a mark that systemd, Docker and Podman leave in their containers'.
bool has_marks_of_container(const std::string& rootfs);

/// True if by this mountinfo files of lxcfs lie over those of proc, as in LXC: not if it is mounted
/// elsewhere, as on the machine around it.
bool has_lxcfs_over_proc(std::string_view mountinfo);

/// The ZFS cache of the machine, if it has one. Not thread-safe.
class Arc {
 public:
  /// How often it is looked for where there is none: the module may be loaded any time.
  static constexpr std::chrono::minutes kLookAgain{5};

  /// `in_container`: this proc is a container's, whose meminfo is its own while arcstats is the machine's:
  /// then there is never anything to give back.
  Arc(const Roots& roots, bool in_container);

  /// 0 without ZFS. Throws CollectorError if the file is there and cannot be read or understood.
  std::uint64_t reclaimable(std::chrono::steady_clock::time_point now);

 private:
  ProcFile stats_;
  const bool in_container_;
  std::optional<std::chrono::steady_clock::time_point> missed_;
};

/// Whether the proc root is that of a container: the agent's own, or with a foreign --proc-root the one that
/// was mounted (Docker within LXC). Of that one the root file system tells, if it is not the agent's own, and
/// the mountinfo of its process 1. Never throws.
bool is_proc_of_container(const Roots& roots);

}  // namespace hostwatch::agent
