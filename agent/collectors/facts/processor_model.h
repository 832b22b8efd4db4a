#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hostwatch::agent {

/// What the processors of proc(5) cpuinfo are called. Each architecture says it in its own way:
/// "model name" (x86, LoongArch, newer 32-bit ARM), "Processor" (older ARM), "cpu model" (MIPS,
/// Alpha), "cpu" (POWER, SPARC), "uarch", else "isa" (RISC-V), "CPU" (m68k, Nios), "cpu type" (SuperH), "core
/// ID" (Xtensa), "cpu architecture" (OpenRISC), "CPU-Family" (MicroBlaze), "C-SKY CPU model"; ARM's
/// implementer and part and s390x's machine type are looked up, and told as numbers where they are not known
/// ("ARM 0x41 part 0xfff"). Cores of several kinds are all named. The board ("Hardware", "system type") only
/// where nothing else is known. Empty if there is nothing. Never throws but std::bad_alloc.
std::string processor_model(std::string_view cpuinfo);

/// How many processors cpuinfo lists one by one; not all architectures do. Never throws.
std::size_t processors_listed(std::string_view cpuinfo);

}  // namespace hostwatch::agent
