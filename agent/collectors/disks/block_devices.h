#pragma once

#include <optional>
#include <span>
#include <string>

#include "agent/collectors/collector.h"
#include "protocol/repeated_instances.h"

namespace hostwatch::agent {

/// Which of the disks repeat what others count: those that /sys/block says lie on others (`slaves`: device
/// mapper with LVM, LUKS and multipath, md, bcache), and ZFS volumes and DRBD, of which it does not say so.
/// Nothing if sysfs has none of the disks.
std::optional<protocol::RepeatedInstances> repeated_disks(const Roots& roots,
                                                          std::span<const std::string> disks);

}  // namespace hostwatch::agent
