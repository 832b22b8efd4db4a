#include "protocol/tag.h"

#include <algorithm>

#include "protocol/names.h"

namespace hostwatch::protocol {

std::optional<std::string> why_not_tag_key(std::string_view text) {
  constexpr std::size_t kMostBytes = 63;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  const bool is_key = !text.empty() && text.size() <= kMostBytes && is_letter(text.front()) &&
                      std::all_of(text.begin(), text.end(), is_inner);
  if (is_key) return std::nullopt;
  return "must be a letter, then letters, digits, _, - and ., at most 63";
}

std::optional<std::string> why_not_tag_value(std::string_view text) {
  if (auto why = why_not_instance_name(text)) return why;
  // Lists of tags are written with commas between them.
  if (text.find(',') != std::string_view::npos) return "must not contain a comma";
  return std::nullopt;
}

std::variant<Tag, std::string> parse_tag(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return "must be KEY=VALUE";
  Tag tag{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
  if (const auto why = why_not_tag_key(tag.key)) return "must be KEY=VALUE: the key " + *why;
  if (const auto why = why_not_tag_value(tag.value)) return "must be KEY=VALUE: the value " + *why;
  return tag;
}

bool has_tags(const Tags& tags, std::span<const Tag> wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const Tag& tag) {
    const auto own = tags.find(tag.key);
    return own != tags.end() && std::any_of(wanted.begin(), wanted.end(), [&](const Tag& other) {
             return other.key == tag.key && other.value == own->second;
           });
  });
}

}  // namespace hostwatch::protocol
