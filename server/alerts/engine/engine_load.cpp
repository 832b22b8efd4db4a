// Memory from the store: at the start, and after a transaction that failed.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "server/alerts/engine/alert_engine.h"

namespace hostwatch::alerts {
namespace {

/// Firings of the last hour tell whether an alarm flaps.
constexpr std::int64_t kFlappingWithin = 3600;
/// As the teller says of messages to a channel that somebody took away: that is no failure.
constexpr std::string_view kChannelRemoved = "channel removed";
constexpr std::int64_t kMostRecent = 100000;
/// Hosts whose clocks differ by so much were heard at the same time.
constexpr std::int64_t kClocksDiffer = 60;

Standing to_standing(const storage::AlarmStateRow& row, const CompiledRule* rule) {
  Standing standing;
  standing.phase = phase_named(row.state).value_or(Phase::pending);
  const auto severity = severity_named(row.severity);
  const bool is_high = rule != nullptr && rule->levels.size() > 1 && severity == rule->levels[1];
  standing.level = is_high ? 1 : 0;
  standing.since = row.since;
  standing.held = row.held;
  standing.held_high = row.held_high;
  standing.cleared = row.cleared;
  standing.cleared_high = row.cleared_high;
  standing.alarm = row.alarm;
  standing.measured = row.measured;
  standing.value = row.value;
  standing.worst = row.value;
  return standing;
}

}  // namespace

void AlertEngine::load_if_stale() {
  if (is_stale_) load();
}

void AlertEngine::load() {
  const storage::AlertState state = parts_.alerts.alert_state();
  changes_.clear();
  to_send_ = {};
  book_.load(state.rules);
  for (const std::string& problem : book_.problems()) spdlog::error("alerts: {}", problem);
  figures_.invalid_rules = book_.problems().size();
  alarms_.load(state.open_alarms, state.last_alarm);
  stored_standings_.clear();
  for (const storage::AlarmStateRow& row : state.states) stored_standings_[row.host].push_back(row);
  recent_firings_.clear();
  now_ = parts_.clock();
  steady_ = parts_.steady();
  storage::AlarmQuery recent;
  recent.from = now_ - kFlappingWithin;
  recent.limit = kMostRecent;
  for (storage::AlarmRow& row : parts_.alerts.alarms(recent)) {
    if (row.fired >= recent.from) recent_firings_[row.host].push_back(std::move(row));
  }
  const auto before = std::exchange(hosts_, {});
  const std::vector<storage::HostBrief> briefs = parts_.store.hosts_with({});
  std::int64_t ended = INT64_MIN;  // about when the server did
  for (const storage::HostBrief& brief : briefs) ended = std::max(ended, brief.last_seen);
  for (const storage::HostBrief& brief : briefs) {
    WatchedHost& host = add_host(brief.name, parts_.store.facts_of(brief.name).tags, brief.interval);
    // So that a fleet that does not come back is told from hosts that were away before.
    host.was_heard = brief.last_seen >= ended - host.patience() - kClocksDiffer;
    const auto known = before.find(brief.name);
    if (known == before.end()) continue;
    // In memory alone.
    host.heard = known->second->heard;
    host.was_heard = host.was_heard || known->second->was_heard;
    host.is_silent = known->second->is_silent;
    host.settles_until = known->second->settles_until;
    host.silent_since = known->second->silent_since;
    host.lateness = known->second->lateness;
    host.boot_time = known->second->boot_time;
  }
  server_ = Evaluator(book_.for_server());
  restore_into(server_, {}, now_ - steady_);
  for (const std::string& problem : teller_.load(state, now_)) spdlog::error("alerts: {}", problem);
  dead_letters_.clear();
  for (const storage::DeliveryRow& dead : parts_.alerts.dead_letters(kMostRecent)) {
    if (dead.error != kChannelRemoved) dead_letters_.emplace(dead.id, dead.due);
  }
  is_stale_ = false;
  is_changed_ = true;
  end_alarms_without_standing();
  tell_all();
  // Those that have ended and whose end is still to be told.
  for (storage::AlarmRow alarm : state.open_alarms) {
    if (alarm.ended != 0) tell(alarm, find_host(alarm.host), std::nullopt);
  }
  // They are on disk; which of them were under way when the server ended nobody knows.
  for (delivery::Message& message : teller_.waiting()) parts_.sender.submit(std::move(message), true);
}

/// The teller knows of an alarm once it was told of it.
void AlertEngine::tell_all() {
  std::vector<std::int64_t> all;
  for (const auto& [number, alarm] : alarms_.all()) all.push_back(number);
  for (const std::int64_t number : all) {
    storage::AlarmRow* const alarm = alarms_.find(number);
    tell(*alarm, find_host(alarm->host), std::nullopt);
  }
}

WatchedHost& AlertEngine::add_host(const std::string& name, const protocol::Tags& tags,
                                   std::int64_t interval) {
  auto made =
      std::make_unique<WatchedHost>(name, tags, book_.for_series(name, tags), book_.for_signals(name, tags));
  made->interval = interval;
  made->heard = ready_;
  WatchedHost& host = *made;
  hosts_.insert_or_assign(name, std::move(made));
  restore_into(host.series, name, 0);
  restore_into(host.signals, name, now_ - steady_);
  stored_standings_.erase(name);
  return host;
}

/// What is stored of the host and is of that evaluator. `offset`: from its time to the wall clock's.
void AlertEngine::restore_into(Evaluator& evaluator, const std::string& host, std::int64_t offset) {
  const auto standings = stored_standings_.find(host);
  const auto recent = recent_firings_.find(host);
  if (recent != recent_firings_.end()) {
    for (const storage::AlarmRow& alarm : recent->second) {
      evaluator.restore_firing(alarm.rule, alarm.instance, alarm.fired - offset);
    }
  }
  if (standings == stored_standings_.end()) return;
  for (const storage::AlarmStateRow& row : standings->second) {
    const SharedEntry* const entry = book_.find(row.rule);
    Standing standing = to_standing(row, entry == nullptr ? nullptr : (*entry)->compiled.get());
    standing.since -= offset;
    standing.measured -= offset;
    if (const storage::AlarmRow* const alarm = alarms_.find(row.alarm)) {
      standing.is_flapping = alarm->flapping;
      standing.worst = alarm->value_worst;
    }
    evaluator.restore(row.rule, row.instance, standing);
  }
}

/// Those whose rule, or host, went while the server was away.
void AlertEngine::end_alarms_without_standing() {
  std::set<std::int64_t> standing;
  const auto note = [&](const Evaluator::Open& open) { standing.insert(open.standing.alarm); };
  server_.for_each_open(note);
  for (auto& [name, host] : hosts_) {
    host->series.for_each_open(note);
    host->signals.for_each_open(note);
  }
  std::vector<std::pair<std::int64_t, std::string_view>> gone;
  for (const auto& [number, alarm] : alarms_.all()) {
    if (standing.count(number) != 0) continue;
    const bool is_there = alarm.host.empty() || hosts_.count(alarm.host) != 0;
    gone.emplace_back(number, is_there ? "rule removed" : "host deleted");
  }
  for (const auto& [number, reason] : gone) end_alarm(number, reason, nullptr);
}

}  // namespace hostwatch::alerts
