#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/catalogue.h"

namespace hostwatch::alerts {

// Numbers with units, as people write them in rules. All of it is pure.

/// "90s", "5m", "12h", "7d", "4w", or plain seconds, as whole seconds; nothing for anything else, and for
/// what is longer than ten years.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads as so many seconds: "5m", "90s", "1d"; 0 is "0s".
std::string format_duration(std::int64_t seconds);

/// "500MB", "20GiB", "1.5TB", or plain bytes; nothing for anything else.
std::optional<double> parse_size(std::string_view text);

/// The shortest text of whole units that parse_size() reads as exactly so many bytes: "20GiB", "500MB",
/// "512B". Nothing where there is none (not a whole number, negative, beyond 2^53).
std::optional<std::string> format_size(double bytes);

/// A limit as text, in the unit of what it is compared with: "20GiB" for bytes (and per second: "20MB/s"),
/// "5m" and "0.5s" for seconds, "90%" for percent, "5/s" for a rate, and a plain number for all. Nothing
/// known of the unit: a plain number alone. Gives what is wrong, for people, otherwise.
std::variant<double, std::string> parse_quantity(std::string_view text, std::optional<protocol::Unit> unit);

/// The value for people: "97.4 %", "18.3 GiB", "3.4 MB/s", "2 h 5 min", "12". Not to be read back.
std::string shown_quantity(double value, std::optional<protocol::Unit> unit);

}  // namespace hostwatch::alerts
