#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hostwatch::util {

/// An option as a configuration file has it.
struct ConfigOption {
  /// How the value is written: not at all ("guest"), bare (guest = true), or in quotes or brackets.
  enum class Form : std::uint8_t { none, bare, quoted };

  std::string name;                 ///< without hyphens before it
  std::vector<std::string> values;  ///< none: Form::none; one: bare as it stands, or quoted; several: [a, b]
  Form form = Form::none;
  std::size_t line = 0;  ///< from 1 on

  friend bool operator==(const ConfigOption&, const ConfigOption&) = default;
};

/// Reads the text of a configuration file, in the order of its lines, or says in one line what is wrong and
/// where, without repeating a value, which may be a secret.
///
/// A line is `name = value`, or `name` alone. A value is bare (it ends where a blank and # or ; begin a
/// comment), or in "double" or 'single' quotes, in which every byte counts as it stands; or a list of such in
/// brackets, [a, "b"], over as many lines as it likes. Lines that begin with # or ; are comments. Refused is
/// whatever readers of such files take differently: # within a bare value, a backslash in double quotes, text
/// behind a closing quote, sections. A byte order mark at a line's beginning and a CR at its end are passed
/// over; text in UTF-16 is refused.
std::variant<std::vector<ConfigOption>, std::string> read_config_text(std::string_view text);

}  // namespace hostwatch::util
