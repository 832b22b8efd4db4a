#pragma once

#include <sys/statvfs.h>

#include <optional>

namespace hostwatch::agent {

/// What df(1) makes of statvfs(3).
struct SpaceUse {
  double size_bytes = 0;  ///< f_blocks * f_frsize
  double free_bytes = 0;  ///< f_bavail * f_frsize: what users may still take, without root's reserve
  std::optional<double> used_percent;  ///< of used and free; nothing if both are 0
  std::optional<double>
      inodes_free;  ///< f_ffree; nothing where there is no fixed number of inodes (btrfs, vfat)
  std::optional<double> inodes_used_percent;
};

/// Nothing for a file system without a size: it stores nothing.
std::optional<SpaceUse> space_use(const struct statvfs& values);

}  // namespace hostwatch::agent
