#include "agent/collectors/arc.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>

#include "agent/collectors/scan.h"

namespace hostwatch::agent {

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

bool has_marks_of_container(const std::string& rootfs, std::string_view mountinfo) {
  for (const char* mark : {"/run/systemd/container", "/.dockerenv", "/run/.containerenv"}) {
    if (::access(join_path(rootfs, mark).c_str(), F_OK) == 0) return true;
  }
  return mountinfo.find(" fuse.lxcfs ") != std::string_view::npos;
}

bool is_proc_of_container(const Roots& roots) {
  if (!is_own_proc(roots.proc)) return false;
  // Kubernetes' own mark: containerd and CRI-O leave no file.
  if (std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return true;
  try {
    ProcFile mounts("/proc/self/mountinfo");
    return has_marks_of_container("/", mounts.read().value_or(""));
  } catch (const std::exception&) {  // then the files alone tell
    return has_marks_of_container("/", "");
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
