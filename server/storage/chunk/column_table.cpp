#include "server/storage/chunk/column_table.h"

#include <algorithm>
#include <set>

namespace hostwatch::storage {
namespace {

/// Where a row of the result comes from.
struct Source {
  bool second = false;
  std::size_t row = 0;
};

/// Steps over a column's rows in order.
class Cursor {
 public:
  explicit Cursor(const Column* column) : column_(column) {}

  /// The row's value, or null. Rows must be asked for in ascending order.
  const double* at(std::size_t row) {
    if (column_ == nullptr) return nullptr;
    if (column_->present.empty()) return &column_->values[row];
    for (; row_ < row; ++row_) next_ += column_->present[row_] ? 1U : 0U;
    return column_->present[row] ? &column_->values[next_] : nullptr;
  }

 private:
  const Column* column_;
  std::size_t row_ = 0;
  std::size_t next_ = 0;
};

const Column* find(const ColumnTable& table, std::uint32_t series) {
  const auto found = table.columns.find(series);
  return found == table.columns.end() ? nullptr : &found->second;
}

/// `present` says of every row whether it has a value; nothing needs saying if all have.
void tidy(Column& column) {
  if (column.values.size() == column.present.size()) column.present.clear();
}

/// Not insert(): of that GCC 14 believes that it writes beyond the end.
template <typename Number>
void append(std::vector<Number>& to, const std::vector<Number>& more) {
  const std::size_t before = to.size();
  to.resize(before + more.size());
  std::copy(more.begin(), more.end(), to.begin() + static_cast<std::ptrdiff_t>(before));
}

/// Of the same series, each of which has a value in every row.
void append_rows(ColumnTable& to, const ColumnTable& more) {
  append(to.times, more.times);
  auto from = more.columns.begin();
  for (auto& [series, column] : to.columns) append(column.values, (from++)->second.values);
}

bool is_complete(const ColumnTable& a, const ColumnTable& b) {
  if (a.columns.size() != b.columns.size()) return false;
  const auto same = [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.present.empty() && y.second.present.empty();
  };
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), same);
}

std::vector<Source> merge_times(const ColumnTable& weaker, const ColumnTable& stronger,
                                std::vector<std::int64_t>& times) {
  std::vector<Source> sources;
  sources.reserve(weaker.times.size() + stronger.times.size());
  times.reserve(sources.capacity());
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < weaker.times.size() || b < stronger.times.size()) {
    const bool take_second =
        a == weaker.times.size() || (b < stronger.times.size() && stronger.times[b] <= weaker.times[a]);
    if (take_second) {
      if (a < weaker.times.size() && weaker.times[a] == stronger.times[b]) ++a;
      times.push_back(stronger.times[b]);
      sources.push_back({true, b++});
    } else {
      times.push_back(weaker.times[a]);
      sources.push_back({false, a++});
    }
  }
  return sources;
}

}  // namespace

void ColumnTableBuilder::fill(Open& open, std::size_t rows) {
  if (open.rows == rows) return;
  if (open.column.present.empty()) open.column.present.assign(open.rows, true);
  open.column.present.resize(rows, false);
  open.rows = rows;
}

ColumnTableBuilder::Open& ColumnTableBuilder::open(std::uint32_t series, std::size_t guess) {
  // Row after row has the same series in the same order.
  if (guess < columns_.size() && columns_[guess].series == series) return columns_[guess];
  const auto [at, added] = by_series_.try_emplace(series, columns_.size());
  if (added) {
    Open& fresh = columns_.emplace_back();
    fresh.series = series;
    fresh.column.decimals = decimals_of_(series);
  }
  return columns_[at->second];
}

void ColumnTableBuilder::add(std::int64_t timestamp, std::span<const StoredValue> values) {
  const std::size_t row = times_.size();
  times_.push_back(timestamp);
  std::size_t position = 0;
  for (const StoredValue& value : values) {
    Open& column = open(value.series, position++);
    fill(column, row);
    column.column.values.push_back(value.value);
    if (!column.column.present.empty()) column.column.present.push_back(true);
    column.rows = row + 1;
  }
}

