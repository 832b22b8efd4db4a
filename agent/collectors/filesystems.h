#pragma once

#include <sys/statvfs.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/mounts.h"
#include "agent/collectors/patient_stat.h"
#include "agent/collectors/proc_file.h"

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

/// `disk` and filesystem_*: every real file system of the host (see real_mounts()), named by the host's mount
/// point.
///
/// The mount table is mountinfo of the agent itself, or, with a foreign --proc-root, of that root's process
/// 1; paths are looked up under --rootfs. `disk` is the file system at --rootfs itself, in a container too.
///
/// A file system behind a network or FUSE is asked by PatientStat: one that does not answer in time is left
/// out until it does, and that is logged once. So is one that fails. The rest is asked directly.
class FileSystemCollector : public Collector {
 public:
  static constexpr std::chrono::milliseconds kPatience{100};

  explicit FileSystemCollector(const Roots& roots, StatVfs statvfs = system_statvfs,
                               std::chrono::milliseconds patience = kPatience);
  std::string_view name() const override { return "file systems"; }

  /// Throws CollectorError if the root file system fails or the mount table cannot be read; the values of the
  /// other file systems are added all the same.
  void collect(std::chrono::steady_clock::time_point now, Collected& into) override;

  bool has_stuck_worker() const override { return patient_.stuck(); }

 private:
  struct FileSystem {
    std::string name;  ///< instance
    std::string path;  ///< where this process finds it
    bool is_root = false;
  };

  void refresh_table(std::chrono::steady_clock::time_point now);
  void rebuild(std::string_view text);
  void judge(const FileSystem& file_system, const StatAnswer& answer, Collected& into);
  void note_trouble(const FileSystem& file_system, std::string_view trouble);

  std::string rootfs_;
  ProcFile mountinfo_;
  StatVfs statvfs_;
  std::string table_text_;
  std::optional<std::chrono::steady_clock::time_point> table_read_;
  std::size_t malformed_ = 0;
  std::vector<FileSystem> direct_;
  std::vector<FileSystem> remote_;
  std::vector<std::string> remote_paths_;
  std::unordered_set<std::string> troubled_;  ///< names whose trouble was logged
  PatientStat patient_;
};

}  // namespace hostwatch::agent
