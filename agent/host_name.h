#pragma once

#include <string>

namespace hostwatch::agent {

/// This host's own name: sys/kernel/hostname under `proc_root`, or gethostname(2)'s where that cannot be
/// read. Trimmed, otherwise unchecked; empty if there is none.
std::string own_host_name(const std::string& proc_root);

}  // namespace hostwatch::agent
