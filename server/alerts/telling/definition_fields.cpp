#include "server/alerts/telling/definition_fields.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hostwatch::alerts {

namespace {

constexpr std::size_t kMostEntries = 100;
constexpr std::size_t kMostTextBytes = 255;

std::optional<std::int64_t> seconds_of_text(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 366 * 86'400) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "s") return number;
  if (unit == "m") return number * 60;
  if (unit == "h") return number * 3600;
  if (unit == "d") return number * 86'400;
  return std::nullopt;
}

}  // namespace

DefinitionFields::DefinitionFields(const nlohmann::json& object, std::string path,
                                   std::initializer_list<std::string_view> known)
    : object_(object), path_(std::move(path)) {
  if (!object_.is_object()) throw TellingError(path_.empty() ? "definition" : path_, "must be an object");
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw TellingError(this->path(name), "there is no such field");
    }
  }
}

std::string DefinitionFields::path(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const nlohmann::json* DefinitionFields::member(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> DefinitionFields::text(std::string_view name, std::size_t most_bytes) const {
  const auto* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw TellingError(path(name), "must be a text");
  auto text = value->get<std::string>();
  if (text.size() > most_bytes) {
    throw TellingError(path(name), "must not be longer than " + std::to_string(most_bytes) + " bytes");
  }
  return text;
}

std::vector<std::string> DefinitionFields::list(const nlohmann::json& value, const std::string& where) const {
  if (!value.is_array()) throw TellingError(where, "must be a list of texts");
  if (value.size() > kMostEntries) {
    throw TellingError(where, "must not have more than " + std::to_string(kMostEntries) + " entries");
  }
  std::vector<std::string> texts;
  for (const auto& one : value) {
    if (!one.is_string() || one.get_ref<const std::string&>().empty()) {
      throw TellingError(where, "must be a list of texts that are not empty");
    }
    texts.push_back(one.get<std::string>());
    if (texts.back().size() > kMostTextBytes) {
      throw TellingError(where,
                         "an entry must not be longer than " + std::to_string(kMostTextBytes) + " bytes");
    }
  }
  return texts;
}

std::vector<std::string> DefinitionFields::texts(std::string_view name) const {
  const auto* value = member(name);
  return value == nullptr ? std::vector<std::string>() : list(*value, path(name));
}

std::map<std::string, std::vector<std::string>> DefinitionFields::tags(std::string_view name) const {
  std::map<std::string, std::vector<std::string>> tags;
  const auto* value = member(name);
  if (value == nullptr) return tags;
  if (!value->is_object()) throw TellingError(path(name), "must be an object of keys and lists of values");
  for (const auto& [key, values] : value->items()) {
    const std::string where = path(name) + "." + key;
    auto wanted = values.is_string() ? std::vector{values.get<std::string>()} : list(values, where);
    if (wanted.empty()) throw TellingError(where, "must have at least one value");
    tags.emplace(key, std::move(wanted));
  }
  return tags;
}

std::optional<std::int64_t> DefinitionFields::number(std::string_view name) const {
  const auto* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned() && !(value->is_number_integer() && value->get<std::int64_t>() >= 0)) {
    throw TellingError(path(name), "must be a whole number that is not negative");
  }
  const auto number = value->get<std::uint64_t>();
  // Beyond that it is no time in seconds (milliseconds, for example).
  if (number > 253'402'300'799U) throw TellingError(path(name), "must be Unix seconds");
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> DefinitionFields::duration(std::string_view name) const {
  const auto* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (const auto seconds = seconds_of_text(value->get_ref<const std::string&>())) return seconds;
  } else if (value->is_number_unsigned()) {
    const auto seconds = value->get<std::uint64_t>();
    if (seconds <= 366 * 86'400U) return static_cast<std::int64_t>(seconds);
  }
  throw TellingError(path(name),
                     "must be seconds, or a text such as \"15m\", \"4h\" or \"1d\", up to 366 days");
}

nlohmann::json parse_definition(std::string_view text, const std::string& what) {
  auto parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) throw TellingError(what, "is not JSON");
  return parsed;
}

}  // namespace hostwatch::alerts
