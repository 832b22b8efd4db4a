#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "server/query/answer_budget.h"
#include "server/storage/store.h"

namespace hostwatch::query {

/// One series over the rows of an answer. A missing value is NaN.
struct AggregatedSeries {
  std::uint32_t series = 0;
  std::vector<double> average;
  std::vector<double> minimum;
  std::vector<double> maximum;
};

/// Gathers the parts of one host's history into buckets of `step` seconds, or into rows as they came (step
/// 0). Parts come in any order. One object a host and answer; not thread-safe.
class HostAggregator {
 public:
  /// All rows will be of times from `from` to `to`. Throws HistoryTooLarge.
  HostAggregator(std::int64_t step, std::int64_t from, std::int64_t to, AnswerBudget& budget);

  /// Throws HistoryTooLarge.
  void add(const storage::HistoryPart& part);

  /// No more parts come: the times of the rows that have readings, and what they are. Throws HistoryTooLarge.
  std::vector<AggregatedSeries> finish(std::vector<std::int64_t>& timestamps);

  /// Some of the rows are averages of more than one reading.
  bool has_averages() const { return step_ != 0 || has_roll_ups_; }

 private:
  struct Series {
    std::vector<double> count;
    std::vector<double> sum;
    std::vector<double> minimum;
    std::vector<double> maximum;
  };
  struct Held {
    std::int64_t step;
    storage::ColumnTable table;
  };
  void begin(std::size_t rows);
  void place(const std::vector<std::int64_t>& times);
  const std::vector<std::size_t>& row_of();
  void add_placed(const storage::HistoryPart& part);
  Series& series_of(std::uint32_t series);
  void add_complete(const std::vector<double>& values, Series& series);
  void add_readings(const storage::ColumnTable& table);
  void add_roll_ups(const storage::ColumnTable& table);

  std::int64_t step_;
  std::int64_t first_ = 0;  ///< the first bucket, where buckets are numbered
  AnswerBudget& budget_;
  bool has_roll_ups_ = false;
  std::vector<Held> held_;           ///< parts, where the rows are known only when all have come
  std::vector<std::int64_t> times_;  ///< of the rows, where they are not numbered
  std::vector<bool> has_reading_;    ///< by row
  std::vector<std::size_t> row_of_;  ///< by row of the part at hand; filled when it is asked for
  struct Run {
    std::size_t begin;
    std::size_t end;
    std::size_t row;
  };
  std::vector<Run> runs_;  ///< rows of the part at hand, one behind the other, that belong to the same row
  std::map<std::uint32_t, Series> series_;
};

}  // namespace hostwatch::query
