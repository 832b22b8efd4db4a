#include "util/text/json_number.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace hostwatch::util {
namespace {

/// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExact = 1ULL << 53U;
constexpr int kMostDigits = 19;  ///< that any 64 bits hold

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits from `at` on, into `number` as long as it has room for them.
const char* take_digits(const char* at, const char* end, std::uint64_t& number) {
  for (; at != end && is_digit(*at); ++at) number = number * 10 + static_cast<std::uint64_t>(*at - '0');
  return at;
}

}  // namespace

std::optional<double> take_json_number(std::string_view& text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  const bool is_negative = at != end && *at == '-';
  if (is_negative) ++at;
  const char* const digits = at;
  std::uint64_t number = 0;
  at = take_digits(at, end, number);
  if (at == digits || (*digits == '0' && at != digits + 1)) return std::nullopt;
  auto count = at - digits;
  std::ptrdiff_t decimals = 0;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = take_digits(at, end, number);
    decimals = at - fraction;
    if (decimals == 0) return std::nullopt;
    count += decimals;
  }
  bool has_exponent = false;
  if (at != end && (*at == 'e' || *at == 'E')) {
    has_exponent = true;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    while (at != end && is_digit(*at)) ++at;
    if (at == exponent) return std::nullopt;
  }
  double value = 0;
  if (!has_exponent && count <= kMostDigits && number < kExact &&
      decimals < static_cast<std::ptrdiff_t>(kPowers.size())) {
    // Two numbers that a double holds exactly: their quotient is rounded once, as it should be (Clinger,
    // 1990).
    value = static_cast<double>(number) / kPowers.at(static_cast<std::size_t>(decimals));
    if (is_negative) value = -value;
  } else {
    const auto [stop, error] = std::from_chars(begin, at, value);
    if (error != std::errc() || stop != at) return std::nullopt;  // also what is too small for any but 0
  }
  text.remove_prefix(static_cast<std::size_t>(at - begin));
  return value;
}

}  // namespace hostwatch::util
