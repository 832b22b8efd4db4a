#pragma once

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
#include "agent/collectors/space_use.h"
#include "agent/collectors/zfs_pools.h"

namespace hostwatch::agent {

/// `disk` and filesystem_*: every real file system of the host (see real_mounts()), named by the host's mount
/// point.
///
/// The mount table is mountinfo of the agent itself, or, with a foreign --proc-root, of that root's process
/// 1; paths are looked up under --rootfs. A file system that is mounted read-only and has no free block is an
/// image, full by design: it is left out. The datasets of a ZFS pool share a line (share_pool()).
///
/// `disk` is the file system at --rootfs itself, in a container too. Where that is such an image or cannot be
/// asked, it is the file system of /var, else of /sysroot, else the largest that is writable and not in
/// memory; where there is none, 100 for an image and else the last value that there was, or 0: it is never
/// absent.
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
    bool read_only = false;
    bool is_tmpfs = false;
    int disk_rank = kNoDisk;  ///< the lower, the rather is it what `disk` means where the root is not
  };
  static constexpr int kNoDisk = 3;

  void refresh_table(std::chrono::steady_clock::time_point now);
  void rebuild(std::string_view text);
  void rank_for_disk(const std::vector<const Mount*>& visible, const std::vector<Mount>& measured);
  std::optional<SpaceUse> judge(const FileSystem& file_system, const StatAnswer& answer);
  void ask_all(const StatAnswer& root);
  double disk_percent(const StatAnswer& root) const;
  void note_trouble(const FileSystem& file_system, std::string_view trouble);

  std::string rootfs_;
  ProcFile mountinfo_;
  StatVfs statvfs_;
  std::string table_text_;
  std::optional<std::chrono::steady_clock::time_point> table_read_;
  std::size_t malformed_ = 0;
  std::vector<FileSystem> file_systems_;  ///< those that are asked with patience last
  std::vector<std::string> remote_paths_;
  std::vector<ZfsPool> pools_;
  std::vector<std::optional<SpaceUse>> uses_;  ///< of file_systems_, at this tick
  bool root_read_only_ = false;
  double last_disk_ = 0;
  std::unordered_set<std::string> troubled_;  ///< names whose trouble was logged
  PatientStat patient_;
};

}  // namespace hostwatch::agent
