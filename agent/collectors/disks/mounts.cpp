#include "agent/collectors/disks/mounts.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "agent/collectors/files/scan.h"
#include "protocol/names.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kNumberBytes = 12;  // room for " (1234)"

/// The kernel's own views and memory.
constexpr auto kKernelsOwn = std::to_array<std::string_view>(
    {"bdev",    "binder",  "binfmt_misc", "bpf",        "cgroup",     "cgroup2",    "configfs", "cpuset",
     "debugfs", "devfs",   "devpts",      "devtmpfs",   "efivarfs",   "functionfs", "fusectl",  "hugetlbfs",
     "mqueue",  "nfsd",    "none",        "nsfs",       "openpromfs", "pipefs",     "proc",     "pstore",
     "ramfs",   "resctrl", "rootfs",      "rpc_pipefs", "securityfs", "selinuxfs",  "smackfs",  "sockfs",
     "spufs",   "sysfs",   "tracefs",     "usbdevfs",   "usbfs",      "xenfs"});

/// Images and media that cannot be written, so always full.
constexpr auto kImages =
    std::to_array<std::string_view>({"cramfs", "erofs", "iso9660", "romfs", "squashfs", "udf"});

/// Behind which a program stands that shows something other than files, or what is in an image.
constexpr auto kNotFiles = std::to_array<std::string_view>(
    {"autofs", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "fuse.vmware-vmblock",
     "fuse.archivemount", "fuse.dwarfs", "fuse.erofsfuse", "fuse.fuseiso"});

/// On a disk or in the memory of this machine: they answer without asking anybody else. What is not known
/// here is taken for one that does: there are always more of those than a list has (prl_fs, panfs, vmhgfs).
/// Layers (overlay, ecryptfs) are not here either: what lies under them may be anywhere.
constexpr auto kLocal = std::to_array<std::string_view>(
    {"adfs",   "affs", "apfs",  "bcachefs", "befs",    "bfs",   "btrfs",   "efs",      "exfat", "ext2",
     "ext3",   "ext4", "f2fs",  "hfs",      "hfsplus", "hpfs",  "jffs2",   "jfs",      "minix", "msdos",
     "nilfs2", "ntfs", "ntfs3", "omfs",     "qnx4",    "qnx6",  "reiser4", "reiserfs", "sysv",  "tmpfs",
     "ubifs",  "ufs",  "vfat",  "vxfs",     "xfs",     "yaffs", "yaffs2",  "zfs",      "zonefs"});

/// Below these a tmpfs is the system's own, or a container's.
constexpr auto kOwnFolders = std::to_array<std::string_view>({"/dev", "/proc", "/run", "/sys", "/var/run"});
constexpr auto kContainerFolders = std::to_array<std::string_view>({
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/incus",
    "/var/lib/kubelet",
    "/var/lib/lxd",
    "/var/snap",
});

constexpr auto kLayers =
    std::to_array<std::string_view>({"aufs", "fuse.fuse-overlayfs", "overlay", "overlayfs"});

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t N>
bool is_below_any(const std::array<std::string_view, N>& folders, std::string_view path) {
  return std::any_of(folders.begin(), folders.end(), [path](std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  });
}

/// Images that programs mount by FUSE: squashfuse, squashfuse_ll, and what an AppImage calls itself.
bool is_image_program(std::string_view type) {
  constexpr std::string_view kAppImage = ".appimage";
  if (!type.starts_with("fuse.")) return false;
  if (type.starts_with("fuse.squashfuse")) return true;
  return type.size() >= kAppImage.size() &&
         std::equal(kAppImage.rbegin(), kAppImage.rend(), type.rbegin(), [](char wanted, char c) {
           return wanted == (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
         });
}

/// "3f2c9a41-77de-4b0c-9b1e-0a5d5f6c7e88".
bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char wanted) {
           const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           return wanted == 'x' ? is_digit : c == wanted;
         });
}

