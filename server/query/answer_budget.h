#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace hostwatch::query {

/// More was asked for than an answer may hold, or it took too long; the text says how to ask for less.
class HistoryTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whoever asked is gone: nobody is to be told.
class AnswerUnwanted : public std::runtime_error {
 public:
  AnswerUnwanted() : std::runtime_error("whoever asked has gone") {}
};

/// What one answer may cost.
struct HistoryLimits {
  std::size_t max_rows = 50000;                   ///< over all hosts
  std::size_t max_values = 5000000;               ///< over all series, gaps included
  std::chrono::milliseconds max_time{10000};      ///< to gather it and to write it
  std::size_t max_gathered = 64UL * 1024 * 1024;  ///< bytes of memory for what it is written from
  std::size_t max_text = 64UL * 1024 * 1024;      ///< bytes, before it is compressed
};

/// Counts what an answer has cost so far, while it is gathered and while it is written. Not thread-safe.
class AnswerBudget {
 public:
  /// Whether somebody still waits for the answer; may be a system call.
  using IsWanted = std::function<bool()>;

  explicit AnswerBudget(const HistoryLimits& limits, IsWanted is_wanted = {})
      : limits_(limits),
        is_wanted_(std::move(is_wanted)),
        deadline_(std::chrono::steady_clock::now() + limits.max_time) {}

  /// The same limits and the same deadline, for a part of the work that is dropped again before the next one
  /// begins: what it spends does not add up with the others'.
  AnswerBudget for_one_part() const {
    AnswerBudget part(*this);
    part.rows_ = part.values_ = 0;
    return part;
  }

  /// Whatever throws HistoryTooLarge does so once the limit is passed.
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
  /// Memory, before it is taken; and given back when it is free again.
  void take_bytes(std::size_t bytes) {
    gathered_ += bytes;
    if (gathered_ > limits_.max_gathered) {
      throw HistoryTooLarge("the answer would take more than " + mebibytes(limits_.max_gathered) +
                            " to gather; ask for fewer hosts or metrics, a shorter range or a longer step");
    }
  }
  void give_back_bytes(std::size_t bytes) { gathered_ -= bytes; }
  std::size_t gathered() const { return gathered_; }

  void spend_text(std::size_t bytes) {
    text_ += bytes;
    if (text_ > limits_.max_text) {
      throw HistoryTooLarge("the answer would be longer than " + mebibytes(limits_.max_text) +
                            "; ask for fewer hosts or metrics, a shorter range or a longer step");
    }
  }

  /// Throws HistoryTooLarge when it has taken too long, and AnswerUnwanted.
  void check() {
    const auto now = std::chrono::steady_clock::now();
    if (now > deadline_) {
      throw HistoryTooLarge("the answer takes too long; ask for fewer hosts or a shorter range");
    }
    if (!is_wanted_ || now < next_question_) return;
    next_question_ = now + kBetweenQuestions;
    if (!is_wanted_()) throw AnswerUnwanted();
  }

  const HistoryLimits& limits() const { return limits_; }

 private:
  static constexpr std::chrono::milliseconds kBetweenQuestions{50};

  static std::string mebibytes(std::size_t bytes) { return std::to_string(bytes / (1024UL * 1024)) + " MiB"; }
  HistoryLimits limits_;
  IsWanted is_wanted_;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point next_question_;
  std::size_t rows_ = 0;
  std::size_t values_ = 0;
  std::size_t gathered_ = 0;
  std::size_t text_ = 0;
};

}  // namespace hostwatch::query
