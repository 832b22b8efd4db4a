#include "server/alerts/rules/json_document.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "util/text/text.h"

namespace hostwatch::alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 16;

/// Counts lines while a parser reads. It has read a character too many behind a number, so the last one that
/// it took does not count yet.
class Lines {
 public:
  void pass(char c) {
    line_ += last_was_end_ ? 1 : 0;
    last_was_end_ = c == '\n';
  }
  std::size_t now() const { return line_; }

 private:
  std::size_t line_ = 1;
  bool last_was_end_ = false;
};

/// Walks over a text and tells the lines of it.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Lines* lines) : at_(at), lines_(lines) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    lines_->pass(*at_++);
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  Lines* lines_;
};

class DocumentBuilder final : public nlohmann::json_sax<json> {
 public:
  explicit DocumentBuilder(const Lines& lines) : lines_(lines) {}

  bool null() override { return place(nullptr); }
  bool boolean(bool value) override { return place(value); }
  bool number_integer(number_integer_t value) override { return place(value); }
  bool number_unsigned(number_unsigned_t value) override { return place(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return place(value); }
  bool string(string_t& value) override { return place(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return fail("binary data is no JSON"); }

  bool start_object(std::size_t /*members*/) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back().value->contains(name)) return fail("'" + name + "' is there twice");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception...] parse error at line 3, column 5: what is wrong"
    const std::string_view what = error.what();
    const std::size_t column = what.find("column ");
    const std::size_t begin = what.find(": ", column == std::string_view::npos ? 0 : column);
    return fail("is not JSON: " +
                std::string(begin == std::string_view::npos ? what : what.substr(begin + 2)));
  }

  JsonDocument take() { return std::move(document_); }
  const std::optional<JsonFault>& fault() const { return fault_; }

 private:
  struct Open {
    json* value;
    std::string path;
  };

  bool fail(std::string text) {
    if (!fault_) fault_ = JsonFault{lines_.now(), util::make_printable(text, 300)};
    return false;
  }

  std::string path_of_next() const {
    if (open_.empty()) return "";
    const Open& holder = open_.back();
    if (holder.value->is_array()) return holder.path + "[" + std::to_string(holder.value->size()) + "]";
    return holder.path + (holder.path.empty() ? "" : ".") + key_;
  }

  json* put(json&& value) {
    const std::string path = path_of_next();
    document_.lines.emplace(path, lines_.now());
    if (open_.empty()) return &(document_.value = std::move(value));
    json& holder = *open_.back().value;
    if (!holder.is_array()) return &(holder[key_] = std::move(value));
    holder.push_back(std::move(value));
    return &holder.back();
  }

  bool place(json&& value) {
    put(std::move(value));
    return true;
  }

  bool open(json&& value) {
    if (open_.size() == kDeepest) return fail("too many values inside each other");
    std::string path = path_of_next();
    json* placed = put(std::move(value));
    open_.push_back({placed, std::move(path)});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const Lines& lines_;
  JsonDocument document_;
  std::vector<Open> open_;
  std::string key_;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::size_t JsonDocument::line_of(std::string_view path) const {
  while (true) {
    const auto found = lines.find(path);
    if (found != lines.end()) return found->second;
    const std::size_t end = path.find_last_of(".[");
    if (end == std::string_view::npos) break;
    path = path.substr(0, end);
  }
  const auto whole = lines.find(std::string_view());
  return whole == lines.end() ? 1 : whole->second;
}

std::variant<JsonDocument, JsonFault> read_json_document(std::string_view text) {
  text = util::without_byte_order_mark(text);
  Lines lines;
  DocumentBuilder builder(lines);
  const CountingIterator begin(text.data(), &lines);
  const CountingIterator end(text.data() + text.size(), &lines);
  const bool whole = json::sax_parse(begin, end, &builder, json::input_format_t::json, true, true);
  if (builder.fault()) return *builder.fault();
  if (!whole) return JsonFault{lines.now(), "is not JSON"};
  return builder.take();
}

}  // namespace hostwatch::alerts
