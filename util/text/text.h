#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::util {

/// Why `text` cannot be shown as one line of plain text, or nothing if it can: it must be valid UTF-8 (RFC
/// 3629) without control, bidirectional, zero-width or other invisible characters, and without a blank at
/// either end.
std::optional<std::string> why_not_printable(std::string_view text);

/// The text with every byte that is not part of valid UTF-8, and every character that is not printable,
/// replaced by U+FFFD, trimmed of blanks and cut to `max_bytes` at a character's border. May be empty.
std::string make_printable(std::string_view text, std::size_t max_bytes);

/// The text without the byte order mark that editors and spreadsheets put before UTF-8.
std::string_view without_byte_order_mark(std::string_view text);

/// The text with whatever stands between the first "://" and the last "@" replaced by "***": what names a
/// user and a password in an address. For text that is shown or logged.
std::string without_url_secrets(std::string_view text);

}  // namespace hostwatch::util
