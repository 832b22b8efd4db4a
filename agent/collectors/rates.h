#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::agent {

/// By how much a counter grew. Nothing when it went back: it was reset, wrapped, or belongs to a device that
/// was replaced, and nobody knows by how much it grew. Subtracted as integers, since a double is exact only
/// up to 2^53.
inline std::optional<std::uint64_t> increase(std::uint64_t before, std::uint64_t after) {
  if (after < before) return std::nullopt;
  return after - before;
}

/// As increase(), per second. `seconds` must be positive.
inline std::optional<double> per_second(std::uint64_t before, std::uint64_t after, double seconds) {
  const auto grown = increase(before, after);
  if (!grown) return std::nullopt;
  return static_cast<double>(*grown) / seconds;
}

/// `part` of `whole` in percent, within 0 and 100. `whole` must be positive.
inline double percent_of(double part, double whole) {
  return std::clamp(part / whole * 100, 0.0, 100.0);
}

/// The most seconds by which something that counts time can have grown in so many seconds of monotonic time.
/// Generous: clocks differ, and a tick that is slow (the machine swaps, the agent was stopped) reads its file
/// later than its clock.
inline double most_time_in(double seconds) {
  return 2 * seconds + 10;
}

/// The share of `seconds`, in percent, by which a counter of time grew that has so many units a second.
/// Nothing when it went back, or grew by more than can have gone by: it counts from somewhere else.
inline std::optional<double> share_of_time(std::uint64_t before, std::uint64_t after, double units_a_second,
                                           double seconds) {
  const auto grown = increase(before, after);
  if (!grown) return std::nullopt;
  const double grown_seconds = static_cast<double>(*grown) / units_a_second;
  if (grown_seconds > most_time_in(seconds)) return std::nullopt;
  return percent_of(grown_seconds, seconds);
}

/// The counters of the tick before and when they were read: what every rate needs. The time is the caller's
/// monotonic clock, and that of the last successful reading, so that a rate after a failed tick is over the
/// whole time between.
template <typename Counters>
class Previous {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The seconds from the kept counters to `now`; nothing before the first keep() and while time stands
  /// still.
  std::optional<double> seconds_until(Time now) const {
    if (!counters_ || now <= when_) return std::nullopt;
    return std::chrono::duration<double>(now - when_).count();
  }

  /// The kept counters; only after seconds_until() gave a value.
  const Counters& counters() const { return *counters_; }

  /// Keeps the counters that were read at `now`. While time stands still the older ones stay, together with
  /// their time.
  void keep(Time now, Counters counters) {
    if (counters_ && now <= when_) return;
    counters_ = std::move(counters);
    when_ = now;
  }

 private:
  std::optional<Counters> counters_;
  Time when_;
};

/// The row of that name (any type with a member `name`), or null: it was not there, so it has no rate yet.
/// Rows keep their order from tick to tick, so the one at `likely` is looked at first.
template <typename Row, typename Name>
const Row* find_row(const std::vector<Row>& rows, const Name& name, std::size_t likely) {
  if (likely < rows.size() && rows[likely].name == name) return &rows[likely];
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

/// Calls `add(before, row, seconds)` for each of the rows, read at `now`, that was among the previous ones:
/// first for those of which `is_first(row)` is true, as they stay where a reading has too many values.
template <typename Row, typename IsFirst, typename Add>
void for_each_rate(const Previous<std::vector<Row>>& previous, const std::vector<Row>& rows,
                   std::chrono::steady_clock::time_point now, const IsFirst& is_first, const Add& add) {
  const auto seconds = previous.seconds_until(now);
  if (!seconds) return;
  for (const bool first : {true, false}) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (is_first(rows[i]) != first) continue;
      const Row* const before = find_row(previous.counters(), rows[i].name, i);
      if (before != nullptr) add(*before, rows[i], *seconds);
    }
  }
}

}  // namespace hostwatch::agent
