#include "agent/collectors/arc.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <vector>

#include "agent/collectors/disks/mounts.h"
#include "agent/collectors/files/scan.h"
#include "agent/collectors/files/sys_files.h"

namespace hostwatch::agent {
namespace {

bool lies_on_fuse(const std::string& path) {
  struct statfs where {};
  return ::statfs(path.c_str(), &where) == 0 && where.f_type == FUSE_SUPER_MAGIC;
}

}  // namespace

std::optional<std::uint64_t> parse_arc_reclaimable(std::string_view text) {
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> minimum;
  std::string_view line;
  while (take_line(text, line) && !(size && minimum)) {
    const std::string_view name = take_word(line);
    if (name != "size" && name != "c_min") continue;
    take_word(line);  // its type
    (name == "size" ? size : minimum) = take_counter(line);
  }
  if (!size || !minimum) return std::nullopt;
  return *size > *minimum ? *size - *minimum : 0;
}

bool has_marks_of_container(const std::string& rootfs) {
  const auto marks = {"/run/systemd/container", "/.dockerenv", "/run/.containerenv"};
  return std::any_of(marks.begin(), marks.end(),
                     [&](const char* mark) { return is_there(join_path(rootfs, mark)); });
}

bool has_lxcfs_over_proc(std::string_view mountinfo) {
  const std::vector<Mount> mounts = parse_mount_table(mountinfo).mounts;
  return std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) {
    return mount.type == "fuse.lxcfs" && mount.mount_point.starts_with("/proc/");
  });
}

bool is_proc_of_container(const Roots& roots) {
  const bool is_own = is_own_proc(roots.proc);
  // Kubernetes' own mark: containerd and CRI-O leave no file. It is one of the agent, not of a mounted host.
  if (is_own && std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return true;
  // The marks at the agent's own root say nothing of a host that was mounted elsewhere.
  const bool has_its_root = is_own || !join_path(roots.rootfs, "").empty();
  if (has_its_root && has_marks_of_container(is_own ? "/" : roots.rootfs)) return true;
  // Mounted where the agent cannot read the table of process 1.
  if (lies_on_fuse(join_path(roots.proc, "/meminfo"))) return true;
  try {
    ProcFile mounts(join_path(roots.proc, is_own ? "/self/mountinfo" : "/1/mountinfo"));
    return has_lxcfs_over_proc(mounts.read().value_or(""));
  } catch (const std::exception&) {  // then the rest alone tells
    return false;
  }
}

Arc::Arc(const Roots& roots, bool in_container)
    : stats_(join_path(roots.proc, "/spl/kstat/zfs/arcstats")), in_container_(in_container) {}

std::uint64_t Arc::reclaimable(std::chrono::steady_clock::time_point now) {
  if (in_container_ || (missed_ && now - *missed_ < kLookAgain)) return 0;
  missed_.reset();
  const auto text = stats_.read();
  if (!text) {
    missed_ = now;
    return 0;
  }
  const auto bytes = parse_arc_reclaimable(*text);
  if (!bytes) throw CollectorError(stats_.path() + ": has no 'size' and 'c_min' that can be understood");
  return *bytes;
}

}  // namespace hostwatch::agent
