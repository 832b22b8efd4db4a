#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace hostwatch::agent {

/// Stamps readings so that none is lost to a clock: (host name, timestamp) is what the server knows a reading
/// by, and it refuses those more than five minutes ahead of its own clock.
///
/// Normally a stamp is the wall clock's time. Stamps strictly increase: when the clock goes back a little
/// they count on by ones until it has caught up. When it goes back by more than kLongestHold, the readings
/// before were the wrong ones, and stamps follow the clock. While this clock and the server's are further
/// apart than kTolerated, stamps are the server's time, reckoned from its last answer. Thread-safe.
class ReadingClock {
 public:
  using Time =
      std::chrono::steady_clock::time_point;  ///< of a clock that also counts while the machine sleeps

  static constexpr std::int64_t kLongestHold = 300;  ///< seconds
  static constexpr std::int64_t kTolerated = 240;    ///< seconds; below what the server refuses
  static constexpr std::chrono::hours kServerTimeLasts{1};

  /// `wall`: Unix seconds. `last`: the last stamp of the life before, if known.
  ReadingClock(std::function<std::int64_t()> wall, std::optional<std::int64_t> last);

  /// Unix seconds for a reading that is taken now.
  std::int64_t stamp(Time now);

  /// The server's clock stood at `server_time` (Unix seconds) when it answered just now. What is worth
  /// knowing of the difference is logged when it begins and when it ends.
  void server_said(std::int64_t server_time, Time now);

  /// The last stamp, of this life or the one before.
  std::optional<std::int64_t> last() const;

 private:
  std::optional<std::int64_t> server_time(Time now) const;

  const std::function<std::int64_t()> wall_;
  mutable std::mutex mutex_;
  std::optional<std::int64_t> last_;
  std::int64_t server_time_ = 0;
  std::optional<Time> server_said_at_;
  bool apart_ = false;
};

}  // namespace hostwatch::agent
