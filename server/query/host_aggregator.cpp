#include "server/query/host_aggregator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "server/query/steps.h"
#include "server/storage/column.h"

namespace hostwatch::query {
namespace {

using storage::Column;
using storage::ColumnTable;
using storage::RollUpPart;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// With more buckets than this the rows are kept by time: few of them will have readings.
constexpr std::int64_t kMostNumbered = 100000;

/// What a series takes besides its values and its name: its place in the map, or its SeriesHistory, and what
/// the allocator adds to its arrays.
constexpr std::size_t kSeriesBytes = 192;

std::size_t bytes_of(const ColumnTable& table) {
  std::size_t bytes = table.times.size() * sizeof(std::int64_t);
  for (const auto& [number, column] : table.columns) {
    bytes += kSeriesBytes + column.values.size() * sizeof(double) + column.present.size() / 8;
  }
  return bytes;
}

double finite_or_missing(double value) {
  return std::isfinite(value) ? value : kMissing;
}

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

HostAggregator::HostAggregator(const Wanted& wanted, AnswerBudget& budget)
    : step_(wanted.step), extremes_(wanted.extremes), budget_(budget) {
  if (step_ == 0) return;
  first_ = floor_to(wanted.from, step_);
  const std::int64_t buckets = (floor_to(wanted.to, step_) - first_) / step_ + 1;
  if (buckets <= kMostNumbered) row_after_.assign(static_cast<std::size_t>(buckets), 0);
}

void HostAggregator::add(const storage::HistoryPart& part) {
  budget_.check();
  // A chunk may overlap the range though none of its rows is in it: readings are not averages then.
  if (part.step != 0 && !part.table.times.empty()) has_roll_ups_ = true;
  if (row_after_.empty()) {
    hold(part);
    return;
  }
  const std::size_t before = times_.size();
  place(part.table.times);
  budget_.spend_rows(times_.size() - before);
  budget_.take_bytes((times_.size() - before) * sizeof(std::int64_t));
  add_placed(part.step, part.table);
}

void HostAggregator::hold(const storage::HistoryPart& part) {
  const std::size_t bytes = bytes_of(part.table);
  budget_.take_bytes(bytes);
  held_.push_back({part.step, part.table, bytes});
}

/// All parts have come: their rows are known.
void HostAggregator::find_rows_of_held() {
  std::size_t room = 0;
  for (const Held& held : held_) room += held.table.times.size();
  budget_.take_bytes(room * sizeof(std::int64_t));
  times_.reserve(room);
  for (const Held& held : held_) {
    for (const std::int64_t time : held.table.times)
      times_.push_back(step_ == 0 ? time : floor_to(time, step_));
  }
  std::sort(times_.begin(), times_.end());
  times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
  budget_.spend_rows(times_.size());
}

void HostAggregator::add_held() {
  if (!has_averages()) extremes_ = false;
  for (Held& held : held_) {
    budget_.check();
    place(held.table.times);
    add_placed(held.step, held.table);
    held.table = {};
    budget_.give_back_bytes(held.bytes);
  }
  held_.clear();
}

std::size_t HostAggregator::numbered_row(std::int64_t bucket) {
  std::uint32_t& row_after = row_after_[static_cast<std::size_t>((bucket - first_) / step_)];
  if (row_after == 0) {
    times_.push_back(bucket);
    row_after = static_cast<std::uint32_t>(times_.size());
  }
  return row_after - 1;
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
    if (!row_after_.empty()) {
      row = numbered_row(bucket);
    } else {
      at = std::lower_bound(at, times_.end(), bucket);
      row = static_cast<std::size_t>(at - times_.begin());
    }
    runs_.push_back({i, i + 1, row});
  }
}

/// The same for each row of the part.
const std::vector<std::size_t>& HostAggregator::row_of() {
  if (row_of_.empty()) {
    for (const Run& run : runs_) row_of_.insert(row_of_.end(), run.end - run.begin, run.row);
  }
  return row_of_;
}

void HostAggregator::add_placed(std::int64_t step, const ColumnTable& table) {
  if (step == 0) {
    add_readings(table);
  } else {
    add_roll_ups(table);
  }
}

HostAggregator::Series& HostAggregator::series_of(std::uint32_t number) {
  const auto [at, added] = series_.try_emplace(number);
  if (added) budget_.take_bytes(kSeriesBytes);
  if (at->second.count.size() < times_.size()) grow(at->second);
  return at->second;
}

/// Rows that have come since. They come in pieces: half as many again are made room for, but no more than
/// there can be.
void HostAggregator::grow(Series& series) {
  const std::size_t rows = times_.size();
  const std::size_t before = series.count.capacity();
  if (rows > before) {
    const std::size_t most = row_after_.empty() ? rows : row_after_.size();
    const std::size_t room = std::max(rows, std::min(before + before / 2, most));
    budget_.take_bytes((room - before) * sizeof(double) * (extremes_ ? 4 : 2));
    series.count.reserve(room);
    series.sum.reserve(room);
    if (extremes_) series.minimum.reserve(room);
    if (extremes_) series.maximum.reserve(room);
  }
  series.count.resize(rows, 0);
  series.sum.resize(rows, 0);
  if (!extremes_) return;
  series.minimum.resize(rows, std::numeric_limits<double>::infinity());
  series.maximum.resize(rows, -std::numeric_limits<double>::infinity());
}

bool HostAggregator::Series::has_values() const {
  return std::any_of(count.begin(), count.end(), [](double values) { return values != 0; });
}

/// What the series took is free again.
void HostAggregator::drop(std::map<std::uint32_t, Series>::iterator series) {
  const std::size_t room = series->second.count.capacity();
  series_.erase(series);
  budget_.give_back_bytes(kSeriesBytes + room * sizeof(double) * (extremes_ ? 4 : 2));
}

/// The same for a column that has a value in each row; by far the most values come this way.
void HostAggregator::add_complete(const std::vector<double>& values, Series& series) const {
  for (const Run& run : runs_) {
    double sum = 0;
    for (std::size_t i = run.begin; i < run.end; ++i) sum += values[i];
    series.count[run.row] += static_cast<double>(run.end - run.begin);
    series.sum[run.row] += sum;
    if (!extremes_) continue;
    double minimum = values[run.begin];
    double maximum = minimum;
    for (std::size_t i = run.begin; i < run.end; ++i) {
      minimum = std::min(minimum, values[i]);
      maximum = std::max(maximum, values[i]);
    }
    series.minimum[run.row] = std::min(series.minimum[run.row], minimum);
    series.maximum[run.row] = std::max(series.maximum[run.row], maximum);
  }
}

void HostAggregator::add_readings(const ColumnTable& table) {
  for (const auto& [number, column] : table.columns) {
    if (column.values.empty()) continue;
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
      if (!extremes_) return;
      series.minimum[row] = std::min(series.minimum[row], value);
      series.maximum[row] = std::max(series.maximum[row], value);
    });
  }
}

