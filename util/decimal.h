#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

namespace hostwatch::util {

/// By the number of decimals.
inline constexpr std::array<double, 7> kPowersOfTen{1, 10, 100, 1e3, 1e4, 1e5, 1e6};

/// The integer of which `value` is exactly the quotient by `power` (of kPowersOfTen), the very same bits;
/// nothing if there is none: of 0.1 + 0.2 by 10, of -0, of what is beyond 2^53 or no number. Pure.
inline std::optional<std::int64_t> decimal_integer(double value, double power) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: every integer below it is a double
  constexpr double kRounds = 0x1.8p52;           // between 2^52 and 2^53 doubles are integers
  const double scaled = value * power;
  double rounded = 0;
  if (std::fabs(scaled) < kExact / 8) {
    rounded = (scaled + kRounds) - kRounds;  // no call; halves, which it rounds otherwise, are no decimals
  } else {
    rounded = std::round(scaled);
    if (!(std::fabs(rounded) < kExact)) return std::nullopt;
  }
  const auto integer = static_cast<std::int64_t>(rounded);
  const bool is_same = std::bit_cast<std::uint64_t>(static_cast<double>(integer) / power) ==
                       std::bit_cast<std::uint64_t>(value);
  return is_same ? std::optional(integer) : std::nullopt;
}

}  // namespace hostwatch::util
