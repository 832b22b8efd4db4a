#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/alerts/rules/rule.h"
#include "server/alerts/telling/routes.h"
#include "server/delivery/message.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// What there is to tell of an alarm.
enum class Tell : std::uint8_t { nothing, fired, raised, repeat, flapping, ended };

/// The `event` of messages.
std::string_view to_string(Tell tell);

/// Completes a notice by what its rule says: unit, help with its placeholders replaced.
using Describe = std::function<void(const Rule& rule, delivery::AlarmNotice& notice)>;

/// `rule` may be null (it was removed): then its id stands for its name. `value`: measured last, if it is
/// known.
delivery::AlarmNotice make_notice(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                                  Tell tell, std::optional<double> value);

/// What was to be told, and did not reach anybody, and what is to be told now, as one.
delivery::AlarmNotice combine(const delivery::AlarmNotice& unsent, delivery::AlarmNotice now);

/// Seconds from one message about an open alarm to the next; 0: none follows. By the rule, else critical 4 h
/// for its first day and then daily, warning daily, info never. `age`: seconds that it had been open when it
/// was told last.
std::int64_t repeat_interval(const Rule* rule, Severity severity, std::int64_t age);

/// How often an alarm that was open for `age` seconds when it was told last has been repeated, where nobody
/// counted it (after a restart). Pauses are not known: at most that often.
std::int64_t repeats_within(const Rule* rule, Severity severity, std::int64_t age);

}  // namespace hostwatch::alerts
