#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::protocol {

/// Appends one value so that it comes back bit for bit: as a varint of value * 10^decimals where that is
/// exact (nearly always, as agents round), else as its eight bytes.
void pack_value(std::string& out, double value, int decimals);

/// Takes one value off the front; nothing if the bytes are damaged.
std::optional<double> unpack_value(std::string_view& bytes, int decimals);

/// Passes over one value; false if the bytes are damaged.
bool skip_value(std::string_view& bytes);

}  // namespace hostwatch::protocol
