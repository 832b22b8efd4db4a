#include "agent/collectors/disks/ext4_errors.h"

#include <exception>
#include <filesystem>
#include <system_error>

#include "agent/collectors/files/proc_file.h"
#include "agent/collectors/files/sys_files.h"

namespace hostwatch::agent {
namespace {

/// Its options with those that its superblock holds, which mountinfo leaves out.
bool becomes_read_only(const std::string& options_path) {
  try {
    ProcFile options(options_path);
    return options.read().value_or("").find("errors=remount-ro\n") != std::string_view::npos;
  } catch (const std::exception&) {  // then nobody knows
    return false;
  }
}

}  // namespace

Ext4Errors::Ext4Errors(const Roots& roots, const Mount& mount) {
  if (mount.type != "ext4" || !is_path_step(mount.device)) return;
  std::error_code failed;
  // "../../devices/pci0000:00/.../block/sda/sda1"
  const auto link = std::filesystem::read_symlink(sys_path(roots, "/dev/block/") + mount.device, failed);
  const std::string name = link.filename().string();
  if (failed || !is_path_step(name)) return;
  if (!becomes_read_only(join_path(roots.proc, "/fs/ext4/" + name + "/options"))) return;
  path_ = sys_path(roots, "/fs/ext4/" + name + "/errors_count");
}

void Ext4Errors::read() {
  if (path_.empty()) return;
  const auto count = read_number(path_);
  if (!count) return;
  if (!first_) first_ = count;
  if (*count > *first_) grew_ = true;
}

void Ext4Errors::reset() {
  first_.reset();
  grew_ = false;
}

}  // namespace hostwatch::agent
