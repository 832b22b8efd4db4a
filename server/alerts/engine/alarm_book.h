#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/alerts/evaluation/standing.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// Transitions to alarms, and what of them is to be written. Not thread-safe.
class AlarmBook {
 public:
  /// What was written so far. `last`: the greatest number that was given.
  void load(std::span<const storage::AlarmRow> open, std::int64_t last);

  /// When something happened, in Unix seconds.
  struct When {
    std::int64_t at = 0;       ///< the reading's
    std::int64_t started = 0;  ///< of an alarm that begins
    std::int64_t decided = 0;  ///< the server's clock
  };
  /// A transition of that host (empty: the server itself), and whether the reading was late. Gives the alarm
  /// as it is from now on (of one that ended too, until the next call); writing it is the caller's.
  storage::AlarmRow& note(const Transition& transition, std::string_view host, const When& when, bool is_late,
                          storage::AlertChanges& changes);

  /// It ends without a reading, in that word. Null: there is no such alarm.
  storage::AlarmRow* end(std::int64_t alarm, std::string_view reason, std::int64_t now,
                         storage::AlertChanges& changes);

  /// One that was over when it was found: gets its number, and is to be written.
  void add_ended(storage::AlarmRow& alarm, std::int64_t now, storage::AlertChanges& changes);

  /// Null: it is not open.
  storage::AlarmRow* find(std::int64_t alarm);
  const std::map<std::int64_t, storage::AlarmRow>& all() const { return open_; }

  /// An event of an alarm, for people.
  static void add_event(std::int64_t alarm, const When& when, std::string_view kind,
                        std::optional<double> value, std::string_view detail, storage::AlertChanges& changes);

 private:
  void fire(const Transition& transition, std::string_view host, const When& when, bool is_late);

  std::map<std::int64_t, storage::AlarmRow> open_;
  storage::AlarmRow ended_;  ///< the last one
  std::int64_t last_ = 0;
};

}  // namespace hostwatch::alerts
