#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::protocol {

/// Why `text` cannot be a host name (1 to 253 bytes, printable as util::why_not_printable() says, neither "."
/// nor ".."), or nothing if it can.
std::optional<std::string> why_not_host_name(std::string_view text);

/// True for a metric's name: a letter or underscore, then letters, digits and underscores; 1 to 100 bytes.
bool is_metric_name(std::string_view text);

inline constexpr std::size_t kMaxInstanceBytes = 200;

/// Why `text` cannot name an instance of a metric (1 to so many bytes, printable), or nothing if it can.
std::optional<std::string> why_not_instance_name(std::string_view text);

}  // namespace hostwatch::protocol
