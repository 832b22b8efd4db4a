#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hostwatch::query {

/// A range up to now that people choose by name. The page takes its list from here.
struct Timeframe {
  std::string_view name;
  std::string_view label;
  std::int64_t seconds;
};

inline constexpr std::array<Timeframe, 7> kTimeframes{{
    {"15m", "15 minutes", 900},
    {"1h", "1 hour", 3600},
    {"6h", "6 hours", 6 * 3600},
    {"24h", "24 hours", 86400},
    {"7d", "7 days", 7 * 86400},
    {"30d", "30 days", 30 * 86400},
    {"1y", "1 year", 365 * 86400},
}};
inline constexpr std::string_view kDefaultTimeframe = "1h";

/// The preset of that name, or null.
inline const Timeframe* find_timeframe(std::string_view name) {
  for (const Timeframe& timeframe : kTimeframes) {
    if (timeframe.name == name) return &timeframe;
  }
  return nullptr;
}

}  // namespace hostwatch::query
