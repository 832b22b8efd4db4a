#include "agent/collectors/mounts.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "agent/collectors/scan.h"
#include "protocol/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMaxNameBytes = 200;  // of an instance
constexpr std::size_t kNumberBytes = 12;    // room for " (1234)"

constexpr auto kNotReal = std::to_array<std::string_view>({
    // the kernel's own views and memory
    "autofs",
    "bdev",
    "binder",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "cpuset",
    "debugfs",
    "devfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "functionfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nfsd",
    "none",
    "nsfs",
    "openpromfs",
    "pipefs",
    "proc",
    "pstore",
    "ramfs",
    "resctrl",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "smackfs",
    "sockfs",
    "spufs",
    "sysfs",
    "tmpfs",
    "tracefs",
    "usbdevfs",
    "usbfs",
    "xenfs",
    // images and media that cannot be written, so always full
    "cramfs",
    "erofs",
    "iso9660",
    "romfs",
    "squashfs",
    "udf",
    // FUSE programs that show something other than files
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fuse.snapfuse",
    "fuse.squashfuse",
    "fuse.vmware-vmblock",
});

constexpr auto kLayers =
    std::to_array<std::string_view>({"aufs", "fuse.fuse-overlayfs", "overlay", "overlayfs"});

constexpr auto kRemote = std::to_array<std::string_view>({
    "9p",   "acfs",    "afs",   "beegfs",    "ceph",  "cifs",   "coda",   "davfs",
    "fuse", "fuseblk", "gfs2",  "glusterfs", "gpfs",  "lustre", "ncp",    "ncpfs",
    "nfs",  "nfs4",    "ocfs2", "orangefs",  "pvfs2", "sshfs",  "vboxsf", "virtiofs",
});

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// "36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw": nothing is missing but the
/// optional fields before the dash, of which there may be any number.
bool parse_line(std::string_view line, Mount& mount) {
  take_word(line);  // mount ID
  take_word(line);  // parent ID
  mount.device = take_word(line);
  take_word(line);  // root
  mount.mount_point = undo_octal_escapes(take_word(line));
  std::string_view word = take_word(line);  // mount options
  while (!word.empty() && word != "-") word = take_word(line);
  mount.type = take_word(line);
  return mount.device.find(':') != std::string::npos && mount.mount_point.starts_with('/') &&
         !mount.type.empty();
}

/// Of mounts at one place, the last covers the others.
std::vector<const Mount*> uncovered(const std::vector<Mount>& all) {
  std::unordered_map<std::string_view, const Mount*> top;
  for (const Mount& mount : all) top[mount.mount_point] = &mount;
  std::vector<const Mount*> result;
  for (const Mount& mount : all) {
    if (top[mount.mount_point] == &mount) result.push_back(&mount);
  }
  return result;
}

}  // namespace

std::string undo_octal_escapes(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' &&
                         is_octal(text[i + 1]) && is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escaped) {
      result += text[i];
      continue;
    }
    const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    result += static_cast<char>(value);
    i += 3;
  }
  return result;
}

MountTable parse_mount_table(std::string_view text) {
  MountTable table;
  std::string_view line;
  while (take_line(text, line)) {
    Mount mount;
    if (parse_line(line, mount)) {
      table.mounts.push_back(std::move(mount));
    } else {
      ++table.malformed;
    }
  }
  if (!text.empty()) ++table.malformed;
  return table;
}

bool may_never_answer(std::string_view type) {
  return contains(kRemote, type) || type.starts_with("nfs") || type.starts_with("smb") ||
         type.starts_with("fuse.");
}

bool is_real_file_system(const Mount& mount) {
  if (contains(kLayers, mount.type)) return mount.mount_point == "/";
  return !contains(kNotReal, mount.type);
}

std::vector<Mount> real_mounts(const std::vector<Mount>& all) {
  constexpr std::string_view kDeleted =
      "//deleted";  // what the kernel puts behind the name of one that is gone
  std::vector<const Mount*> candidates = uncovered(all);
  std::erase_if(candidates, [&](const Mount* mount) {
    return !is_real_file_system(*mount) || mount->mount_point.ends_with(kDeleted);
  });
  std::unordered_map<std::string_view, const Mount*> shortest;
  for (const Mount* mount : candidates) {
    const Mount*& known = shortest[mount->device];
    if (known == nullptr || mount->mount_point.size() < known->mount_point.size()) known = mount;
  }
  std::vector<Mount> result;
  for (const Mount* mount : candidates) {
    if (shortest[mount->device] == mount) result.push_back(*mount);
  }
  return result;
}

std::vector<std::string> mount_names(const std::vector<Mount>& mounts) {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  for (const Mount& mount : mounts) {
    std::string name = protocol::make_printable(mount.mount_point, kMaxNameBytes);
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = protocol::make_printable(mount.mount_point, kMaxNameBytes - kNumberBytes);
      name += " (" + std::to_string(number) + ")";
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace hostwatch::agent