/// True below ".../alloc/<uuid>", where Nomad keeps a task's files (its folder is the user's to choose), and
/// below ".../alloc_mounts", where it mounts some of them once more.
bool is_of_nomad(std::string_view place) {
  constexpr std::string_view kAllocations = "/alloc/";
  constexpr std::size_t kUuidBytes = 36;
  if (place.find("/alloc_mounts/") != std::string_view::npos) return true;
  for (std::size_t at = place.find(kAllocations); at != std::string_view::npos;
       at = place.find(kAllocations, at + 1)) {
    const std::string_view below = place.substr(at + kAllocations.size());
    if (below.size() > kUuidBytes && below[kUuidBytes] == '/' && is_uuid(below.substr(0, kUuidBytes))) {
      return true;
    }
  }
  return false;
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    if (options.substr(0, comma) == wanted) return true;
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  return false;
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// "36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw": nothing is missing but the
/// optional fields before the dash, of which there may be any number.
bool parse_line(std::string_view line, Mount& mount) {
  mount.id = to_number<std::uint32_t>(take_word(line)).value_or(0);
  mount.parent_id = to_number<std::uint32_t>(take_word(line)).value_or(0);
  mount.device = take_word(line);
  take_word(line);  // root
  mount.mount_point = undo_octal_escapes(take_word(line));
  std::string_view word = take_word(line);
  mount.read_only = has_option(word, "ro");
  while (!word.empty() && word != "-") word = take_word(line);
  mount.type = take_word(line);
  mount.source = take_word(line);
  word = take_word(line);
  mount.read_only_device = has_option(word, "ro") || has_option(word, "emergency_ro");
  return mount.device.find(':') != std::string::npos && mount.mount_point.starts_with('/') &&
         !mount.type.empty();
}

/// The way that the kernel goes from the root to a path: at each step from a mount to the one on top of it.
class MountTree {
 public:
  explicit MountTree(const std::vector<Mount>& all) {
    std::unordered_set<std::uint32_t> ids;
    for (const Mount& mount : all) ids.insert(mount.id);
    for (const Mount& mount : all) {
      const bool has_parent =
          mount.parent_id != kNone && mount.parent_id != mount.id && ids.contains(mount.parent_id);
      // Of those whose parent is out of sight the last covers the others at its place.
      top_[mount.mount_point].insert_or_assign(has_parent ? mount.parent_id : kNone, &mount);
    }
  }

  /// What one finds at the path; null if there is no mount on the way.
  const Mount* at(std::string_view path) const {
    const Mount* found = step("/", nullptr);
    for (std::size_t end = path.find('/', 1); path.size() > 1; end = path.find('/', end + 1)) {
      found = step(path.substr(0, end), found);
      if (end == std::string_view::npos) break;
    }
    return found;
  }

 private:
  static constexpr std::uint32_t kNone = 0;
  using ByParent = std::unordered_map<std::uint32_t, const Mount*>;

  /// The mount on top at that place, coming from `from`.
  const Mount* step(std::string_view place, const Mount* from) const {
    const auto here = top_.find(place);
    if (here == top_.end()) return from;
    if (const auto orphan = here->second.find(kNone); orphan != here->second.end()) from = orphan->second;
    // A mount at the same place has the one below it as its parent. No more steps than mounts: ids that form
    // a ring are not the kernel's.
    for (std::size_t steps = here->second.size(); steps > 0 && from != nullptr; --steps) {
      const auto above = here->second.find(from->id);
      if (above == here->second.end()) break;
      from = above->second;
    }
    return from;
  }

  std::unordered_map<std::string_view, ByParent> top_;
};

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
  return !contains(kLocal, type) && !contains(kKernelsOwn, type) && !contains(kImages, type);
}

bool is_real_file_system(const Mount& mount) {
  if (contains(kLayers, mount.type)) return mount.mount_point == "/";
  if (mount.type == "tmpfs") return is_filled_by_programs(mount);
  // tank/home@monday, which whoever looks below .zfs/snapshot mounts by looking.
  if (mount.type == "zfs" && mount.source.find('@') != std::string::npos) return false;
  return !contains(kKernelsOwn, mount.type) && !contains(kImages, mount.type) &&
         !contains(kNotFiles, mount.type) && !is_image_program(mount.type);
}

bool is_filled_by_programs(const Mount& tmpfs) {
  const std::string_view place = tmpfs.mount_point;
  if (tmpfs.read_only || tmpfs.read_only_device || is_of_containers(tmpfs)) return false;
  return place == "/dev/shm" || !is_below_any(kOwnFolders, place);
}

bool is_in_memory(const Mount& mount) {
  return mount.type == "tmpfs" || mount.source.starts_with("/dev/ram") ||
         mount.source.starts_with("/dev/zram");
}

bool is_of_containers(const Mount& mount) {
  const std::string_view place = mount.mount_point;
  return is_below_any(kContainerFolders, place) || place.find("/kubernetes.io~") != std::string_view::npos ||
         (place.ends_with("/shm") && place.find("/containers/") != std::string_view::npos) ||
         is_of_nomad(place);
}

std::vector<const Mount*> visible_mounts(const std::vector<Mount>& all) {
  const MountTree tree(all);
  std::vector<const Mount*> result;
  for (const Mount& mount : all) {
    if (tree.at(mount.mount_point) == &mount) result.push_back(&mount);
  }
  return result;
}

std::vector<Mount> real_mounts(const std::vector<Mount>& all) {
  constexpr std::string_view kDeleted =
      "//deleted";  // what the kernel puts behind the name of one that is gone
  const MountTree tree(all);
  std::vector<const Mount*> candidates;
  for (const Mount& mount : all) {
    const bool is_candidate = is_real_file_system(mount) && !mount.mount_point.ends_with(kDeleted);
    if (is_candidate && tree.at(mount.mount_point) == &mount) candidates.push_back(&mount);
  }
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
    std::string name = util::make_printable(mount.mount_point, protocol::kMaxInstanceBytes);
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = util::make_printable(mount.mount_point, protocol::kMaxInstanceBytes - kNumberBytes);
      name += " (" + std::to_string(number) + ")";
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace hostwatch::agent
