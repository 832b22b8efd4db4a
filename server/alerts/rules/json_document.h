#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace hostwatch::alerts {

/// JSON as people write it in files: with comments, and with the lines that things stand on.
struct JsonDocument {
  nlohmann::json value;
  /// Where each value begins, by its path: "rules[2].when[0].metric"; the document itself is "".
  std::map<std::string, std::size_t, std::less<>> lines;

  /// The line of what is at that path; of what is not there that of whatever would hold it.
  std::size_t line_of(std::string_view path) const;
};

struct JsonFault {
  std::size_t line = 1;
  std::string text;  ///< what is wrong, for people
};

/// Reads a whole text; comments (`//` and `/* */`) and a byte order mark are passed over. Refuses, beside
/// what is no JSON, two members of one name, and more than 16 values inside each other. Throws nothing but
/// std::bad_alloc.
std::variant<JsonDocument, JsonFault> read_json_document(std::string_view text);

}  // namespace hostwatch::alerts
