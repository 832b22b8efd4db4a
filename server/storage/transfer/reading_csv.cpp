#include "server/storage/transfer/reading_csv.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hostwatch::storage {
namespace {

void append_text(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

template <typename Number>
bool parse_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool is_csv_header(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + field;
  return line == kCsvHeader;
}

void append_csv_value(std::string& out, std::string_view hostname, std::int64_t timestamp,
                      std::string_view metric, std::string_view instance, double value) {
  append_text(out, hostname);
  out += ',';
  out += std::to_string(timestamp);
  out += ',';
  append_text(out, metric);
  out += ',';
  append_text(out, instance);
  out += ',';
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
  out += '\n';
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  if (in_.peek() == std::istream::traits_type::eof()) return false;
  began_ = line_;
  std::string field;
  std::size_t bytes = 0;
  bool quoted = false;
  for (int c = in_.get(); c != std::istream::traits_type::eof(); c = in_.get()) {
    if (c == '\n') ++line_;
    if (++bytes > kMaxRecordBytes) {  // an open quote would otherwise swallow the rest of the file
      quoted = false;
      if (c != '\n') continue;
    }
    if (began_ == 1 && bytes == 4 && field == "\xEF\xBB\xBF") field.clear();  // a byte order mark
    if (quoted) {
      if (c != '"') {
        field += static_cast<char>(c);
      } else if (in_.peek() == '"') {
        field += static_cast<char>(in_.get());
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      break;
    } else if (c != '\r' || in_.peek() != '\n') {
      field += static_cast<char>(c);
    }
  }
  fields.push_back(std::move(field));
  return true;
}

std::optional<std::string> parse_csv_value(const std::vector<std::string>& fields, CsvValue& value) {
  constexpr std::size_t kFields = 5;
  if (fields.size() != kFields) return "it has " + std::to_string(fields.size()) + " fields, not 5";
  if (!parse_number(fields[1], value.timestamp)) return "its timestamp is not Unix seconds";
  if (!parse_number(fields[4], value.value) || !std::isfinite(value.value))
    return "its value is not a number";
  value.hostname = fields[0];
  value.metric = fields[2];
  value.instance = fields[3];
  return std::nullopt;
}

}  // namespace hostwatch::storage
