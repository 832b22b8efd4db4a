#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "agent/delivery/server_answer.h"

namespace hostwatch::agent {

/// What delivery says in the log: changes, not every tick. Not thread-safe.
class DeliveryLog {
 public:
  explicit DeliveryLog(std::string where) : where_(std::move(where)) {}

  /// Readings were stored. True if that had failed before: the server is back.
  bool delivered(std::size_t waiting);

  /// Readings could not be delivered and stay; logged when that begins, and when the reason changes.
  void failed(const std::string& reason, std::size_t waiting);

  /// Readings were refused for good and dropped.
  void refused(std::size_t readings, const std::string& reason);

  /// Readings that a 200 answer names as not taken.
  void rejected(const Judgement& judgement);

 private:
  using Clock = std::chrono::steady_clock;

  /// At most kLinesAMinute lines of trouble with single readings.
  bool may_log();

  static constexpr unsigned kLinesAMinute = 3;

  enum class State { unknown, connected, lost };

  std::string where_;
  State state_ = State::unknown;
  std::string last_reason_;
  Clock::time_point minute_began_{};
  unsigned lines_ = 0;
  std::uint64_t unlogged_ = 0;
};

}  // namespace hostwatch::agent
