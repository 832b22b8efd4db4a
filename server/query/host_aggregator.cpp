#include "server/query/host_aggregator.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/query/steps.h"
#include "server/storage/chunk/column_table.h"

namespace hostwatch::query {
namespace {

using storage::Column;
using storage::ColumnTable;
using storage::roll_up_column;
using storage::RollUpPart;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// With more buckets than this the rows are kept by time: few of them will have readings.
constexpr std::int64_t kMostNumbered = 100000;

/// Calls visit(row, value) for each value of a column.
template <typename Visit>
void for_each_value(const Column& column, std::size_t rows, Visit visit) {
  if (column.present.empty()) {
    for (std::size_t row = 0; row < rows; ++row) visit(row, column.values[row]);
    return;
  }
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.present[row]) visit(row, column.values[next++]);
  }
}

}  // namespace

HostAggregator::HostAggregator(std::int64_t step, std::int64_t from, std::int64_t to, AnswerBudget& budget)
    : step_(step), budget_(budget) {
  if (step == 0) return;
  first_ = floor_to(from, step);
  const std::int64_t buckets = (floor_to(to, step) - first_) / step + 1;
  if (buckets <= kMostNumbered) begin(static_cast<std::size_t>(buckets));
}

void HostAggregator::begin(std::size_t rows) {
  has_reading_.assign(rows, false);
}

void HostAggregator::add(const storage::HistoryPart& part) {
  budget_.check_time();
  if (!has_reading_.empty()) {
    add_placed(part);
    return;
  }
  // Their number is not known before all have come: count them as rows of their own meanwhile.
  budget_.spend_values(storage::count_values(part.table));
  held_.push_back({part.step, part.table});
}

/// Which row each time of the part belongs to. The times ascend: only where a bucket ends is it looked for
/// anew.
void HostAggregator::place(const std::vector<std::int64_t>& times) {
  runs_.clear();
  row_of_.clear();
  auto at = times_.begin();
  std::int64_t end = INT64_MIN;  // of the bucket at hand
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] < end) {
      ++runs_.back().end;
      continue;
    }
    const std::int64_t bucket = step_ == 0 ? times[i] : floor_to(times[i], step_);
    end = bucket + std::max<std::int64_t>(step_, 1);
    std::size_t row = 0;
    if (times_.empty()) {
      row = static_cast<std::size_t>((bucket - first_) / step_);
    } else {
      at = std::lower_bound(at, times_.end(), bucket);
      row = static_cast<std::size_t>(at - times_.begin());
    }
    runs_.push_back({i, i + 1, row});
    has_reading_[row] = true;
  }
}

/// The same for each row of the part.
const std::vector<std::size_t>& HostAggregator::row_of() {
  if (row_of_.empty()) {
    for (const Run& run : runs_) row_of_.insert(row_of_.end(), run.end - run.begin, run.row);
  }
  return row_of_;
}

void HostAggregator::add_placed(const storage::HistoryPart& part) {
  place(part.table.times);
  if (part.step == 0) {
    add_readings(part.table);
  } else {
    has_roll_ups_ = true;
    add_roll_ups(part.table);
  }
}

HostAggregator::Series& HostAggregator::series_of(std::uint32_t number) {
  Series& series = series_[number];
  if (series.count.empty()) {
    const std::size_t rows = has_reading_.size();
    series.count.assign(rows, 0);
    series.sum.assign(rows, 0);
    series.minimum.assign(rows, std::numeric_limits<double>::infinity());
    series.maximum.assign(rows, -std::numeric_limits<double>::infinity());
  }
  return series;
}

/// The same for a column that has a value in each row; by far the most values come this way.
void HostAggregator::add_complete(const std::vector<double>& values, Series& series) {
  for (const Run& run : runs_) {
    double sum = 0;
    double minimum = values[run.begin];
    double maximum = minimum;
    for (std::size_t i = run.begin; i < run.end; ++i) {
      sum += values[i];
      minimum = std::min(minimum, values[i]);
      maximum = std::max(maximum, values[i]);
    }
    series.count[run.row] += static_cast<double>(run.end - run.begin);
    series.sum[run.row] += sum;
    series.minimum[run.row] = std::min(series.minimum[run.row], minimum);
    series.maximum[run.row] = std::max(series.maximum[run.row], maximum);
  }
}

void HostAggregator::add_readings(const ColumnTable& table) {
  for (const auto& [number, column] : table.columns) {
    Series& series = series_of(number);
    if (column.present.empty()) {
      add_complete(column.values, series);
      continue;
    }
    const auto& rows = row_of();
    for_each_value(column, rows.size(), [&](std::size_t i, double value) {
      const std::size_t row = rows[i];
      ++series.count[row];
      series.sum[row] += value;
      series.minimum[row] = std::min(series.minimum[row], value);
      series.maximum[row] = std::max(series.maximum[row], value);
    });
  }
}

void HostAggregator::add_roll_ups(const ColumnTable& table) {
  const auto& row = row_of();
  const std::size_t rows = row.size();
  for (const auto& [number, column] : table.columns) {
    Series& series = series_of(number / 4);
    switch (static_cast<RollUpPart>(number % 4)) {
      case RollUpPart::count:
        for_each_value(column, rows, [&](std::size_t i, double count) { series.count[row[i]] += count; });
        break;
      case RollUpPart::sum:
        for_each_value(column, rows, [&](std::size_t i, double sum) { series.sum[row[i]] += sum; });
        break;
      case RollUpPart::minimum:
        for_each_value(column, rows, [&](std::size_t i, double value) {
          series.minimum[row[i]] = std::min(series.minimum[row[i]], value);
        });
        break;
      case RollUpPart::maximum:
        for_each_value(column, rows, [&](std::size_t i, double value) {
          series.maximum[row[i]] = std::max(series.maximum[row[i]], value);
        });
        break;
    }
  }
}

std::vector<AggregatedSeries> HostAggregator::finish(std::vector<std::int64_t>& timestamps) {
  if (!held_.empty()) {
    for (const Held& held : held_) {
      for (const std::int64_t time : held.table.times)
        times_.push_back(step_ == 0 ? time : floor_to(time, step_));
    }
    std::sort(times_.begin(), times_.end());
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
    begin(times_.size());
    for (const Held& held : held_) add_placed({held.step, held.table});
    held_.clear();
  }
  timestamps.clear();
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < has_reading_.size(); ++row) {
    if (!has_reading_[row]) continue;
    rows.push_back(row);
    timestamps.push_back(times_.empty() ? first_ + static_cast<std::int64_t>(row) * step_ : times_[row]);
  }
  budget_.spend_rows(rows.size());
  budget_.spend_values(rows.size() * series_.size());
  std::vector<AggregatedSeries> result;
  for (auto& [number, series] : series_) {
    AggregatedSeries& out = result.emplace_back();
    out.series = number;
    out.average.reserve(rows.size());
    out.minimum.reserve(rows.size());
    out.maximum.reserve(rows.size());
    for (const std::size_t row : rows) {
      const double count = series.count[row];
      const double average = count == 0 ? kMissing : series.sum[row] / count;
      const bool no_extremes = series.minimum[row] > series.maximum[row];  // they were not asked for
      out.average.push_back(average);
      out.minimum.push_back(no_extremes ? average : series.minimum[row]);
      out.maximum.push_back(no_extremes ? average : series.maximum[row]);
    }
    series = {};
  }
  return result;
}

}  // namespace hostwatch::query
