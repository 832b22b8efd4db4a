#pragma once

#include "agent/collectors/collector.h"
#include "protocol/host_facts.h"

namespace hostwatch::agent {

/// Sets repeated_interfaces and repeated_disks of the facts by proc(5) and sysfs(5) of the watched host. What
/// sysfs does not tell, or tells of another network namespace than proc's, stays unknown. Never throws.
void read_repeated_instances(const Roots& roots, protocol::HostFacts& into);

}  // namespace hostwatch::agent
