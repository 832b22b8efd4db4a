#include "server/alerts/rules/placeholders.h"

namespace hostwatch::alerts {
namespace {

/// What the name in braces stands for, or null.
const std::string* value_of(std::string_view name, const PlaceholderValues& values) {
  const auto pointer = [](const std::optional<std::string>& value) { return value ? &*value : nullptr; };
  if (name == "host") return pointer(values.host);
  if (name == "instance") return pointer(values.instance);
  if (name == "value") return pointer(values.value);
  if (name == "limit") return pointer(values.limit);
  if (name == "since") return pointer(values.since);
  constexpr std::string_view kTag = "tag.";
  if (!name.starts_with(kTag)) return nullptr;
  const auto tag = values.tags.find(std::string(name.substr(kTag.size())));
  return tag == values.tags.end() ? nullptr : &tag->second;
}

}  // namespace

std::string replace_placeholders(std::string_view text, const PlaceholderValues& values,
                                 std::size_t max_bytes) {
  std::string result;
  while (!text.empty() && result.size() <= max_bytes) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find_first_of("{}", 1);
    const bool is_name = close != std::string_view::npos && text[close] == '}';
    const std::string* value = is_name ? value_of(text.substr(1, close - 1), values) : nullptr;
    const std::size_t taken = is_name ? close + 1 : 1;
    result += value != nullptr ? std::string_view(*value) : text.substr(0, taken);
    text.remove_prefix(taken);
  }
  if (result.size() <= max_bytes) return result;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xC0U) == 0x80U) --end;
  result.resize(end);
  return result;
}

}  // namespace hostwatch::alerts
