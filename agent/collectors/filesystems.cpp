#include "agent/collectors/filesystems.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "agent/collectors/rates.h"

namespace hostwatch::agent {
namespace {

/// Should the kernel not tell that the table changed (not every sandbox does), a new mount shows after this
/// long.
constexpr std::chrono::seconds kRereadAfter{60};

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

/// True for a mount that may never answer, and for one below such a mount: the way to it leads through there.
bool asked_with_patience(const Mount& mount, const std::vector<Mount>& all) {
  if (may_never_answer(mount.type)) return true;
  return std::any_of(all.begin(), all.end(), [&](const Mount& above) {
    return above.mount_point != "/" && may_never_answer(above.type) &&
           mount.mount_point.starts_with(above.mount_point + '/');
  });
}

void add_use(const std::string& name, const SpaceUse& use, Collected& into) {
  if (use.used_percent) into.add("filesystem_used_percent", name, *use.used_percent);
  into.add("filesystem_free_bytes", name, use.free_bytes);
  into.add("filesystem_size_bytes", name, use.size_bytes);
  if (use.inodes_used_percent) into.add("filesystem_inodes_used_percent", name, *use.inodes_used_percent);
  if (use.inodes_free) into.add("filesystem_inodes_free", name, *use.inodes_free);
}

}  // namespace

std::optional<SpaceUse> space_use(const struct statvfs& values) {
  if (values.f_blocks == 0) return std::nullopt;
  const auto block_bytes = static_cast<double>(values.f_frsize != 0 ? values.f_frsize : values.f_bsize);
  const auto blocks = static_cast<double>(values.f_blocks);
  // Some file systems say "less than none" when root's reserve is being used, which reads as a huge number.
  const double available = values.f_bavail <= values.f_blocks ? static_cast<double>(values.f_bavail) : 0;
  const double used =
      values.f_bfree <= values.f_blocks ? blocks - static_cast<double>(values.f_bfree) : blocks;
  SpaceUse use;
  use.size_bytes = blocks * block_bytes;
  use.free_bytes = available * block_bytes;
  if (used + available > 0) use.used_percent = percent_of(used, used + available);
  if (values.f_files != 0 && values.f_ffree <= values.f_files) {
    const auto inodes = static_cast<double>(values.f_files);
    use.inodes_free = static_cast<double>(values.f_ffree);
    use.inodes_used_percent = percent_of(inodes - *use.inodes_free, inodes);
  }
  return use;
}

FileSystemCollector::FileSystemCollector(const Roots& roots, StatVfs statvfs,
                                         std::chrono::milliseconds patience)
    : rootfs_(roots.rootfs.empty() ? "/" : roots.rootfs),
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

void FileSystemCollector::rebuild(std::string_view text) {
  const MountTable table = parse_mount_table(text);
  malformed_ = table.malformed;
  const auto path_of = [this](const Mount& mount) {
    return mount.mount_point == "/" ? rootfs_ : join_path(rootfs_, mount.mount_point);
  };
  std::vector<Mount> candidates;
  for (const Mount& mount : table.mounts) {
    // Only what will be asked here is looked at here: nothing else may be touched on this thread.
    const bool looked_at = is_real_file_system(mount) && !asked_with_patience(mount, table.mounts);
    if (!looked_at || !is_file(path_of(mount))) candidates.push_back(mount);
  }
  const std::vector<Mount> mounts = real_mounts(candidates);
  std::vector<std::string> names = mount_names(mounts);
  direct_.clear();
  remote_.clear();
  remote_paths_.clear();
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    FileSystem file_system{std::move(names[i]), path_of(mounts[i]), mounts[i].mount_point == "/"};
    if (file_system.is_root || !asked_with_patience(mounts[i], table.mounts)) {
      direct_.push_back(std::move(file_system));
    } else {
      remote_paths_.push_back(file_system.path);
      remote_.push_back(std::move(file_system));
    }
  }
  // What is no longer mounted is no longer in trouble.
  std::erase_if(troubled_, [this](const std::string& name) {
    const auto has_name = [&](const FileSystem& file_system) { return file_system.name == name; };
    return std::none_of(direct_.begin(), direct_.end(), has_name) &&
           std::none_of(remote_.begin(), remote_.end(), has_name);
  });
}

void FileSystemCollector::note_trouble(const FileSystem& file_system, std::string_view trouble) {
  if (!troubled_.insert(file_system.name).second) return;
  spdlog::warn("file system {}: {} (left out until it answers)", file_system.name, trouble);
}

void FileSystemCollector::judge(const FileSystem& file_system, const StatAnswer& answer, Collected& into) {
  if (answer.outcome == StatAnswer::Outcome::not_asked) return;
  if (answer.outcome == StatAnswer::Outcome::silent) return note_trouble(file_system, "does not answer");
  if (answer.error != 0) return note_trouble(file_system, std::strerror(answer.error));
  if (troubled_.erase(file_system.name) != 0) spdlog::info("file system {}: answers again", file_system.name);
  if (const auto use = space_use(answer.values)) add_use(file_system.name, *use, into);
}

void FileSystemCollector::collect(std::chrono::steady_clock::time_point now, Collected& into) {
  std::exception_ptr failure;
  StatAnswer root{StatAnswer::Outcome::answered, 0, {}};
  root.error = statvfs_(rootfs_, root.values);
  if (root.error == 0) {
    // A root without a size (a diskless machine runs from memory) has nothing that could be used up. A
    // reading must have `disk`, and such a machine is to be seen too.
    const auto use = space_use(root.values);
    into.disk = use ? use->used_percent.value_or(0) : 0;
  } else {
    failure = std::make_exception_ptr(CollectorError(rootfs_ + ": " + std::strerror(root.error)));
  }
  try {
    refresh_table(now);
    if (malformed_ != 0) {
      throw CollectorError(mountinfo_.path() + ": " + std::to_string(malformed_) +
                           " line(s) that cannot be understood");
    }
  } catch (const CollectorError&) {
    if (!failure) failure = std::current_exception();
  }
  for (const FileSystem& file_system : direct_) {
    if (file_system.is_root) {
      if (root.error == 0) judge(file_system, root, into);  // else the failure thrown below says it
      continue;
    }
    StatAnswer answer{StatAnswer::Outcome::answered, 0, {}};
    answer.error = statvfs_(file_system.path, answer.values);
    judge(file_system, answer, into);
  }
  const std::vector<StatAnswer> answers = patient_.ask(remote_paths_);
  for (std::size_t i = 0; i < remote_.size(); ++i) judge(remote_[i], answers[i], into);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hostwatch::agent
