#include "agent/collectors/disks/filesystems.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <utility>

namespace hostwatch::agent {
namespace {

/// Should the kernel not tell that the table changed (not every sandbox does), a new mount shows after this
/// long.
constexpr std::chrono::seconds kRereadAfter{60};

/// How often the errors of ext4 are looked at, of which nothing else tells.
constexpr std::chrono::seconds kErrorsAfter{10};

/// In another mount namespace than the host (a container's agent), "self" would show the container's mounts.
std::vector<std::string> places(const Roots& roots) {
  std::string own = join_path(roots.proc, "/self/mountinfo");
  if (is_own_proc(roots.proc)) return {own};
  return {join_path(roots.proc, "/1/mountinfo"), own};
}

/// Single files are mounted into containers (/etc/hosts) from file systems that the container does not have.
bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

/// Of the mounts that may never answer, the folders that lie in them: "/mnt/nas/".
std::vector<std::string> places_behind_others(const std::vector<Mount>& all) {
  std::vector<std::string> places;
  for (const Mount& mount : all) {
    if (mount.mount_point != "/" && may_never_answer(mount.type)) places.push_back(mount.mount_point + '/');
  }
  return places;
}

/// True for a mount that may never answer, and for one below such a mount: the way to it leads through there.
bool asked_with_patience(const Mount& mount, const std::vector<std::string>& behind_others) {
  return may_never_answer(mount.type) ||
         std::any_of(behind_others.begin(), behind_others.end(),
                     [&](const std::string& place) { return mount.mount_point.starts_with(place); });
}

void add_use(const std::string& name, const SpaceUse& use, Collected& into) {
  if (use.used_percent) into.add("filesystem_used_percent", name, *use.used_percent);
  into.add("filesystem_free_bytes", name, use.free_bytes);
  into.add("filesystem_size_bytes", name, use.size_bytes);
  if (use.inodes_used_percent) into.add("filesystem_inodes_used_percent", name, *use.inodes_used_percent);
  if (use.inodes_free) into.add("filesystem_inodes_free", name, *use.inodes_free);
}

/// Mounted to be written, on a device of its own that is read-only all the same: ext4 that met an error.
bool has_lost_its_writes(const Mount& mount) {
  return !mount.read_only && mount.read_only_device && mount.source.starts_with("/dev/");
}

/// An image: read-only, and not a block that could be used.
bool is_full_by_design(bool read_only, const struct statvfs& values) {
  return read_only && values.f_blocks != 0 && values.f_bfree == 0;
}

}  // namespace

FileSystemCollector::FileSystemCollector(const Roots& roots, StatVfs statvfs,
                                         std::chrono::milliseconds patience)
    : roots_(roots),
      rootfs_(roots.rootfs.empty() ? "/" : roots.rootfs),
      mountinfo_(places(roots)),
      statvfs_(statvfs),
      patient_(std::move(statvfs), patience) {}

void FileSystemCollector::refresh_table(std::chrono::steady_clock::time_point now) {
  const bool fresh = table_read_ && now - *table_read_ < kRereadAfter;
  // may_have_changed() first in any case: it tells of each change once, and what is read below includes it.
  if (!mountinfo_.may_have_changed() && fresh) return;
  const std::string_view text = mountinfo_.read_required();
  if (!table_read_ || text != table_text_) {
    rebuild(text);
    table_text_ = text;
  }
  table_read_ = now;
}

void FileSystemCollector::check_table() const {
  // Whatever runs has at least a root.
  if (table_text_.empty()) throw CollectorError(mountinfo_.path() + ": is empty");
  mountinfo_.refuse_malformed(malformed_);
}

void FileSystemCollector::rebuild(std::string_view text) {
  const MountTable table = parse_mount_table(text);
  malformed_ = table.malformed;
  const auto path_of = [this](const Mount& mount) {
    return mount.mount_point == "/" ? rootfs_ : join_path(rootfs_, mount.mount_point);
  };
  const std::vector<std::string> behind_others = places_behind_others(table.mounts);
  std::vector<Mount> candidates;
  for (const Mount& mount : table.mounts) {
    // Only what will be asked here is looked at here: nothing else may be touched on this thread.
    const bool looked_at = is_real_file_system(mount) && !asked_with_patience(mount, behind_others);
    if (!looked_at || !is_file(path_of(mount))) candidates.push_back(mount);
  }
  // In this order they lose their values where there are too many: the containers' go before the host's.
  std::vector<Mount> mounts = real_mounts(candidates);
  std::stable_partition(mounts.begin(), mounts.end(),
                        [](const Mount& mount) { return !is_of_containers(mount); });
  const auto first_remote = std::stable_partition(mounts.begin(), mounts.end(), [&](const Mount& mount) {
    return mount.mount_point == "/" || !asked_with_patience(mount, behind_others);
  });
  const auto direct = static_cast<std::size_t>(first_remote - mounts.begin());
  std::vector<std::string> names = mount_names(mounts);
  std::vector<FileSystem> file_systems;
  remote_paths_.clear();
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    FileSystem& file_system = file_systems.emplace_back();
    file_system.name = std::move(names[i]);
    file_system.path = path_of(mounts[i]);
    file_system.is_root = mounts[i].mount_point == "/";
    file_system.is_tmpfs = mounts[i].type == "tmpfs";
    carry_over_state(file_system, mounts[i]);
    if (i >= direct) remote_paths_.push_back(file_system.path);
  }
  file_systems_ = std::move(file_systems);
  mounts.resize(direct);
  pools_ = zfs_pools(mounts);
  rank_for_disk(visible_mounts(table.mounts), mounts);
  // What is no longer mounted is no longer in trouble.
  std::erase_if(troubled_, [this](const std::string& name) {
    return std::none_of(file_systems_.begin(), file_systems_.end(),
                        [&](const FileSystem& file_system) { return file_system.name == name; });
  });
}

