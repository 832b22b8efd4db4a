#pragma once

#include <span>

#include "agent/collectors/collector.h"
#include "protocol/host_facts.h"
#include "protocol/reading.h"

namespace hostwatch::agent {

/// Sets repeated_interfaces and repeated_disks of the facts by proc(5) and sysfs(5) of the watched host. What
/// sysfs does not tell, or tells of another network namespace than proc's, stays unknown; so does what would
/// not name all of those that are sent. `sent` are the samples of the reading that carries the facts: where
/// more repeat than a list holds, their instances go first. Never throws.
void read_repeated_instances(const Roots& roots, std::span<const protocol::Sample> sent,
                             protocol::HostFacts& into);

}  // namespace hostwatch::agent