ColumnTable ColumnTableBuilder::finish() {
  ColumnTable table;
  for (Open& open : columns_) {
    fill(open, times_.size());
    table.columns.emplace(open.series, std::move(open.column));
  }
  table.times = std::move(times_);
  times_.clear();
  columns_.clear();
  by_series_.clear();
  return table;
}

std::size_t count_values(const ColumnTable& table) {
  std::size_t count = 0;
  for (const auto& [series, column] : table.columns) count += column.values.size();
  return count;
}

ColumnTable select_rows(const ColumnTable& table, const std::vector<bool>& wanted) {
  ColumnTable result;
  for (std::size_t row = 0; row < table.times.size(); ++row) {
    if (wanted[row]) result.times.push_back(table.times[row]);
  }
  for (const auto& [series, column] : table.columns) {
    Column chosen;
    chosen.decimals = column.decimals;
    Cursor cursor(&column);
    for (std::size_t row = 0; row < table.times.size(); ++row) {
      if (!wanted[row]) continue;
      const double* value = cursor.at(row);
      chosen.present.push_back(value != nullptr);
      if (value != nullptr) chosen.values.push_back(*value);
    }
    if (chosen.values.empty()) continue;
    tidy(chosen);
    result.columns.emplace_hint(result.columns.end(), series, std::move(chosen));
  }
  return result;
}

ColumnTable slice_rows(const ColumnTable& table, std::int64_t from, std::int64_t end) {
  const auto first = std::lower_bound(table.times.begin(), table.times.end(), from);
  const auto last = std::lower_bound(first, table.times.end(), end);
  const auto begin = static_cast<std::size_t>(first - table.times.begin());
  const auto count = static_cast<std::size_t>(last - first);
  ColumnTable result;
  result.times.assign(first, last);
  for (const auto& [series, column] : table.columns) {
    Column part;
    part.decimals = column.decimals;
    std::size_t skip = begin;
    std::size_t values = count;
    if (!column.present.empty()) {
      const auto at = column.present.begin() + static_cast<std::ptrdiff_t>(begin);
      part.present.assign(at, at + static_cast<std::ptrdiff_t>(count));
      skip = static_cast<std::size_t>(std::count(column.present.begin(), at, true));
      values = static_cast<std::size_t>(std::count(part.present.begin(), part.present.end(), true));
    }
    if (values == 0) continue;
    const auto at = column.values.begin() + static_cast<std::ptrdiff_t>(skip);
    part.values.assign(at, at + static_cast<std::ptrdiff_t>(values));
    tidy(part);
    result.columns.emplace_hint(result.columns.end(), series, std::move(part));
  }
  return result;
}

ColumnTable merge_tables(ColumnTable weaker, ColumnTable stronger) {
  if (weaker.times.empty()) return stronger;
  if (stronger.times.empty()) return weaker;
  // By far the most frequent: newer rows of the same series.
  if (stronger.times.front() > weaker.times.back() && is_complete(weaker, stronger)) {
    append_rows(weaker, stronger);
    return weaker;
  }
  if (weaker.times.front() > stronger.times.back() && is_complete(weaker, stronger)) {
    append_rows(stronger, weaker);
    return stronger;
  }
  ColumnTable result;
  const std::vector<Source> sources = merge_times(weaker, stronger, result.times);
  std::set<std::uint32_t> all;
  for (const auto& [series, column] : weaker.columns) all.insert(series);
  for (const auto& [series, column] : stronger.columns) all.insert(series);
  for (const std::uint32_t series : all) {
    const Column* first = find(weaker, series);
    const Column* second = find(stronger, series);
    Cursor from_first(first);
    Cursor from_second(second);
    Column merged;
    merged.decimals = (second != nullptr ? second : first)->decimals;
    merged.values.reserve(sources.size());
    merged.present.reserve(sources.size());
    for (const Source& source : sources) {
      const double* value = source.second ? from_second.at(source.row) : from_first.at(source.row);
      merged.present.push_back(value != nullptr);
      if (value != nullptr) merged.values.push_back(*value);
    }
    if (merged.values.empty()) continue;
    tidy(merged);
    result.columns.emplace_hint(result.columns.end(), series, std::move(merged));
  }
  return result;
}

}  // namespace hostwatch::storage
