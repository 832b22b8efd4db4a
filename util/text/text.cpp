#include "util/text/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace hostwatch::util {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

/// Takes one character off the front of `text`; an invalid byte is taken alone and yields kInvalid (RFC 3629:
/// no overlong forms, no surrogates, nothing over U+10FFFF).
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  std::size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2, value = first & 0x1FU, smallest = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3, value = first & 0x0FU, smallest = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4, value = first & 0x07U, smallest = 0x10000;
  }
  bool valid = length != 0 && text.size() >= length;
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0U) == 0x80;
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  if (!valid || value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    text.remove_prefix(1);
    return kInvalid;
  }
  text.remove_prefix(length);
  return value;
}

/// Characters that a reader cannot see or that change how their neighbours are shown (Unicode 15 categories
/// Cc, Cf, Zl, Zp, noncharacters, private use, tags, variation selectors, and letters and signs that are
/// drawn blank).
bool is_invisible(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 33> kRanges{{
      {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},    {0x034F, 0x034F},   {0x0600, 0x0605},
      {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},    {0x0890, 0x0891},   {0x08E2, 0x08E2},
      {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},    {0x200B, 0x200F},   {0x2028, 0x202E},
      {0x2060, 0x206F},   {0x2800, 0x2800},   {0x3164, 0x3164},    {0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},
      {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},    {0xFFF0, 0xFFFC},   {0x110BD, 0x110BD},
      {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x16FE4, 0x16FE4},  {0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159},
      {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF},
  }};
  if ((c & 0xFFFEU) == 0xFFFE) return true;  // the last two of each plane are no characters
  return std::any_of(kRanges.begin(), kRanges.end(),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

/// Every character Unicode calls a blank (category Zs).
bool is_blank(char32_t c) {
  return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

std::optional<std::string> why_not_printable(std::string_view text) {
  if (is_plain_ascii(text)) return std::nullopt;
  bool first = true;
  bool blank = false;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (c == kInvalid) return "must be valid UTF-8";
    if (is_invisible(c)) return "must not contain control, bidirectional or invisible characters";
    blank = is_blank(c);
    if (first && blank) return "must not begin with a blank";
    first = false;
  }
  if (blank) return "must not end with a blank";
  return std::nullopt;
}

std::string make_printable(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes && is_plain_ascii(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    const std::string_view piece = c == kInvalid || is_invisible(c)
                                       ? std::string_view("\xEF\xBF\xBD")
                                       : before.substr(0, before.size() - text.size());
    if (is_blank(c) && result.empty()) continue;
    if (result.size() + piece.size() > max_bytes) break;
    result += piece;
  }
  // Only blanks can be wrong now, and only at the end.
  while (!result.empty() && why_not_printable(result)) {
    do {
      result.pop_back();
    } while (!result.empty() && (static_cast<std::uint8_t>(result.back()) & 0xC0U) == 0x80);
  }
  return result;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string without_url_secrets(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t at = text.rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
    return std::string(text);
  return std::string(text.substr(0, scheme + 3)) + "***" + std::string(text.substr(at));
}

}  // namespace hostwatch::util
