#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::util {

/// The whole file; nothing if it cannot be read or holds more than `max_bytes` (errno tells why then).
std::optional<std::string> read_small_file(const std::string& path, std::size_t max_bytes);

/// Replaces the file, whole or not at all, also after a power cut; readable by its owner alone. False if it
/// cannot be written (errno tells why then).
bool write_small_file(const std::string& path, std::string_view text);

/// Without blanks, tabs and ends of lines at either end, and without a byte order mark.
std::string trim(std::string_view text);

}  // namespace hostwatch::util
