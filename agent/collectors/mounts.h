#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::agent {

/// One line of proc(5) mountinfo. Names are the kernel's bytes with its octal escapes undone: any bytes but
/// NUL.
struct Mount {
  std::string device;       ///< "254:0": major and minor number
  std::string mount_point;  ///< relative to the root of the process that was asked
  std::string type;         ///< "ext4", "nfs4", "fuse.sshfs"
};

/// Every mount of a mountinfo, in its order.
struct MountTable {
  std::vector<Mount> mounts;
  std::size_t malformed = 0;  ///< lines that could not be understood
};

/// Never throws.
MountTable parse_mount_table(std::string_view text);

/// `\040` and its like (a backslash and three octal digits) as the byte that they stand for; all else as it
/// is.
std::string undo_octal_escapes(std::string_view text);

/// True for a file system behind which another machine or program stands (NFS, SMB, 9p, FUSE, ...): asking it
/// may take for ever.
bool may_never_answer(std::string_view type);

/// True for what holds somebody's files. Not: the kernel's own (proc, sysfs, cgroup, tmpfs, ...), images that
/// are always full (squashfs, iso9660), and layers of containers (overlay), except where one is the root.
bool is_real_file_system(const Mount& mount);

/// The mounts worth measuring, in the table's order: real, not covered by a later mount at the same place,
/// not deleted, and each device once, at its shortest mount point (so bind mounts vanish).
std::vector<Mount> real_mounts(const std::vector<Mount>& all);

/// Names for the mount points as they may be shown, all different: bytes that cannot be shown are U+FFFD, and
/// equal names get a number.
std::vector<std::string> mount_names(const std::vector<Mount>& mounts);

}  // namespace hostwatch::agent
