#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace hostwatch::protocol {

/// Names of instances (interfaces, disks) whose bytes other instances of the same host count as well: a bond
/// beside its ports, a logical volume beside its disk. A sum over the host's instances leaves them out; each
/// for itself is shown as ever.
using RepeatedInstances = std::set<std::string, std::less<>>;

/// Names that one list may have: more than a reading of an agent has room for (500 values are 100 disks of 5,
/// or 62 interfaces of 8).
inline constexpr std::size_t kMostRepeated = 128;

/// Why `text` cannot be such a name (1 to 64 bytes, printable), or nothing if it can. Pure.
std::optional<std::string> why_not_repeated(std::string_view text);

}  // namespace hostwatch::protocol
