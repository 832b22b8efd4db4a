#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hostwatch::alerts {

/// A series of a test of rules: a value for each reading; nothing: the reading lacks it.
struct TrialSeries {
  std::string metric;
  std::string instance;
  std::vector<std::optional<double>> values;
};

/// Values that one series may have in a test.
inline constexpr std::size_t kMostTrialValues = 100000;

/// Reads "METRIC" or "METRIC{INSTANCE}", and values with spaces between: "90", "90x60" (60 times), "_"
/// (none), "_x30", "10+2x5" (10 12 14 16 18), "10-2x5"; numbers with the units of the metric ("4GiB"). Gives
/// what is wrong otherwise. Pure.
std::variant<TrialSeries, std::string> read_trial_series(std::string_view name, std::string_view values);

}  // namespace hostwatch::alerts
