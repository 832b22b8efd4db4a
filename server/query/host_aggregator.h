#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "server/query/answer_budget.h"
#include "server/storage/store.h"

namespace hostwatch::query {

/// One series over the rows of an answer. A missing value is NaN, and so is an average that would be beyond a
/// double; the others are finite.
struct AggregatedSeries {
  std::uint32_t series = 0;
  std::vector<double> average;
  std::vector<double> minimum;  ///< empty: as the average
  std::vector<double> maximum;  ///< empty: as the average
};

/// Gathers the parts of one host's history into buckets of `step` seconds, or into raw readings (step
/// 0). Parts come in any order. What it takes in memory goes by the rows that have readings and the series
/// that have values, not by the length of the range, and is asked of the budget before. One object a host and
/// answer; not thread-safe.
class HostAggregator {
 public:
  struct Wanted {
    std::int64_t step = 0;
    std::int64_t from = 0;  ///< all rows will be of times from here
    std::int64_t to = 0;    ///< to here
    bool extremes = true;   ///< minimum and maximum are wanted; else they are the average
  };

  HostAggregator(const Wanted& wanted, AnswerBudget& budget);

  /// Throws HistoryTooLarge, AnswerUnwanted.
  void add(const storage::HistoryPart& part);

  /// No more parts come: the times of the rows that have readings, and the series that have a value in one of
  /// them. Throws HistoryTooLarge. What is returned is still counted in the budget's bytes.
  std::vector<AggregatedSeries> finish(std::vector<std::int64_t>& timestamps);

  /// Some of the rows are averages of more than one reading.
  bool has_averages() const { return step_ != 0 || has_roll_ups_; }

 private:
  struct Series {
    std::vector<double> count;
    std::vector<double> sum;
    std::vector<double> minimum;  ///< empty where extremes are not kept
    std::vector<double> maximum;
    bool has_values() const;
  };
  struct Held {
    std::int64_t step;
    storage::ColumnTable table;
    std::size_t bytes;
  };
  /// Rows of a part, one behind the other, that belong to the same row of the answer.
  struct Run {
    std::size_t begin;
    std::size_t end;
    std::size_t row;
  };
  void hold(const storage::HistoryPart& part);
  void find_rows_of_held();
  void add_held();
  void place(const std::vector<std::int64_t>& times);
  std::size_t numbered_row(std::int64_t bucket);
  const std::vector<std::size_t>& row_of();
  void add_placed(std::int64_t step, const storage::ColumnTable& table);
  Series& series_of(std::uint32_t series);
  void grow(Series& series);
  void drop(std::map<std::uint32_t, Series>::iterator series);
  void add_complete(const std::vector<double>& values, Series& series) const;
  void add_readings(const storage::ColumnTable& table);
  void add_roll_ups(const storage::ColumnTable& table);
  AggregatedSeries finished(const Series& series, const std::vector<std::size_t>& rows) const;

  std::int64_t step_;
  std::int64_t first_ = 0;  ///< the first bucket, where buckets are numbered
  bool extremes_;
  AnswerBudget& budget_;
  bool has_roll_ups_ = false;
  std::vector<Held> held_;           ///< parts, where the rows are known only when all have come
  std::vector<std::int64_t> times_;  ///< of the rows: in order of arrival, or ascending where parts were held
  std::vector<std::uint32_t> row_after_;  ///< by number of the bucket: its row, and 1; 0: none yet
  std::vector<std::size_t> row_of_;       ///< by row of the part at hand; filled when it is asked for
  std::vector<Run> runs_;                 ///< of the part at hand
  std::map<std::uint32_t, Series> series_;
};

}  // namespace hostwatch::query
