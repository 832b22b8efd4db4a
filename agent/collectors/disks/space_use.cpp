#include "agent/collectors/disks/space_use.h"

#include "agent/collectors/rates.h"

namespace hostwatch::agent {

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

}  // namespace hostwatch::agent
