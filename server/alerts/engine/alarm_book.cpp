#include "server/alerts/engine/alarm_book.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hostwatch::alerts {
namespace {

std::string_view kind_of(Change change) {
  switch (change) {
    case Change::fired:
      return "fired";
    case Change::raised:
      return "raised";
    case Change::lowered:
      return "lowered";
    case Change::flapping:
      return "flapping";
    case Change::ended:
      return "ended";
    case Change::unknown:
      return "unknown";
    case Change::known:
      return "known";
  }
  return "";
}

std::string severity_of(const Transition& transition) {
  return std::string(to_string(transition.rule.levels[transition.standing.level]));
}

}  // namespace

void AlarmBook::load(std::span<const storage::AlarmRow> open, std::int64_t last) {
  open_.clear();
  last_ = last;
  for (const storage::AlarmRow& row : open) {
    if (row.ended == 0) open_[row.id] = row;
  }
}

storage::AlarmRow* AlarmBook::find(std::int64_t alarm) {
  const auto found = open_.find(alarm);
  return found == open_.end() ? nullptr : &found->second;
}

void AlarmBook::fire(const Transition& transition, std::string_view host, const When& when, bool is_late) {
  storage::AlarmRow row;
  row.id = ++last_;
  row.rule = transition.rule.rule.id;
  row.host = host;
  row.instance = transition.instance;
  row.highest = severity_of(transition);
  row.started = when.started;
  row.fired = when.at;
  row.value_fired = transition.standing.value;
  row.late = is_late;
  transition.standing.alarm = row.id;
  open_[row.id] = std::move(row);
}

storage::AlarmRow& AlarmBook::note(const Transition& transition, std::string_view host, const When& when,
                                   bool is_late, storage::AlertChanges& changes) {
  const Standing& standing = transition.standing;
  if (transition.change == Change::fired || open_.count(standing.alarm) == 0) {
    fire(transition, host, when, is_late);
  }
  storage::AlarmRow& row = open_[standing.alarm];
  row.severity = severity_of(transition);
  const CompiledCondition& first = transition.rule.conditions.front();
  row.limit = first.has_limits ? first.limits[standing.level].fire : std::numeric_limits<double>::quiet_NaN();
  row.value_worst = standing.worst;
  if (transition.change == Change::raised) row.highest = row.severity;
  if (transition.change == Change::flapping) row.flapping = true;
  if (transition.change == Change::ended) {
    row.ended = when.at;
    row.end_reason = transition.reason;
    row.severity = row.highest;
    if (transition.reason == kCleared) row.value_ended = standing.value;
  }
  add_event(row.id, when, kind_of(transition.change), standing.value, transition.reason, changes);
  if (transition.change != Change::ended) return row;
  ended_ = std::move(row);
  open_.erase(ended_.id);
  return ended_;
}

storage::AlarmRow* AlarmBook::end(std::int64_t alarm, std::string_view reason, std::int64_t now,
                                  storage::AlertChanges& changes) {
  const auto found = open_.find(alarm);
  if (found == open_.end()) return nullptr;
  ended_ = std::move(found->second);
  open_.erase(found);
  ended_.ended = now;
  ended_.end_reason = reason;
  ended_.severity = ended_.highest;
  add_event(alarm, {now, 0, now}, "ended", std::nullopt, reason, changes);
  return &ended_;
}

void AlarmBook::add_ended(storage::AlarmRow& alarm, std::int64_t now, storage::AlertChanges& changes) {
  alarm.id = ++last_;
  changes.alarms.push_back(alarm);
  add_event(alarm.id, {alarm.fired, alarm.started, now}, "fired", alarm.value_fired, {}, changes);
  add_event(alarm.id, {alarm.ended, alarm.started, now}, "ended", alarm.value_ended, alarm.end_reason,
            changes);
}

void AlarmBook::add_event(std::int64_t alarm, const When& when, std::string_view kind,
                          std::optional<double> value, std::string_view detail,
                          storage::AlertChanges& changes) {
  storage::AlarmEventRow event;
  event.alarm = alarm;
  event.at = when.at;
  event.decided = when.decided;
  event.kind = kind;
  event.value = value;
  event.detail = detail;
  changes.events.push_back(std::move(event));
}

}  // namespace hostwatch::alerts