void HostAggregator::add_roll_ups(const ColumnTable& table) {
  const auto& row = row_of();
  const std::size_t rows = row.size();
  for (const auto& [number, column] : table.columns) {
    const auto part = static_cast<RollUpPart>(number % 4);
    const bool is_extreme = part == RollUpPart::minimum || part == RollUpPart::maximum;
    if (column.values.empty() || (is_extreme && !extremes_)) continue;
    Series& series = series_of(number / 4);
    switch (part) {
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

/// `rows`: the numbers of the rows in order of time.
AggregatedSeries HostAggregator::finished(const Series& series, const std::vector<std::size_t>& rows) const {
  AggregatedSeries out;
  out.average.reserve(rows.size());
  if (extremes_) out.minimum.reserve(rows.size());
  if (extremes_) out.maximum.reserve(rows.size());
  for (const std::size_t row : rows) {
    // The series may have had no value since the last of these rows came.
    const double count = row < series.count.size() ? series.count[row] : 0;
    out.average.push_back(count == 0 ? kMissing : finite_or_missing(series.sum[row] / count));
    if (!extremes_) continue;
    out.minimum.push_back(count == 0 ? kMissing : finite_or_missing(series.minimum[row]));
    out.maximum.push_back(count == 0 ? kMissing : finite_or_missing(series.maximum[row]));
  }
  return out;
}

std::vector<AggregatedSeries> HostAggregator::finish(std::vector<std::int64_t>& timestamps) {
  if (!held_.empty()) {
    find_rows_of_held();
    add_held();
  }
  std::vector<std::size_t> rows(times_.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (!std::is_sorted(times_.begin(), times_.end())) {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return times_[a] < times_[b]; });
    std::sort(times_.begin(), times_.end());
  }
  for (auto next = series_.begin(); next != series_.end();) {
    const auto series = next++;
    if (!series->second.has_values()) drop(series);
  }
  budget_.spend_values(rows.size() * series_.size());
  std::vector<AggregatedSeries> result;
  result.reserve(series_.size());
  while (!series_.empty()) {
    const auto first = series_.begin();
    budget_.take_bytes(kSeriesBytes + rows.size() * sizeof(double) * (extremes_ ? 3 : 1));
    result.push_back(finished(first->second, rows));
    result.back().series = first->first;
    drop(first);
  }
  timestamps = std::move(times_);
  return result;
}

}  // namespace hostwatch::query
