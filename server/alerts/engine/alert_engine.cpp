// Readings to alarms, in the transaction that stores them. Ticks: engine_tick.cpp; what people change:
// engine_commands.cpp; memory from the store: engine_load.cpp.
#include "server/alerts/engine/alert_engine.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "server/alerts/engine/engine_sink.h"
#include "server/alerts/engine/notice_text.h"
#include "server/alerts/history/reading_feed.h"

namespace hostwatch::alerts {
namespace {

/// What a host that comes back may have for a while.
constexpr std::int64_t kSettle = 60;
constexpr std::int64_t kSettleAfterBoot = 120;
/// Fresh readings in a row that are not newer than the last one: the host's clock was put back.
constexpr int kClockWentBack = 3;

ReadingView view_of(const protocol::ReceivedReading& reading) {
  return {.at = reading.timestamp,
          .layout = reading.layout,
          .basic = {reading.cpu, reading.ram, reading.disk},
          .values = reading.values};
}

}  // namespace

AlertEngine::AlertEngine(EngineParts parts)
    : parts_(std::move(parts)),
      book_(parts_.shipped),
      teller_({.new_id = parts_.new_id, .describe = describe_notice}),
      server_(book_.for_server()),
      ready_(parts_.steady()),
      snapshot_(std::make_shared<const AlertSnapshot>()) {}

AlertEngine::~AlertEngine() = default;

void AlertEngine::see(const storage::NewReadings& host, std::int64_t now) {
  now_ = now;
  steady_ = parts_.steady();
  const auto began = std::chrono::steady_clock::now();
  load_if_stale();
  WatchedHost& watched = host_for(host);
  const std::int64_t declared = host.facts != nullptr ? host.facts->interval_seconds : 0;
  if (watched.series.wants_history()) prime(watched, declared);
  const std::int64_t last = watched.newest;
  for (const protocol::ReceivedReading* const reading : host.readings) evaluate(watched, *reading, declared);
  const auto is_new = [&](const auto* reading) { return reading->timestamp > last; };
  const auto next = std::find_if(host.readings.begin(), host.readings.end(), is_new);
  const bool has_gap =
      next == host.readings.end() || last == INT64_MIN || (*next)->timestamp - last > watched.patience();
  note_heard(watched, has_gap);
  save_standings(watched.series, watched.name, 0);
  figures_.evaluations += host.readings.size();
  figures_.evaluation_seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

WatchedHost& AlertEngine::host_for(const storage::NewReadings& host) {
  WatchedHost* found = find_host(host.name);
  static const protocol::Tags kNone;
  const protocol::Tags& tags = host.facts != nullptr ? host.facts->tags : kNone;
  if (found == nullptr) {
    found = &add_host(std::string(host.name), tags, host.interval);
  } else if (host.facts_changed && tags != found->tags) {
    found->tags = tags;
    select_rules_anew(*found, "tag removed");
  }
  found->note_interval(host.facts != nullptr ? host.facts->interval_seconds : 0, host.interval);
  if (host.facts != nullptr) note_boot(*found, *host.facts);
  if (found->newest == INT64_MIN && host.newest != INT64_MIN) {
    found->newest = host.newest;
    found->series.set_previous(host.newest);
  }
  return *found;
}

/// What is stored already is made known, so that a start changes nothing.
void AlertEngine::prime(WatchedHost& host, std::int64_t declared) {
  host.series.set_has_history();
  const RuleList& rules = host.series.rules();
  if (rules.size() == 0 || host.newest == INT64_MIN) return;
  const FeedRequest request{.hostname = host.name,
                            .metrics = rules.metrics(),
                            .from = host.newest - host.series.history(std::max(declared, host.interval)),
                            .to = host.newest};
  feed_readings(parts_.store, request, [&](const ReadingView& reading) {
    host.series.prime(reading, declared);
    return true;
  });
}

void AlertEngine::evaluate(WatchedHost& host, const protocol::ReceivedReading& reading,
                           std::int64_t declared) {
  const std::int64_t lateness = host.lateness.of(reading.timestamp, reading.sent, now_);
  if (reading.timestamp <= host.newest && is_of_the_past(host, reading, lateness)) return;
  if (reading.timestamp > host.newest) host.fresh_in_the_past = 0;
  const bool is_late = lateness > host.late_after();
  Sink sink(*this, &host, Sink::Kind::series, is_late);
  host.series.evaluate(view_of(reading), declared, sink);
  host.newest = reading.timestamp;
  if (!is_late && !host.late_alarms.empty()) release_late(host);
}

/// A backlog is not evaluated as it comes; but a host whose clock was put back is, after a few readings.
bool AlertEngine::is_of_the_past(WatchedHost& host, const protocol::ReceivedReading& reading,
                                 std::int64_t lateness) {
  if (lateness <= host.late_after() && ++host.fresh_in_the_past >= kClockWentBack) {
    host.fresh_in_the_past = 0;
    host.series.forget_windows();
    return false;
  }
  if (host.backlog_from > host.backlog_to) host.backlog_began = steady_;
  host.backlog_from = std::min(host.backlog_from, reading.timestamp);
  host.backlog_to = std::max(host.backlog_to, reading.timestamp);
  host.backlog_heard = steady_;
  return true;
}

void AlertEngine::note_boot(WatchedHost& host, const protocol::HostFacts& facts) {
  if (facts.boot_time == 0) return;
  // Reckoned by the host's clock: it may move by a few seconds.
  const bool is_another = host.boot_time != 0 && facts.boot_time - host.boot_time > 60;
  host.boot_time = facts.boot_time;
  if (is_another) host.settles_until = std::max(host.settles_until, steady_ + kSettleAfterBoot);
}

/// `has_gap`: it was away, and not its line alone: then what is bad at first is not told at once.
void AlertEngine::note_heard(WatchedHost& host, bool has_gap) {
  host.heard = steady_;
  host.was_heard = true;
  if (!host.is_silent) return;
  host.is_silent = false;
  silent_hosts_.remove(host.name);
  if (has_gap) {
    host.settles_until = std::max(host.settles_until, steady_ + std::max(kSettle, 2 * host.interval));
  }
  evaluate_signals(host);
  tell_open_alarms_of(host);
}

/// What was found in late readings and holds at one that is not late is told now.
void AlertEngine::release_late(WatchedHost& host) {
  const std::vector<std::int64_t> late = std::exchange(host.late_alarms, {});
  for (const std::int64_t number : late) {
    if (storage::AlarmRow* const alarm = alarms_.find(number)) tell(*alarm, &host, std::nullopt);
  }
}

void AlertEngine::note(const Transition& transition, WatchedHost* host, bool is_signal, bool is_late) {
  ++figures_.transitions;
  if (is_late) ++figures_.late;
  is_changed_ = true;
  // Signals go by the steady clock.
  const std::int64_t offset = is_signal ? now_ - steady_ : 0;
  const AlarmBook::When when{
      .at = transition.at + offset, .started = transition.standing.since + offset, .decided = now_};
  storage::AlarmRow& alarm =
      alarms_.note(transition, host == nullptr ? std::string_view() : std::string_view(host->name), when,
                   is_late, changes_);
  if (is_late && host != nullptr && transition.change == Change::fired) host->late_alarms.push_back(alarm.id);
  tell(alarm, host, transition.standing.value);
  changes_.alarms.push_back(alarm);
}

Hush AlertEngine::hush_of(const storage::AlarmRow& alarm, const WatchedHost* host) const {
  // That it is over is told to those who were told of it, whatever else is.
  if (host == nullptr || alarm.ended != 0) return Hush::none;
  const SharedEntry* const entry = book_.find(alarm.rule);
  const bool is_signal = entry != nullptr && RuleBook::is_about_signals((*entry)->entry.rule);
  if (is_signal) {
    const bool is_silence = (*entry)->entry.rule.when.front().metric == kHostSilent;
    return is_silence && silent_hosts_.holds_back(steady_) ? Hush::many_silent : Hush::none;
  }
  if (host->is_silent) return Hush::frozen;
  const auto& late = host->late_alarms;
  if (std::find(late.begin(), late.end(), alarm.id) != late.end()) return Hush::late;
  return steady_ < host->settles_until ? Hush::settling : Hush::none;
}

void AlertEngine::tell(storage::AlarmRow& alarm, const WatchedHost* host, std::optional<double> value) {
  static const protocol::Tags kNone;
  const SharedEntry* const entry = book_.find(alarm.rule);
  teller_.update(alarm, entry == nullptr ? nullptr : &(*entry)->entry.rule,
                 host == nullptr ? kNone : host->tags, hush_of(alarm, host), now_, value);
}

/// What keeps them from being told has changed.
void AlertEngine::tell_open_alarms_of(WatchedHost& host) {
  for (Evaluator* const evaluator : {&host.series, &host.signals}) {
    evaluator->for_each_open([&](const Evaluator::Open& open) {
      if (storage::AlarmRow* const alarm = alarms_.find(open.standing.alarm)) {
        tell(*alarm, &host, open.standing.value);
      }
    });
  }
  is_changed_ = true;
}

void AlertEngine::end_alarm(std::int64_t alarm, std::string_view reason, const WatchedHost* host) {
  storage::AlarmRow* const ended = alarms_.end(alarm, reason, now_, changes_);
  if (ended == nullptr) return;
  ++figures_.transitions;
  is_changed_ = true;
  tell(*ended, host, std::nullopt);
  changes_.alarms.push_back(*ended);
}

/// `offset`: what is to be added to the evaluator's time to make it the wall clock's.
void AlertEngine::save_standings(Evaluator& evaluator, std::string_view host, std::int64_t offset) {
  evaluator.for_each_open([&](const Evaluator::Open& open) {
    Standing& standing = open.standing;
    if (!standing.is_unsaved) return;
    standing.is_unsaved = false;
    is_changed_ = true;
    storage::AlarmStateRow& row = changes_.states.emplace_back();
    row.rule = open.rule.rule.id;
    row.host = host;
    row.instance = open.instance;
    row.state = to_string(standing.phase);
    row.severity = to_string(open.rule.levels[standing.level]);
    row.since = standing.since + offset;
    row.held = standing.held;
    row.held_high = standing.held_high;
    row.cleared = standing.cleared;
    row.cleared_high = standing.cleared_high;
    row.alarm = standing.alarm;
    row.measured = standing.measured + offset;
    row.value = standing.value;
  });
  for (Evaluator::Key& key : evaluator.take_closed()) {
    is_changed_ = true;
    if (evaluator.is_open(key)) continue;  // again, by a later reading of the same transaction
    storage::AlarmStateRow& row = changes_.removed_states.emplace_back();
    row.rule = std::move(key.rule);
    row.host = host;
    row.instance = std::move(key.instance);
  }
}

const storage::AlertChanges& AlertEngine::changes() {
  gather();
  return changes_;
}

/// What the teller decides belongs to the same transaction.
void AlertEngine::gather() {
  teller_.tick(now_);
  TellerOutput told = teller_.take();
  const auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(changes_.told, told.changes.told);
  append(changes_.deliveries, told.changes.deliveries);
  append(changes_.events, told.changes.events);
  append(changes_.alarms, told.changes.alarms);
  append(changes_.silences, told.changes.silences);
  append(changes_.removed_silences, told.changes.removed_silences);
  if (told.changes.routes) changes_.routes = std::move(told.changes.routes);
  append(to_send_.withdrawn, told.withdrawn);
  append(to_send_.messages, told.messages);
}

void AlertEngine::committed() noexcept {
  changes_.clear();
  results_in_hand_.clear();
  hand_over();
}

void AlertEngine::rolled_back() noexcept {
  changes_.clear();
  to_send_ = {};
  is_stale_ = true;
  const util::MutexLock lock(mutex_);
  results_.swap(results_in_hand_);  // to be taken again, before those that came meanwhile
  results_.insert(results_.end(), results_in_hand_.begin(), results_in_hand_.end());
  results_in_hand_.clear();
}

/// What is on disk goes out.
void AlertEngine::hand_over() noexcept {
  try {
    for (const std::string& id : to_send_.withdrawn) parts_.sender.withdraw(id);
    for (delivery::Message& message : to_send_.messages) parts_.sender.submit(std::move(message), false);
  } catch (const std::exception& error) {  // for want of memory: read from the store again, then
    is_stale_ = true;
  }
  to_send_ = {};
}

WatchedHost* AlertEngine::find_host(std::string_view name) {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : found->second.get();
}

SharedSnapshot AlertEngine::snapshot() const {
  const util::MutexLock lock(mutex_);
  return snapshot_;
}

void AlertEngine::finished(delivery::DeliveryResult result) {
  const util::MutexLock lock(mutex_);
  results_.push_back(std::move(result));
}

}  // namespace hostwatch::alerts
