#include "server/alerts/rules/json_members.h"

#include <algorithm>

#include "server/alerts/rules/rule_units.h"
#include "util/text/counted.h"
#include "util/text/text.h"

namespace hostwatch::alerts {
namespace {

constexpr std::size_t kMostPatterns = 100;
constexpr std::size_t kLongestPattern = 253;  // of a host's name

/// In an error one can see what was meant, and nobody's terminal suffers.
std::string shown_name(std::string_view text) {
  return "'" + util::make_printable(text, 60) + "'";
}

}  // namespace

JsonMembers::JsonMembers(const nlohmann::json& value, std::string path)
    : object_(value), path_(std::move(path)) {
  if (!value.is_object()) throw MemberFault(path_, "must be an object, { ... }");
}

const nlohmann::json* JsonMembers::find(std::string_view name) {
  known_.emplace_back(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

std::string JsonMembers::path_of(std::string_view name) const {
  return path_ + (path_.empty() ? "" : ".") + std::string(name);
}

void JsonMembers::fail(std::string_view name, const std::string& text) const {
  throw MemberFault(path_of(name), text);
}

std::string JsonMembers::text(std::string_view name, std::size_t max_bytes) {
  const nlohmann::json* value = find(name);
  return value == nullptr ? "" : printable_text(*value, path_of(name), max_bytes);
}

bool JsonMembers::boolean(std::string_view name, bool otherwise) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) fail(name, "must be true or false");
  return value->get<bool>();
}

std::optional<std::int64_t> JsonMembers::duration(std::string_view name, std::int64_t least,
                                                  std::int64_t most) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> seconds;
  if (value->is_string()) seconds = parse_duration(value->get_ref<const std::string&>());
  if (value->is_number_integer()) {
    const double number = value->get<double>();
    if (number >= 0 && number <= static_cast<double>(most)) seconds = value->get<std::int64_t>();
  }
  if (!seconds || *seconds < least || *seconds > most) {
    fail(name, "must be a time from " + format_duration(least) + " to " + format_duration(most) +
                   ", such as \"90s\", \"5m\" or \"12h\"");
  }
  return seconds;
}

std::vector<std::string> JsonMembers::patterns(std::string_view name) {
  return texts(name, kMostPatterns, kLongestPattern);
}

std::vector<std::string> JsonMembers::texts(std::string_view name, std::size_t most, std::size_t max_bytes) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_array()) fail(name, "must be an array of texts, [\"...\"]");
  if (value->size() > most) fail(name, "has more than " + std::to_string(most) + " entries");
  std::vector<std::string> result;
  for (const nlohmann::json& entry : *value) {
    const std::string path = path_of(name) + "[" + std::to_string(result.size()) + "]";
    result.push_back(printable_text(entry, path, max_bytes));
  }
  return result;
}

void JsonMembers::refuse_others() const {
  for (const auto& member : object_.items()) {
    if (std::find(known_.begin(), known_.end(), member.key()) != known_.end()) continue;
    std::string names;
    for (const std::string& one : known_) names += (names.empty() ? "" : ", ") + one;
    throw MemberFault(path_of(util::make_printable(member.key(), 60)),
                      "there is no member " + shown_name(member.key()) + " here; there are " + names);
  }
}

std::string printable_text(const nlohmann::json& value, const std::string& path, std::size_t max_bytes) {
  if (!value.is_string()) throw MemberFault(path, "must be a text, \"...\"");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.empty()) throw MemberFault(path, "must not be empty");
  if (text.size() > max_bytes) {
    throw MemberFault(path, "is longer than " + util::counted(max_bytes, "byte"));
  }
  if (const auto why = util::why_not_printable(text)) throw MemberFault(path, *why);
  return text;
}

bool is_rule_id(std::string_view text) {
  constexpr std::size_t kLongestId = 63;
  return !text.empty() && text.size() <= kLongestId && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace hostwatch::alerts