/// What is known of the mount from before, if it was there, and what its options say now.
void FileSystemCollector::carry_over_state(FileSystem& file_system, const Mount& mount) const {
  file_system.mount_id = mount.id;
  file_system.read_only = mount.read_only_device;
  file_system.was_writable = !mount.read_only_device;
  file_system.lost_its_writes = has_lost_its_writes(mount);
  const auto before = std::find_if(file_systems_.begin(), file_systems_.end(), [&](const FileSystem& known) {
    return known.mount_id == file_system.mount_id && known.path == file_system.path;
  });
  if (before == file_systems_.end()) {
    file_system.errors = Ext4Errors(roots_, mount);
    return;
  }
  file_system.errors = before->errors;
  if (before->read_only && !file_system.read_only) file_system.errors.reset();
  file_system.was_writable |= before->was_writable;
  file_system.answered_writable = before->answered_writable;
  file_system.has_flipped = before->has_flipped;
  file_system.cannot_be_written = before->cannot_be_written;
}

void FileSystemCollector::check_ext4_errors(std::chrono::steady_clock::time_point now) {
  if (errors_read_ && now - *errors_read_ < kErrorsAfter) return;
  errors_read_ = now;
  for (FileSystem& file_system : file_systems_) file_system.errors.read();
}

void FileSystemCollector::note_flip(FileSystem& file_system, bool read_only) {
  if (read_only == file_system.cannot_be_written) return;
  file_system.cannot_be_written = read_only;
  file_system.has_flipped = true;
  if (read_only) {
    spdlog::warn("file system {}: cannot be written any more: it is read-only now", file_system.name);
  } else {
    spdlog::info("file system {}: can be written again", file_system.name);
  }
}

void FileSystemCollector::rank_for_disk(const std::vector<const Mount*>& visible,
                                        const std::vector<Mount>& measured) {
  root_read_only_ = false;
  std::array<std::string_view, 2> devices;  // of /var and /sysroot
  for (const Mount* const mount : visible) {
    if (mount->mount_point == "/") root_read_only_ = mount->read_only_device;
    if (is_in_memory(*mount) || mount->read_only_device) continue;
    if (mount->mount_point == "/var") devices[0] = mount->device;
    if (mount->mount_point == "/sysroot") devices[1] = mount->device;
  }
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const Mount& mount = measured[i];
    FileSystem& file_system = file_systems_[i];
    if (file_system.is_root && file_system.was_writable) root_read_only_ = false;
    if (mount.device == devices[0]) {
      file_system.disk_rank = 0;
    } else if (mount.device == devices[1]) {
      file_system.disk_rank = 1;
    } else if (!file_system.read_only && !file_system.is_root && !is_in_memory(mount)) {
      file_system.disk_rank = 2;
    }
  }
}

void FileSystemCollector::log_trouble(const FileSystem& file_system, std::string_view trouble) {
  if (!troubled_.insert(file_system.name).second) return;
  spdlog::warn("file system {}: {} (left out until it answers)", file_system.name, trouble);
}

