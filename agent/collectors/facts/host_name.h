#pragma once

#include <string>
#include <string_view>

namespace hostwatch::agent {

/// What a host is shown by that has no name of its own: many share it.
inline constexpr std::string_view kNoNameOfItsOwn = "localhost";

/// This host's own name: sys/kernel/hostname under `proc_root`, or gethostname(2)'s where that cannot be
/// read. Trimmed, otherwise unchecked; empty if there is none, which the kernel shows as "(none)" or an empty
/// line.
std::string own_host_name(const std::string& proc_root);

/// True for what stands where a host has no name of its own (yet): nothing, "(none)", "localhost".
bool is_stand_in_name(std::string_view name);

}  // namespace hostwatch::agent
