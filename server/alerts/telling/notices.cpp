#include "server/alerts/telling/notices.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/alerts/telling/weekly_window.h"

namespace hostwatch::alerts {

namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;

}  // namespace

std::string_view to_string(Tell tell) {
  constexpr std::array<std::string_view, 6> kNames{"", "fired", "raised", "repeat", "flapping", "ended"};
  return kNames[static_cast<std::size_t>(tell)];
}

delivery::AlarmNotice make_notice(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                                  Tell tell, std::optional<double> value) {
  delivery::AlarmNotice notice;
  notice.id = alarm.id;
  notice.event = to_string(tell);
  notice.rule = alarm.rule;
  notice.name = alarm.rule;
  notice.severity = tell == Tell::ended && !alarm.highest.empty() ? alarm.highest : alarm.severity;
  notice.host = alarm.host;
  notice.instance = alarm.instance;
  notice.tags = tags;
  notice.value =
      value.value_or(tell == Tell::fired || tell == Tell::flapping ? alarm.value_fired : alarm.value_worst);
  notice.limit = alarm.limit;
  notice.started = alarm.started;
  notice.fired = alarm.fired;
  notice.late = alarm.late;
  if (tell == Tell::ended) {
    notice.ended = alarm.ended;
    notice.end_reason = alarm.end_reason;
    notice.end_value = alarm.value_ended;
  }
  if (rule != nullptr) {
    if (!rule->name.empty()) notice.name = rule->name;
    if (!rule->when.empty()) notice.metric = rule->when[0].metric;
    notice.help = rule->help;
    notice.runbook = rule->runbook;
  }
  return notice;
}

delivery::AlarmNotice combine(const delivery::AlarmNotice& unsent, delivery::AlarmNotice now) {
  const bool had_begun = unsent.event == "fired" || unsent.event == "flapping";
  const auto is_now = [&](Tell tell) { return now.event == to_string(tell); };
  std::string note;
  if (is_now(Tell::ended)) {
    // Who reads it does not know yet that it had fired.
    if (had_begun)
      note = "fired at " + moment_text(now.fired, now.ended.value_or(now.fired)) + ", not told until now";
  } else if (had_begun && !is_now(Tell::flapping)) {
    now.event = unsent.event == "flapping" && is_now(Tell::fired) ? "fired" : unsent.event;
    now.repeat = 0;
  } else if (unsent.event == "raised" && is_now(Tell::repeat)) {
    now.event = unsent.event;
  }
  for (const std::string& one : {unsent.note, std::move(note)}) {
    if (!one.empty() && now.note.find(one) == std::string::npos)
      now.note += (now.note.empty() ? "" : "; ") + one;
  }
  return now;
}

std::int64_t repeat_interval(const Rule* rule, Severity severity, std::int64_t age) {
  if (severity == Severity::info) return 0;
  if (rule != nullptr && rule->repeat.has_value()) return *rule->repeat;
  return severity == Severity::critical && age < kDay ? 4 * kHour : kDay;
}

std::int64_t repeats_within(const Rule* rule, Severity severity, std::int64_t age) {
  std::int64_t repeats = 0;
  for (std::int64_t at = 0; repeats < 10'000; repeats++) {
    const std::int64_t interval = repeat_interval(rule, severity, at);
    if (interval <= 0 || at + interval > age) break;
    at += interval;
  }
  return repeats;
}

}  // namespace hostwatch::alerts
