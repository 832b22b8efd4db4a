#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/collectors/collector.h"
#include "agent/collectors/disks/mounts.h"

namespace hostwatch::agent {

/// How many errors an ext4 has met that becomes read-only for one (errors=remount-ro). Linux 6.12 to 6.14,
/// and older ones that this change went back to, tell of the flip nowhere else: neither mountinfo nor statvfs
/// changes. Not thread-safe.
class Ext4Errors {
 public:
  /// Of nothing: it never grows.
  Ext4Errors() = default;

  /// Of `mount`, by sys/dev/block and proc/fs/ext4; of nothing if it is no such ext4.
  Ext4Errors(const Roots& roots, const Mount& mount);

  /// Reads sys/fs/ext4/<device>/errors_count. The number outlives reboots, so that the first one says
  /// nothing.
  void read();

  /// The errors so far are over: somebody made it writable again.
  void reset();

  /// True from the first error on that was met since the first look.
  bool grew() const { return grew_; }

 private:
  std::string path_;
  std::optional<std::int64_t> first_;
  bool grew_ = false;
};

}  // namespace hostwatch::agent
