#include "agent/collectors/facts/processor_names.h"

#include <algorithm>
#include <array>

namespace hostwatch::agent {
namespace {

struct Implementer {
  std::uint32_t id;
  std::string_view name;
};

constexpr std::array kImplementers{
    Implementer{0x41, "ARM"},       Implementer{0x42, "Broadcom"}, Implementer{0x43, "Cavium"},
    Implementer{0x44, "DEC"},       Implementer{0x46, "Fujitsu"},  Implementer{0x48, "HiSilicon"},
    Implementer{0x4D, "Motorola"},  Implementer{0x4E, "NVIDIA"},   Implementer{0x50, "APM"},
    Implementer{0x51, "Qualcomm"},  Implementer{0x53, "Samsung"},  Implementer{0x56, "Marvell"},
    Implementer{0x61, "Apple"},     Implementer{0x66, "Faraday"},  Implementer{0x69, "Intel"},
    Implementer{0x6D, "Microsoft"}, Implementer{0x70, "Phytium"},  Implementer{0xC0, "Ampere"},
};

struct Part {
  std::uint32_t implementer;
  std::uint32_t part;
  std::string_view name;
};

// The part numbers are those of each core's technical reference manual, as Linux has them in
// arch/arm64/include/asm/cputype.h and arch/arm/include/asm/cputype.h.
constexpr std::array kParts{
    Part{0x41, 0x920, "ARM920T"},
    Part{0x41, 0x926, "ARM926EJ-S"},
    Part{0x41, 0xB02, "ARM11 MPCore"},
    Part{0x41, 0xB36, "ARM1136"},
    Part{0x41, 0xB76, "ARM1176"},
    Part{0x41, 0xC05, "Cortex-A5"},
    Part{0x41, 0xC07, "Cortex-A7"},
    Part{0x41, 0xC08, "Cortex-A8"},
    Part{0x41, 0xC09, "Cortex-A9"},
    Part{0x41, 0xC0D, "Cortex-A12"},
    Part{0x41, 0xC0E, "Cortex-A17"},
    Part{0x41, 0xC0F, "Cortex-A15"},
    Part{0x41, 0xD01, "Cortex-A32"},
    Part{0x41, 0xD02, "Cortex-A34"},
    Part{0x41, 0xD03, "Cortex-A53"},
    Part{0x41, 0xD04, "Cortex-A35"},
    Part{0x41, 0xD05, "Cortex-A55"},
    Part{0x41, 0xD06, "Cortex-A65"},
    Part{0x41, 0xD07, "Cortex-A57"},
    Part{0x41, 0xD08, "Cortex-A72"},
    Part{0x41, 0xD09, "Cortex-A73"},
    Part{0x41, 0xD0A, "Cortex-A75"},
    Part{0x41, 0xD0B, "Cortex-A76"},
    Part{0x41, 0xD0C, "Neoverse-N1"},
    Part{0x41, 0xD0D, "Cortex-A77"},
    Part{0x41, 0xD0E, "Cortex-A76AE"},
    Part{0x41, 0xD40, "Neoverse-V1"},
    Part{0x41, 0xD41, "Cortex-A78"},
    Part{0x41, 0xD42, "Cortex-A78AE"},
    Part{0x41, 0xD43, "Cortex-A65AE"},
    Part{0x41, 0xD44, "Cortex-X1"},
    Part{0x41, 0xD46, "Cortex-A510"},
    Part{0x41, 0xD47, "Cortex-A710"},
    Part{0x41, 0xD48, "Cortex-X2"},
    Part{0x41, 0xD49, "Neoverse-N2"},
    Part{0x41, 0xD4A, "Neoverse-E1"},
    Part{0x41, 0xD4B, "Cortex-A78C"},
    Part{0x41, 0xD4C, "Cortex-X1C"},
    Part{0x41, 0xD4D, "Cortex-A715"},
    Part{0x41, 0xD4E, "Cortex-X3"},
    Part{0x41, 0xD4F, "Neoverse-V2"},
    Part{0x41, 0xD80, "Cortex-A520"},
    Part{0x41, 0xD81, "Cortex-A720"},
    Part{0x41, 0xD82, "Cortex-X4"},
    Part{0x41, 0xD83, "Neoverse-V3AE"},
    Part{0x41, 0xD84, "Neoverse-V3"},
    Part{0x41, 0xD85, "Cortex-X925"},
    Part{0x41, 0xD87, "Cortex-A725"},
    Part{0x41, 0xD8E, "Neoverse-N3"},
    Part{0x42, 0x516, "ThunderX2"},
    Part{0x43, 0x0A1, "ThunderX"},
    Part{0x43, 0x0A2, "ThunderX 81XX"},
    Part{0x43, 0x0A3, "ThunderX 83XX"},
    Part{0x43, 0x0AF, "ThunderX2"},
    Part{0x46, 0x001, "A64FX"},
    Part{0x48, 0xD01, "TaiShan-v110"},
    Part{0x48, 0xD02, "TaiShan-v120"},
    Part{0x4E, 0x000, "Denver"},
    Part{0x4E, 0x003, "Denver 2"},
    Part{0x4E, 0x004, "Carmel"},
    Part{0x50, 0x000, "X-Gene"},
    Part{0x51, 0x001, "Oryon"},
    Part{0x51, 0x06F, "Krait"},
    Part{0x51, 0x201, "Kryo"},
    Part{0x51, 0x205, "Kryo"},
    Part{0x51, 0x211, "Kryo"},
    Part{0x51, 0x800, "Kryo 2XX Gold"},
    Part{0x51, 0x801, "Kryo 2XX Silver"},
    Part{0x51, 0x802, "Kryo 3XX Gold"},
    Part{0x51, 0x803, "Kryo 3XX Silver"},
    Part{0x51, 0x804, "Kryo 4XX Gold"},
    Part{0x51, 0x805, "Kryo 4XX Silver"},
    Part{0x51, 0xC00, "Falkor"},
    Part{0x56, 0x131, "Feroceon 88FR131"},
    Part{0x56, 0x581, "PJ4"},
    Part{0x56, 0x584, "PJ4B-MP"},
    Part{0x61, 0x022, "M1 Icestorm"},
    Part{0x61, 0x023, "M1 Firestorm"},
    Part{0x61, 0x024, "M1 Pro Icestorm"},
    Part{0x61, 0x025, "M1 Pro Firestorm"},
    Part{0x61, 0x028, "M1 Max Icestorm"},
    Part{0x61, 0x029, "M1 Max Firestorm"},
    Part{0x61, 0x032, "M2 Blizzard"},
    Part{0x61, 0x033, "M2 Avalanche"},
    Part{0x6D, 0xD49, "Cobalt 100"},
    Part{0x70, 0x662, "FTC662"},
    Part{0x70, 0x663, "FTC663"},
    Part{0xC0, 0xAC3, "Ampere-1"},
    Part{0xC0, 0xAC4, "Ampere-1a"},
};

struct Machine {
  std::string_view type;
  std::string_view name;
};

constexpr std::array kMachines{
    Machine{"2064", "z900"},    Machine{"2066", "z800"},    Machine{"2084", "z990"},
    Machine{"2086", "z890"},    Machine{"2094", "z9 EC"},   Machine{"2096", "z9 BC"},
    Machine{"2097", "z10 EC"},  Machine{"2098", "z10 BC"},  Machine{"2817", "z196"},
    Machine{"2818", "z114"},    Machine{"2827", "zEC12"},   Machine{"2828", "zBC12"},
    Machine{"2964", "z13"},     Machine{"2965", "z13s"},    Machine{"3906", "z14"},
    Machine{"3907", "z14 ZR1"}, Machine{"8561", "z15"},     Machine{"8562", "z15 T02"},
    Machine{"3931", "z16"},     Machine{"3932", "z16 A02"}, Machine{"9175", "z17"},
};

/// The name of the first row that fits; empty if none does.
template <typename Rows, typename Fits>
std::string_view name_of(const Rows& rows, const Fits& fits) {
  const auto found = std::find_if(rows.begin(), rows.end(), fits);
  return found == rows.end() ? std::string_view() : found->name;
}

}  // namespace

std::string_view arm_implementer(std::uint32_t implementer) {
  return name_of(kImplementers, [&](const Implementer& row) { return row.id == implementer; });
}

std::string_view arm_part(std::uint32_t implementer, std::uint32_t part) {
  return name_of(kParts, [&](const Part& row) { return row.implementer == implementer && row.part == part; });
}

std::string_view s390_machine(std::string_view type) {
  return name_of(kMachines, [&](const Machine& row) { return row.type == type; });
}

}  // namespace hostwatch::agent
