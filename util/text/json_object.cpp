#include "util/text/json_object.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/text/json_text.h"

namespace hostwatch::util {
namespace {

using Json = nlohmann::json;

/// Takes the parser's events (json_sax of nlohmann). Each returns false to stop it.
class ObjectReader {
 public:
  explicit ObjectReader(int most_depth) : most_depth_(most_depth) {}

  bool null() { return value(nullptr); }
  bool boolean(bool value_read) { return value(value_read); }
  bool number_integer(Json::number_integer_t number) { return value(std::int64_t{number}); }
  bool number_unsigned(Json::number_unsigned_t number) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return number <= kMost ? value(static_cast<std::int64_t>(number)) : value(static_cast<double>(number));
  }
  bool number_float(Json::number_float_t number, const std::string& /*as_sent*/) { return value(number); }
  bool string(std::string& text) { return value(std::move(text)); }
  bool binary(Json::binary_t& /*bytes*/) { return false; }

  bool start_object(std::size_t /*elements*/) {
    if (depth_ == 1) scalars_ = &result_.objects[name_];
    return go_deeper();
  }
  bool start_array(std::size_t /*elements*/) {
    if (depth_ == 0) return false;
    if (depth_ == 1) texts_ = &result_.arrays[name_];
    return go_deeper();
  }
  bool end_object() { return come_back(); }
  bool end_array() { return come_back(); }

  bool key(std::string& name) {
    if (depth_ == 1) {
      name_ = std::move(name);
      result_.members.erase(name_);
      result_.objects.erase(name_);
      result_.arrays.erase(name_);
    } else if (depth_ == 2) {
      inner_name_ = std::move(name);
      if (scalars_ != nullptr) scalars_->erase(inner_name_);
    }
    return true;
  }

  static bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                          const Json::exception& /*error*/) {
    return false;
  }

  JsonObject& result() { return result_; }

 private:
  bool go_deeper() { return ++depth_ <= most_depth_; }
  bool come_back() {
    if (--depth_ == 1) {
      scalars_ = nullptr;
      texts_ = nullptr;
    }
    return true;
  }

  bool value(JsonScalar scalar) {
    if (depth_ == 0) return false;  // the text is no object
    if (depth_ == 1) {
      result_.members.insert_or_assign(name_, std::move(scalar));
    } else if (depth_ == 2 && scalars_ != nullptr) {
      scalars_->insert_or_assign(inner_name_, std::move(scalar));
    } else if (depth_ == 2 && texts_ != nullptr) {
      if (auto* text = std::get_if<std::string>(&scalar)) texts_->push_back(std::move(*text));
    }
    return true;
  }

  const int most_depth_;
  int depth_ = 0;
  std::string name_;
  std::string inner_name_;
  JsonScalars* scalars_ = nullptr;  ///< of the object at depth 2, if it is a member of the outermost
  std::vector<std::string>* texts_ = nullptr;  ///< of the array at depth 2, likewise
  JsonObject result_;
};

}  // namespace

bool JsonObject::has_value(std::string_view name) const {
  if (objects.contains(name) || arrays.contains(name)) return true;
  const auto found = members.find(name);
  return found != members.end() && !std::holds_alternative<std::nullptr_t>(found->second);
}

std::optional<JsonObject> read_json_object(std::string_view text, int most_depth) {
  ObjectReader reader(most_depth);
  if (!Json::sax_parse(text, &reader)) return std::nullopt;
  return std::move(reader.result());
}

void JsonObjectWriter::begin(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  append_json_string(out_, name);
  out_ += ':';
}

void JsonObjectWriter::text(std::string_view name, std::string_view value) {
  begin(name);
  append_json_string(out_, value);
}

void JsonObjectWriter::number(std::string_view name, std::int64_t value) {
  begin(name);
  out_ += std::to_string(value);
}

void JsonObjectWriter::boolean(std::string_view name, bool value) {
  json(name, value ? "true" : "false");
}

void JsonObjectWriter::null(std::string_view name) {
  json(name, "null");
}

void JsonObjectWriter::json(std::string_view name, std::string_view value) {
  begin(name);
  out_ += value;
}

void JsonObjectWriter::text_or_null(std::string_view name, std::string_view value) {
  if (value.empty()) {
    null(name);
  } else {
    text(name, value);
  }
}

void JsonObjectWriter::number_or_null(std::string_view name, std::int64_t value) {
  if (value == 0) {
    null(name);
  } else {
    number(name, value);
  }
}

}  // namespace hostwatch::util
