#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hostwatch::util {

// Small JSON objects, read and written without nlohmann's tree of values: its destructor takes memory, and
// ends the program where there is none.

/// A value that holds no others; a number that is no whole one of 64 bits is a double.
using JsonScalar = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;
using JsonScalars = std::map<std::string, JsonScalar, std::less<>>;

/// An object's own members, those of the objects that are its members, and the texts in its arrays. What else
/// is in arrays, or nested deeper, is passed over; of members of one name the last counts.
struct JsonObject {
  JsonScalars members;
  std::map<std::string, JsonScalars, std::less<>> objects;
  std::map<std::string, std::vector<std::string>, std::less<>> arrays;  ///< by name: the texts among theirs

  /// There is a member of that name, of whatever kind, and it is not null.
  bool has_value(std::string_view name) const;
};

/// Reads an object. Nothing if the text is none, or is nested deeper than `most_depth` objects and arrays.
/// Throws nothing but std::bad_alloc.
std::optional<JsonObject> read_json_object(std::string_view text, int most_depth);

/// Writes an object, in the order of the calls.
class JsonObjectWriter {
 public:
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::int64_t value);
  void boolean(std::string_view name, bool value);
  void null(std::string_view name);
  /// A value that is JSON already.
  void json(std::string_view name, std::string_view value);

  // Null instead of what stands for nothing.
  void text_or_null(std::string_view name, std::string_view value);
  void number_or_null(std::string_view name, std::int64_t value);

  /// The whole object.
  std::string finish() const { return out_ + '}'; }

 private:
  void begin(std::string_view name);

  std::string out_ = "{";
};

}  // namespace hostwatch::util
