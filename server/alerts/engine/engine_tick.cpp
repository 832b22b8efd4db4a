// Once a second: silence, what the server knows by itself, and what became of messages.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "server/alerts/engine/alert_engine.h"
#include "server/alerts/engine/engine_sink.h"

namespace hostwatch::alerts {
namespace {

/// Agents back off for up to a minute: nobody is silent sooner after a start.
constexpr std::int64_t kLeastAfterStart = 90;
constexpr std::int64_t kLookAtAgents = 10;
constexpr std::int64_t kForget = 3600;
/// A message that was given up is an alarm for a day: by then it was seen, or nobody looks.
constexpr std::int64_t kDeadFor = 86400;
constexpr std::int64_t kTickInterval = 1;

protocol::SharedLayout layout_of(std::initializer_list<std::string_view> metrics) {
  auto layout = std::make_shared<protocol::Layout>();
  for (const std::string_view metric : metrics) layout->push_back(metric, {});
  return layout;
}

}  // namespace

void AlertEngine::tick() {
  now_ = parts_.clock();
  steady_ = parts_.steady();
  const ServerSignals server = parts_.server_signals();
  if (server.is_store_failing) return tell_of_failing_store();
  load_if_stale();
  tell_of_working_store();
  look_at_agents();
  look_at_hosts();
  look_at_backlogs();
  evaluate_server(server);
  take_results();
  forget_old();
  write();
  publish();
}

StoreFailure::Audience AlertEngine::audience_of_failure() const {
  for (const auto& [id, one] : book_.all()) {
    const Rule& rule = one->entry.rule;
    if (rule.enabled && rule.when.front().metric == kStoreFailing) {
      return {.rule = &rule, .routes = teller_.routes(), .channels = channels_};
    }
  }
  return {.rule = nullptr, .routes = {}, .channels = {}};
}

/// Nothing can be written, and nobody can be heard while readings are refused: all else waits.
void AlertEngine::tell_of_failing_store() {
  ready_ = steady_;
  for (delivery::Message& message :
       store_failure_.note_failing(audience_of_failure(), now_, steady_, parts_.new_id)) {
    parts_.sender.submit(std::move(message), false);
  }
}

void AlertEngine::tell_of_working_store() {
  StoreFailure::Over over = store_failure_.note_working(audience_of_failure(), now_, parts_.new_id);
  for (delivery::Message& message : over.messages) parts_.sender.submit(std::move(message), false);
  if (!over.alarm) return;
  alarms_.add_ended(*over.alarm, now_, changes_);
  for (const std::string& channel : over.told) {
    changes_.told.push_back({over.alarm->id, channel, "ended", now_, {}});
  }
}

void AlertEngine::look_at_agents() {
  if (steady_ - looked_at_agents_ < kLookAtAgents) return;
  looked_at_agents_ = steady_;
  const auto signals = parts_.host_signals();
  for (auto& [name, host] : hosts_) {
    const auto found = signals.find(name);
    host->has_conflict = found != signals.end() && found->second.has_conflict;
    host->clock_skew = found != signals.end() ? found->second.clock_skew : 0;
  }
}

void AlertEngine::look_at_hosts() {
  std::size_t up = 0;
  for (auto& [name, host] : hosts_) {
    watch_silence(*host);
    if (!host->is_silent && host->was_heard) ++up;
    const bool has_signals = host->is_silent || host->has_conflict || host->clock_skew != 0;
    if (has_signals || host->signals.has_open()) evaluate_signals(*host);
    if (host->settles_until != 0 && steady_ >= host->settles_until) {
      host->settles_until = 0;
      tell_open_alarms_of(*host);
    }
  }
  silent_hosts_.judge(up, steady_);
  if (silent_hosts_.holds_back(steady_) == holds_back_) return;
  holds_back_ = !holds_back_;
  for (auto& [name, host] : hosts_) {
    if (host->signals.has_open()) tell_open_alarms_of(*host);
  }
}

void AlertEngine::watch_silence(WatchedHost& host) {
  const std::int64_t patience =
      host.heard > ready_ ? host.patience() : std::max(kLeastAfterStart, host.patience());
  if (host.is_silent || steady_ - std::max(host.heard, ready_) <= patience) return;
  host.is_silent = true;
  host.silent_since = steady_;
  if (host.was_heard) silent_hosts_.add(host.name, steady_);
  tell_open_alarms_of(host);
}

void AlertEngine::evaluate_signals(WatchedHost& host) {
  static const protocol::SharedLayout kLayout = layout_of({kHostSilent, kHostClockSkew, kHostNameConflict});
  const std::array<double, 3> values{host.is_silent ? 1.0 : 0.0, static_cast<double>(host.clock_skew),
                                     host.has_conflict ? 1.0 : 0.0};
  Sink sink(*this, &host, Sink::Kind::signals, false);
  host.signals.evaluate({.at = steady_, .layout = kLayout, .values = values}, kTickInterval, sink);
  save_standings(host.signals, host.name, now_ - steady_);
}

void AlertEngine::evaluate_server(const ServerSignals& signals) {
  static const protocol::SharedLayout kLayout =
      layout_of({kManySilent, kStoreFailing, kDatabaseFree, kDatabaseFreePercent, kDeadLetters});
  const std::array<double, 5> values{
      static_cast<double>(silent_hosts_.many()), signals.is_store_failing ? 1.0 : 0.0,
      signals.database_free_bytes, signals.database_free_percent, static_cast<double>(dead_letters_.size())};
  std::erase_if(dead_letters_, [this](const auto& one) { return now_ - one.second > kDeadFor; });
  figures_.dead_letters = dead_letters_.size();
  Sink sink(*this, nullptr, Sink::Kind::signals, false);
  server_.evaluate({.at = steady_, .layout = kLayout, .values = values}, kTickInterval, sink);
  save_standings(server_, {}, now_ - steady_);
}

void AlertEngine::take_results() {
  std::vector<delivery::DeliveryResult> results;
  {
    const util::MutexLock lock(mutex_);
    results.swap(results_);
  }
  for (const delivery::DeliveryResult& result : results) {
    if (result.outcome == delivery::Outcome::dead) dead_letters_.emplace(result.id, now_);
    teller_.finished(result, now_);
  }
  // Until what they change is on disk.
  results_in_hand_.insert(results_in_hand_.end(), std::make_move_iterator(results.begin()),
                          std::make_move_iterator(results.end()));
  is_changed_ = is_changed_ || !results.empty();
}

void AlertEngine::forget_old() {
  constexpr std::int64_t kKeepAlarms = 365LL * 86400;
  constexpr std::int64_t kKeepDeliveries = 30LL * 86400;
  if (steady_ - forgot_ < kForget) return;
  forgot_ = steady_;
  changes_.forget_alarms_before = now_ - kKeepAlarms;
  changes_.forget_deliveries_before = now_ - kKeepDeliveries;
}

/// What has come together, as a transaction of its own.
void AlertEngine::write() {
  gather();
  if (changes_.empty()) return hand_over();
  is_changed_ = true;  // who was told, and whom a silence keeps from being told
  try {
    parts_.alerts.write(changes_);
  } catch (...) {
    rolled_back();
    throw;
  }
  committed();
}

void AlertEngine::publish() {
  if (!is_changed_) return;
  is_changed_ = false;
  auto next = std::make_shared<AlertSnapshot>();
  const auto look = [&](Evaluator& evaluator, const WatchedHost* host, std::int64_t offset) {
    evaluator.for_each_open([&](const Evaluator::Open& open) { publish_open(open, host, offset, *next); });
    next->figures.instances += evaluator.instances();
    next->figures.windows += evaluator.windows();
  };
  next->figures = figures_;
  look(server_, nullptr, now_ - steady_);
  for (auto& [name, host] : hosts_) {
    look(host->series, host.get(), 0);
    look(host->signals, host.get(), now_ - steady_);
  }
  next->rules = book_.all();
  next->rule_problems = book_.problems();
  const util::MutexLock lock(mutex_);
  snapshot_ = std::move(next);
}

void AlertEngine::publish_open(const Evaluator::Open& open, const WatchedHost* host, std::int64_t offset,
                               AlertSnapshot& to) const {
  const Standing& standing = open.standing;
  const std::string name = host == nullptr ? std::string() : host->name;
  if (standing.phase == Phase::pending) {
    to.pending.push_back({open.rule.rule.id, name, std::string(open.instance),
                          std::string(to_string(open.rule.levels[standing.level])), standing.since + offset,
                          std::max<std::int64_t>(standing.held, 0), standing.value});
    return;
  }
  const auto found = alarms_.all().find(standing.alarm);
  if (found == alarms_.all().end()) return;
  OpenAlarm alarm;
  alarm.row = found->second;
  alarm.value = standing.value;
  alarm.row.value_worst = standing.worst;
  alarm.is_clearing = standing.phase == Phase::clearing;
  const Hush hush = hush_of(alarm.row, host);
  alarm.is_settling = hush == Hush::settling;
  alarm.unknown_since = hush == Hush::frozen          ? now_ - (steady_ - host->heard)
                        : standing.unknown_since != 0 ? standing.unknown_since + offset
                                                      : 0;
  alarm.told = teller_.told(standing.alarm);
  alarm.silenced = teller_.silenced(standing.alarm, now_);
  for (AlarmCounts* const counts : {&to.all, &to.by_host[name]}) {
    ++(alarm.row.severity == "critical"  ? counts->critical
       : alarm.row.severity == "warning" ? counts->warning
                                         : counts->info);
  }
  to.open.emplace(standing.alarm, std::move(alarm));
}

}  // namespace hostwatch::alerts
