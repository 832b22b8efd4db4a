#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace hostwatch::protocol {

/// What people tell hosts apart by: role=db, site=fra. By key.
using Tags = std::map<std::string, std::string>;

/// Tags that one host may have.
inline constexpr std::size_t kMostTags = 16;

/// One of them.
struct Tag {
  std::string key;
  std::string value;

  friend auto operator<=>(const Tag&, const Tag&) = default;
};

/// Why `text` cannot be a tag's key (1 to 63 bytes: a letter, then letters, digits, _ - and .), or nothing if
/// it can.
std::optional<std::string> why_not_tag_key(std::string_view text);

/// Why `text` cannot be a tag's value (1 to 200 bytes, printable, without commas), or nothing if it can.
std::optional<std::string> why_not_tag_value(std::string_view text);

/// Reads KEY=VALUE, where the value may hold further equals signs. Gives the tag, or what is wrong with it
/// ("must be KEY=VALUE"). Pure.
std::variant<Tag, std::string> parse_tag(std::string_view text);

/// True if a host with these tags is among those that are asked for: of each key that is named it has one of
/// the values. Pure.
bool has_tags(const Tags& tags, std::span<const Tag> wanted);

}  // namespace hostwatch::protocol
