#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::alerts {

/// What placeholders stand for; nothing: not known, and then they stay as they are.
struct PlaceholderValues {
  std::optional<std::string> host = {};
  std::optional<std::string> instance = {};
  std::optional<std::string> value = {};  ///< with its unit, see shown_quantity()
  std::optional<std::string> limit = {};
  std::optional<std::string> since = {};
  std::map<std::string, std::string> tags = {};
};

/// The text with {host}, {instance}, {value}, {limit}, {since} and {tag.KEY} replaced. What is put in is not
/// looked at again; whatever else stands in braces stays, so that nobody wonders where it went. At most
/// `max_bytes` bytes: longer text is cut at a character's border. Pure.
std::string replace_placeholders(std::string_view text, const PlaceholderValues& values,
                                 std::size_t max_bytes = 8000);

}  // namespace hostwatch::alerts
