#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/alerts/rules/rule.h"
#include "server/alerts/telling/notices.h"
#include "server/alerts/telling/routes.h"
#include "server/delivery/message.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// The alarm that the store cannot be written: it cannot be written either, and is told from memory, once.
/// Seconds of `steady` are those of a clock that nobody sets. Not thread-safe.
class StoreFailure {
 public:
  /// Who is told, and by which rule; null: nobody watches that.
  struct Audience {
    const Rule* rule;
    std::span<const Route> routes;
    std::span<const TellingChannel> channels;
  };

  /// The store fails. Gives the messages that are due.
  std::vector<delivery::Message> note_failing(const Audience& audience, std::int64_t now, std::int64_t steady,
                                              const std::function<std::string()>& new_id);

  /// It works (again). Gives the messages of the end to those who were told, and the alarm as it is to be
  /// written, if there was one.
  struct Over {
    std::vector<delivery::Message> messages;
    std::optional<storage::AlarmRow> alarm;
    std::vector<std::string> told;  ///< channels
  };
  Over note_working(const Audience& audience, std::int64_t now, const std::function<std::string()>& new_id);

  bool is_told() const { return !told_.empty(); }

 private:
  std::vector<delivery::Message> tell(const Rule& rule, Tell what, std::int64_t now,
                                      const std::function<std::string()>& new_id) const;

  std::optional<std::int64_t> failing_since_;  ///< steady
  storage::AlarmRow alarm_;
  bool has_fired_ = false;
  std::vector<std::string> told_;
};

}  // namespace hostwatch::alerts
