#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace hostwatch::storage {

/// The values of one series in the rows of a table; not every row need have one.
struct Column {
  int decimals = 0;            ///< digits after the point that values of the series usually have
  std::vector<double> values;  ///< of the rows that have one, in their order
  std::vector<bool> present;   ///< by row; empty: every row has a value
};

/// Whether the row has a value in the column.
inline bool has_value(const Column& column, std::size_t row) {
  return column.present.empty() || column.present[row];
}

/// Rows in order of time, as columns.
struct ColumnTable {
  std::vector<std::int64_t> times;          ///< strictly ascending, Unix seconds
  std::map<std::uint32_t, Column> columns;  ///< by series, or by roll_up_column()
};

/// What a roll-up keeps of each series and bucket: four columns in the place of one. Average is sum / count.
enum class RollUpPart : std::uint8_t { count = 0, sum = 1, minimum = 2, maximum = 3 };

/// The number of a part's column in a table of roll-ups.
constexpr std::uint32_t roll_up_column(std::uint32_t series, RollUpPart part) {
  return series * 4 + static_cast<std::uint32_t>(part);
}

/// And back: the series of such a column.
constexpr std::uint32_t series_of_roll_up(std::uint32_t column) {
  return column / 4;
}

/// The steps of the two levels of roll-ups, seconds.
inline constexpr std::int64_t kMinute = 60;
inline constexpr std::int64_t kHour = 3600;

}  // namespace hostwatch::storage
