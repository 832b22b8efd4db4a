#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace hostwatch::query {

/// More was asked for than an answer may hold, or it took too long; the text says how to ask for less.
class HistoryTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What one answer may cost.
struct HistoryLimits {
  std::size_t max_rows = 50000;      ///< over all hosts
  std::size_t max_values = 5000000;  ///< over all series, gaps included
  std::chrono::milliseconds max_time{10000};
};

/// Counts what an answer has cost so far. Not thread-safe.
class AnswerBudget {
 public:
  explicit AnswerBudget(const HistoryLimits& limits)
      : limits_(limits), deadline_(std::chrono::steady_clock::now() + limits.max_time) {}

  /// The same limits and the same deadline, for a part of the work that is dropped again before the next one
  /// begins: what it spends does not add up with the others'.
  AnswerBudget for_one_part() const {
    AnswerBudget part(*this);
    part.rows_ = part.values_ = 0;
    return part;
  }

  /// Each throws HistoryTooLarge once the limit is passed.
  void spend_rows(std::size_t rows) {
    rows_ += rows;
    if (rows_ > limits_.max_rows) {
      throw HistoryTooLarge("the answer would have more than " + std::to_string(limits_.max_rows) +
                            " rows; ask for fewer hosts, a shorter range or a longer step");
    }
  }
  void spend_values(std::size_t values) {
    values_ += values;
    if (values_ > limits_.max_values) {
      throw HistoryTooLarge("the answer would have more than " + std::to_string(limits_.max_values) +
                            " values; ask for fewer hosts or metrics, a shorter range or a longer step");
    }
  }
  void check_time() const {
    if (std::chrono::steady_clock::now() > deadline_) {
      throw HistoryTooLarge("the answer takes too long to gather; ask for fewer hosts or a shorter range");
    }
  }

 private:
  HistoryLimits limits_;
  std::chrono::steady_clock::time_point deadline_;
  std::size_t rows_ = 0;
  std::size_t values_ = 0;
};

}  // namespace hostwatch::query
