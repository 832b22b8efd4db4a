#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "agent/collectors/collector.h"
#include "agent/collectors/disks/ext4_errors.h"
#include "agent/collectors/disks/mounts.h"
#include "agent/collectors/disks/patient_stat.h"
#include "agent/collectors/disks/space_use.h"
#include "agent/collectors/disks/zfs_pools.h"
#include "agent/collectors/files/proc_file.h"

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
/// filesystem_read_only is there for those that became read-only while they were mounted to be written
/// (errors=remount-ro), from then on: 1, and 0 when that is over.
///
/// A file system behind a network or FUSE is asked by PatientStat: one that does not answer in time is left
/// out until it does, and that is logged once. So is one that fails. The rest is asked directly.
class FileSystemCollector : public Collector {
 public:
  static constexpr std::chrono::milliseconds kPatience{100};

  explicit FileSystemCollector(const Roots& roots, StatVfs statvfs = system_statvfs,
                               std::chrono::milliseconds patience = kPatience);

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
    std::uint32_t mount_id = 0;
    bool was_writable = false;       ///< by the table, now or before
    bool lost_its_writes = false;    ///< by the table alone, see has_lost_its_writes()
    bool answered_writable = false;  ///< statvfs said so once
    bool has_flipped = false;        ///< it became read-only under the eyes of the agent
    Ext4Errors errors;
    bool cannot_be_written = false;  ///< it has flipped, and is read-only now
    int disk_rank = kNoDisk;         ///< the lower, the rather is it what `disk` means where the root is not
  };
  static constexpr int kNoDisk = 3;

  void refresh_table(std::chrono::steady_clock::time_point now);
  /// Throws if the table that was read last is not whole.
  void check_table() const;
  void rebuild(std::string_view text);
  void rank_for_disk(const std::vector<const Mount*>& visible, const std::vector<Mount>& measured);
  std::optional<SpaceUse> judge(FileSystem& file_system, const StatAnswer& answer);
  void ask_all(const StatAnswer& root);
  double disk_percent(const StatAnswer& root) const;
  void carry_over_state(FileSystem& file_system, const Mount& mount) const;
  void check_ext4_errors(std::chrono::steady_clock::time_point now);
  void note_flip(FileSystem& file_system, bool read_only);
  void log_trouble(const FileSystem& file_system, std::string_view trouble);

  const Roots roots_;
  std::string rootfs_;
  ProcFile mountinfo_;
  StatVfs statvfs_;
  std::string table_text_;
  std::optional<std::chrono::steady_clock::time_point> table_read_;
  std::optional<std::chrono::steady_clock::time_point> errors_read_;
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
