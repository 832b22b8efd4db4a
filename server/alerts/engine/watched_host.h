#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/tag.h"
#include "server/alerts/evaluation/evaluator.h"

namespace hostwatch::alerts {

/// How late the readings of a host are, by its own clock where it says when it sent them, else by what its
/// last readings took at least: a clock that is wrong for ever is not late for ever. Not thread-safe.
class Lateness {
 public:
  /// Seconds between when the reading was taken and when it was sent. `sent`: by the host's clock; 0: it does
  /// not say. `arrived`: the server's clock.
  std::int64_t of(std::int64_t at, std::int64_t sent, std::int64_t arrived);

 private:
  static constexpr std::size_t kRemembered = 20;
  std::array<std::int64_t, kRemembered> delays_{};
  std::size_t count_ = 0;  ///< ever
};

/// A host as alarms see it. Times of the steady clock, in seconds, stand still while the server is suspended.
struct WatchedHost {
  WatchedHost(std::string hostname, protocol::Tags of_tags, SharedRules of_series, SharedRules of_signals)
      : name(std::move(hostname)),
        tags(std::move(of_tags)),
        series(std::move(of_series)),
        signals(std::move(of_signals)) {}

  std::string name;
  protocol::Tags tags;
  Evaluator series;
  Evaluator signals;
  std::int64_t interval = 0;  ///< seconds between readings; 0: not known
  std::int64_t observed_interval = 0;
  std::int64_t newest = INT64_MIN;  ///< time of the last reading that was evaluated
  std::int64_t boot_time = 0;       ///< as it says; 0: it does not
  std::int64_t heard = 0;           ///< steady; when a reading last came
  std::int64_t settles_until = 0;   ///< steady; what fires before is told later
  bool was_heard = false;           ///< since the start
  bool is_silent = false;
  bool has_conflict = false;    ///< as AgentRegistry says
  std::int64_t clock_skew = 0;  ///< seconds, either way
  int fresh_in_the_past = 0;    ///< readings in a row that are fresh and not newer: its clock went back
  Lateness lateness;
  std::vector<std::int64_t> late_alarms;  ///< open, and found in readings that were late
  std::int64_t silent_since = 0;          ///< steady
  // A backlog that came, to be looked at when no more comes.
  std::int64_t backlog_from = INT64_MAX;
  std::int64_t backlog_to = INT64_MIN;
  std::int64_t backlog_began = 0;  ///< steady
  std::int64_t backlog_heard = 0;  ///< steady

  /// What it says is its interval, else what was observed: the smaller of the last two, as one pause is none.
  void note_interval(std::int64_t declared, std::int64_t observed) {
    const std::int64_t before = std::exchange(observed_interval, observed);
    interval = declared != 0 ? declared : before == 0 ? observed : std::min(before, observed);
  }

  /// Readings that were sent later than so many seconds after they were taken tell of the past.
  std::int64_t late_after() const { return std::clamp<std::int64_t>(3 * interval, 120, 900); }

  /// Seconds after which it is silent.
  std::int64_t patience() const {
    return std::max<std::int64_t>(30, 3 * std::min<std::int64_t>(interval, 86400));
  }
};

}  // namespace hostwatch::alerts
