#pragma once

#include <cstddef>
#include <cstdint>
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
  std::string source{};     ///< "/dev/sda1", "tank/home", "server:/share"; may be anything
  std::uint32_t id = 0;     ///< of the mount, and of the one it is mounted on; 0: not known
  std::uint32_t parent_id = 0;
  bool read_only = false;         ///< this mount is
  bool read_only_device = false;  ///< the file system itself is, also for an error that it met
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

/// True for a file system behind which another machine or program stands or may stand (NFS, SMB, 9p, FUSE,
/// whatever is not known): asking it may take for ever. False for those of disks and of the kernel's own.
bool may_never_answer(std::string_view type);

/// True for what holds somebody's files. Not: the kernel's own (proc, sysfs, cgroup, ...), images that are
/// always full (squashfs, iso9660, AppImages), snapshots of ZFS, and layers of containers (overlay), except
/// where one is the root. Of the tmpfs, those that programs fill (see is_filled_by_programs()).
bool is_real_file_system(const Mount& mount);

/// True for a tmpfs that is neither read-only, nor the system's own (below /run, /sys, /proc and /dev, but
/// for /dev/shm), nor a container's.
bool is_filled_by_programs(const Mount& tmpfs);

/// True for a file system in memory: tmpfs, and what lies on /dev/ram* and /dev/zram*.
bool is_in_memory(const Mount& mount);

/// True for a mount in the folders of container engines and orchestrators (Docker, Kubernetes, Nomad, ...):
/// there are hundreds of them, and they come and go.
bool is_of_containers(const Mount& mount);

/// The mounts that a path leads to, in the table's order: not those that another one was mounted over, be it
/// at the same place or at a folder above. Goes by the ids of parents; a mount whose parent is not in the
/// table counts as mounted where its mount point is. They point into `all`.
std::vector<const Mount*> visible_mounts(const std::vector<Mount>& all);

/// The mounts worth measuring, in the table's order: real, visible, not deleted, and each device once, at its
/// shortest mount point (so bind mounts vanish).
std::vector<Mount> real_mounts(const std::vector<Mount>& all);

/// Names for the mount points as they may be shown, all different: bytes that cannot be shown are U+FFFD, and
/// equal names get a number.
std::vector<std::string> mount_names(const std::vector<Mount>& mounts);

}  // namespace hostwatch::agent
