#pragma once

#include <cstdint>
#include <string_view>

namespace hostwatch::agent {

/// Who designed a core, by bits 31 to 24 of the Main ID Register (MIDR; Arm ARM, D24.2.122), cpuinfo's "CPU
/// implementer"; empty if unknown here.
std::string_view arm_implementer(std::uint32_t implementer);

/// The core, by that and the MIDR's bits 15 to 4, cpuinfo's "CPU part": "Cortex-A72"; empty if unknown here.
std::string_view arm_part(std::uint32_t implementer, std::uint32_t part);

/// The mainframe of a machine type, s390x's cpuinfo "machine": "z15"; empty if unknown here.
std::string_view s390_machine(std::string_view type);

}  // namespace hostwatch::agent
