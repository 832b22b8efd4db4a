#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::alerts {

/// A definition is wrong; what() begins with the field ("routes[0].to: ...") and says what is wanted.
class TellingError : public std::runtime_error {
 public:
  TellingError(const std::string& field, const std::string& what) : std::runtime_error(field + ": " + what) {}
};

/// Reads the members of one JSON object of a route or a silence. All throw TellingError.
class DefinitionFields {
 public:
  /// `path` names the object in errors; empty: it is the whole text. Refuses members that are not `known`.
  DefinitionFields(const nlohmann::json& object, std::string path,
                   std::initializer_list<std::string_view> known);

  /// Nothing if it is absent or null.
  std::optional<std::string> text(std::string_view name, std::size_t most_bytes) const;
  /// A list of texts that are not empty; absent: an empty list.
  std::vector<std::string> texts(std::string_view name) const;
  /// {"role": ["db", "web"]}; one text may stand for a list of one.
  std::map<std::string, std::vector<std::string>> tags(std::string_view name) const;
  /// A whole number that is not negative.
  std::optional<std::int64_t> number(std::string_view name) const;
  /// Seconds as a number, or "90s", "15m", "4h", "1d" (also "0").
  std::optional<std::int64_t> duration(std::string_view name) const;

  std::string path(std::string_view name) const;

 private:
  const nlohmann::json* member(std::string_view name) const;
  std::vector<std::string> list(const nlohmann::json& value, const std::string& where) const;

  const nlohmann::json& object_;
  std::string path_;
};

/// The whole text as JSON; throws TellingError naming `what`.
nlohmann::json parse_definition(std::string_view text, const std::string& what);

}  // namespace hostwatch::alerts
