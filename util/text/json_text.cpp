#include "util/text/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "util/decimal.h"

namespace hostwatch::util {
namespace {

/// Appends a number of few digits behind its point, as nearly all are, several times as fast as by
/// std::to_chars() and as the same text; false, and nothing appended, for any other.
bool append_short_decimal(std::string& out, double value) {
  constexpr std::size_t kMostDecimals = 3;
  constexpr std::int64_t kUnambiguous = 1'000'000'000'000'000;  // no two decimals of 15 digits are one double
  constexpr std::int64_t kShorterWithExponent = 100'000;        // where it is a factor
  for (std::size_t decimals = 0; decimals <= kMostDecimals; ++decimals) {
    const auto integer = decimal_integer(value, kPowersOfTen.at(decimals));
    if (!integer) continue;
    const std::int64_t size = std::abs(*integer);
    if (size >= kUnambiguous || (size != 0 && size % kShorterWithExponent == 0)) return false;
    const auto power = static_cast<std::int64_t>(kPowersOfTen.at(decimals));
    std::array<char, 32> buffer{};
    char* end = buffer.data();
    if (*integer < 0) *end++ = '-';
    end = std::to_chars(end, buffer.data() + buffer.size(), size / power).ptr;
    if (decimals != 0) {
      *end++ = '.';
      std::int64_t rest = size % power;
      for (std::int64_t digit = power / 10; digit != 0; digit /= 10) {
        *end++ = static_cast<char>('0' + rest / digit);
        rest %= digit;
      }
    }
    out.append(buffer.data(), end);
    return true;
  }
  return false;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  // Nearly every name is plain ASCII and needs no escaping; the rest is nlohmann's work.
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (append_short_decimal(out, value)) return;
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

}  // namespace hostwatch::util
