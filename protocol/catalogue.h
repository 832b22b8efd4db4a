#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace hostwatch::protocol {

enum class Unit : std::uint8_t { percent, bytes, bytes_per_second, per_second, seconds, count };

/// A metric that Hostwatch knows: one row of the catalogue. A row names its fields and leaves out those that
/// are as here.
struct MetricDefinition {
  /// Beyond any byte count or rate of one machine.
  static constexpr double kHuge = 1e18;

  std::string_view name;  ///< ends in its unit, unless that is a count
  Unit unit = Unit::count;
  double minimum = 0;      ///< smallest valid value
  double maximum = kHuge;  ///< greatest valid value; of a percentage 100
  int decimals = 0;        ///< digits after the point that are worth keeping; the agent rounds to them
  std::string_view instance_label = {};  ///< what an instance is ("interface"); empty: there are no instances
  std::string_view help;                 ///< one sentence for people
  std::string_view group;                ///< heading under which the page draws it
  std::string_view chart;                ///< title; metrics of one group with the same title share a chart
  bool stacked = false;                  ///< the chart's series add up to a whole
};

/// The metrics that every reading has: its fields, which need no place among its samples.
inline constexpr std::array<std::string_view, 3> kBasicMetrics{"cpu", "ram", "disk"};

/// Whether it is one of kBasicMetrics.
constexpr bool is_basic_metric(std::string_view name) {
  return std::find(kBasicMetrics.begin(), kBasicMetrics.end(), name) != kBasicMetrics.end();
}

/// Every known metric; kBasicMetrics are the first three, then groups in the order the page shows them.
std::span<const MetricDefinition> catalogue();

/// The row of that name, or null: names outside the catalogue are custom gauges without range or unit.
const MetricDefinition* find_metric(std::string_view name);

/// Digits kept of a custom gauge.
inline constexpr int kCustomDecimals = 3;

/// What a custom gauge may be at most, either way: far beyond whatever is measured, and so far below the
/// greatest double (1.8e308) that a hundred million of them can be added.
inline constexpr double kCustomMaximum = 1e300;

/// Whether a metric of that row of the catalogue, or a custom gauge (null), can have the value; false for
/// what is not finite.
bool is_in_range(const MetricDefinition* known, double value);

/// "percent", "bytes", "bytes_per_second", "per_second", "seconds", "count": as the HTTP API says it.
std::string_view to_string(Unit unit);

/// `value` rounded half away from zero to `decimals` (0 to 6) digits; not finite or too large to round:
/// unchanged.
double round_to(double value, int decimals);

}  // namespace hostwatch::protocol
