#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "server/storage/store.h"

namespace hostwatch::storage {

/// Adds rows one by one, oldest first. Not thread-safe.
class ColumnTableBuilder {
 public:
  using DecimalsOf = std::function<int(std::uint32_t series)>;

  /// `decimals_of` is asked once a series.
  explicit ColumnTableBuilder(DecimalsOf decimals_of) : decimals_of_(std::move(decimals_of)) {}

  /// `timestamp` must be greater than the one before; `values` ascending by series.
  void add(std::int64_t timestamp, std::span<const StoredValue> values);

  /// The rows so far; the builder is empty then.
  ColumnTable finish();

 private:
  struct Open {
    std::uint32_t series = 0;
    Column column;
    std::size_t rows = 0;  ///< for which it is known whether they have a value
  };
  Open& open(std::uint32_t series, std::size_t guess);
  static void fill(Open& open, std::size_t rows);

  DecimalsOf decimals_of_;
  std::vector<std::int64_t> times_;
  std::vector<Open> columns_;
  std::map<std::uint32_t, std::size_t> by_series_;
};

/// How many values the table has.
std::size_t count_values(const ColumnTable& table);

/// The rows for which `wanted` (one entry a row) is true.
ColumnTable select_rows(const ColumnTable& table, const std::vector<bool>& wanted);

/// The rows from `from` on and before `end`.
ColumnTable slice_rows(const ColumnTable& table, std::int64_t from, std::int64_t end);

/// All rows of both; where both have a row of one time, that of `stronger` alone.
ColumnTable merge_tables(ColumnTable weaker, ColumnTable stronger);

}  // namespace hostwatch::storage
