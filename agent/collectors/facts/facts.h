#pragma once

#include "agent/collectors/collector.h"
#include "protocol/host_facts.h"

namespace hostwatch::agent {

/// What the host says of itself: os-release(5) under the root file system, and proc(5): sys/kernel/osrelease,
/// cpuinfo, meminfo, `btime` and the cores' lines of stat. What cannot be read stays unknown; never throws.
/// agent_version is this program's; interval_seconds and tags are left to the caller.
protocol::HostFacts read_facts(const Roots& roots);

}  // namespace hostwatch::agent