std::optional<SpaceUse> FileSystemCollector::judge(FileSystem& file_system, const StatAnswer& answer) {
  if (answer.outcome == StatAnswer::Outcome::not_asked) return std::nullopt;
  const bool silent = answer.outcome == StatAnswer::Outcome::silent;
  if (silent || answer.error != 0) {
    // That of the root is a failure of this collector, which says so itself.
    if (!file_system.is_root)
      log_trouble(file_system, silent ? "does not answer" : std::strerror(answer.error));
    return std::nullopt;
  }
  if (troubled_.erase(file_system.name) != 0) spdlog::info("file system {}: answers again", file_system.name);
  // One that was seen writable may be full, but not by design.
  if (!file_system.was_writable && is_full_by_design(file_system.read_only, answer.values)) {
    return std::nullopt;
  }
  const bool answers_writable = (answer.values.f_flag & ST_RDONLY) == 0;
  const bool flipped_by_table =
      file_system.read_only && (file_system.was_writable || file_system.lost_its_writes);
  note_flip(file_system, flipped_by_table || file_system.errors.grew() ||
                             (file_system.answered_writable && !answers_writable));
  file_system.answered_writable |= answers_writable;
  auto use = space_use(answer.values);
  if (use && file_system.is_tmpfs) {
    // Of half the memory's pages: they do not run out before the room does.
    use->inodes_free.reset();
    use->inodes_used_percent.reset();
  }
  return use;
}

void FileSystemCollector::ask_all(const StatAnswer& root) {
  uses_.clear();
  const std::size_t direct = file_systems_.size() - remote_paths_.size();
  for (std::size_t i = 0; i < direct; ++i) {
    FileSystem& file_system = file_systems_[i];
    StatAnswer answer{StatAnswer::Outcome::answered, 0, {}};
    if (!file_system.is_root) answer.error = statvfs_(file_system.path, answer.values);
    uses_.push_back(judge(file_system, file_system.is_root ? root : answer));
  }
  const std::vector<StatAnswer> answers = patient_.ask(remote_paths_);
  for (std::size_t i = 0; i < answers.size(); ++i)
    uses_.push_back(judge(file_systems_[direct + i], answers[i]));
  for (ZfsPool& pool : pools_) share_pool(pool, uses_);
}

double FileSystemCollector::disk_percent(const StatAnswer& root) const {
  const bool is_image = root.error == 0 && is_full_by_design(root_read_only_, root.values);
  if (root.error == 0 && !is_image) {
    // The root of a ZFS pool shares what is used with the other datasets.
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      if (file_systems_[i].is_root && uses_[i]) return uses_[i]->used_percent.value_or(0);
    }
    // A root without a size (a diskless machine runs from memory) has nothing that could be used up. A
    // reading must have `disk`, and such a machine is to be seen too.
    const auto use = space_use(root.values);
    return use ? use->used_percent.value_or(0) : 0;
  }
  const SpaceUse* best = nullptr;
  int rank = kNoDisk;
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    const FileSystem& file_system = file_systems_[i];
    if (!uses_[i] || !uses_[i]->used_percent || file_system.disk_rank == kNoDisk) continue;
    const bool is_better = best == nullptr || file_system.disk_rank < rank ||
                           (file_system.disk_rank == rank && uses_[i]->size_bytes > best->size_bytes);
    if (!is_better) continue;
    best = &*uses_[i];
    rank = file_system.disk_rank;
  }
  if (best != nullptr) return *best->used_percent;
  return is_image ? 100 : last_disk_;
}

void FileSystemCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  std::exception_ptr failure;
  StatAnswer root{StatAnswer::Outcome::answered, 0, {}};
  root.error = statvfs_(rootfs_, root.values);
  if (root.error != 0) {
    failure = std::make_exception_ptr(CollectorError(rootfs_ + ": " + std::strerror(root.error)));
  }
  try {
    refresh_table(now);
    check_table();
  } catch (const CollectorError&) {
    if (!failure) failure = std::current_exception();
  }
  check_ext4_errors(now);
  ask_all(root);
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    const FileSystem& file_system = file_systems_[i];
    if (uses_[i]) add_use(file_system.name, *uses_[i], into);
    if (file_system.has_flipped) {
      into.add("filesystem_read_only", file_system.name, file_system.cannot_be_written ? 1 : 0);
    }
  }
  last_disk_ = disk_percent(root);
  into.disk = last_disk_;
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hostwatch::agent
