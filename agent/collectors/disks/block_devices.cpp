#include "agent/collectors/disks/block_devices.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "agent/collectors/files/sys_files.h"

namespace hostwatch::agent {
namespace {

bool is_numbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && name.size() > prefix.size() &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

bool has_entries(const std::string& folder) {
  std::error_code failed;
  const std::filesystem::directory_iterator first(folder, failed);
  return !failed && first != std::filesystem::directory_iterator();
}

}  // namespace

std::optional<protocol::RepeatedInstances> repeated_disks(const Roots& roots,
                                                          std::span<const std::string> disks) {
  protocol::RepeatedInstances repeated;
  bool any_there = disks.empty() && is_there(sys_path(roots, "/block"));
  for (const std::string& disk : disks) {
    const std::string folder = sys_path(roots, "/block/") + disk;
    if (!is_path_step(disk) || !is_there(folder)) continue;
    any_there = true;
    if (has_entries(folder + "/slaves") || is_numbered(disk, "zd") || is_numbered(disk, "drbd")) {
      repeated.insert(disk);
    }
  }
  if (!any_there) return std::nullopt;
  return repeated;
}

}  // namespace hostwatch::agent
