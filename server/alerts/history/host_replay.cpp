#include "server/alerts/history/host_replay.h"

#include <algorithm>

namespace hostwatch::alerts {
namespace {

/// Of an alarm that is not kept.
constexpr std::int64_t kPassedOver = -1;

}  // namespace

FoundAlarm* AlarmCollector::find(const Standing& standing) {
  return standing.alarm > 0 ? &alarms_[static_cast<std::size_t>(standing.alarm - 1)] : nullptr;
}

void AlarmCollector::note(const Transition& transition) {
  Standing& standing = transition.standing;
  const Severity severity = transition.rule.levels[standing.level];
  if (transition.change == Change::fired) {
    standing.alarm = kPassedOver;
    if (transition.at < from_ || ++fired_ > most_) return;
    FoundAlarm& made = alarms_.emplace_back();
    made.rule = transition.rule.rule.id;
    made.host = host_;
    made.instance = transition.instance;
    made.severity = severity;
    made.started = standing.since;
    made.fired = transition.at;
    made.value_fired = made.value_worst = standing.value;
    standing.alarm = static_cast<std::int64_t>(alarms_.size());
    return;
  }
  FoundAlarm* const alarm = find(standing);
  if (alarm == nullptr) return;
  alarm->value_worst = standing.worst;
  if (transition.change == Change::raised && severity > alarm->severity) {
    alarm->severity = severity;
    alarm->raised = transition.at;
  } else if (transition.change == Change::ended) {
    alarm->ended = transition.at;
    alarm->end_reason = transition.reason;
  }
}

void AlarmCollector::note_open(const Standing& standing) {
  if (FoundAlarm* const alarm = find(standing)) alarm->value_worst = standing.worst;
}

const AlarmCollector& HostReplay::finish() {
  evaluator_.take_closed();
  evaluator_.for_each_open([&](const Evaluator::Open& open) { collector_.note_open(open.standing); });
  return collector_;
}

}  // namespace hostwatch::alerts
