// What a backlog held: found once no more of it comes, written as late alarms, told to nobody.
#include <algorithm>
#include <utility>

#include "server/alerts/engine/alert_engine.h"
#include "server/alerts/history/host_replay.h"
#include "server/alerts/history/reading_feed.h"

namespace hostwatch::alerts {
namespace {

/// No more has come for so long, or it has come for so long.
constexpr std::int64_t kQuiet = 60;
constexpr std::int64_t kLongest = 600;
/// Of a longer backlog the newest part is looked at.
constexpr std::int64_t kMostHistory = 7 * 86400;
constexpr std::size_t kMostFound = 1000;

bool overlaps(const storage::AlarmRow& known, const FoundAlarm& found) {
  return known.rule == found.rule && known.instance == found.instance &&
         (known.ended == 0 || known.ended >= found.started) &&
         (found.ended == 0 || found.ended >= known.started);
}

}  // namespace

/// One host a tick, as it takes some milliseconds.
void AlertEngine::look_at_backlogs() {
  for (auto& [name, host] : hosts_) {
    if (host->backlog_from > host->backlog_to) continue;
    const bool is_quiet = steady_ - host->backlog_heard >= kQuiet;
    if (!is_quiet && steady_ - host->backlog_began < kLongest) continue;
    evaluate_backlog(*host);
    return;
  }
}

void AlertEngine::evaluate_backlog(WatchedHost& host) {
  const std::int64_t to = std::exchange(host.backlog_to, INT64_MIN);
  const std::int64_t from = std::max(std::exchange(host.backlog_from, INT64_MAX), to - kMostHistory);
  const SharedRules rules = host.series.shared_rules();
  std::int64_t longest_hold = 0;
  for (const SharedRule& rule : rules->rules()) longest_hold = std::max(longest_hold, rule->rule.hold);
  const std::int64_t before = host.series.history(host.interval) + 2 * longest_hold;
  HostReplay replay(rules, host.name, from, kMostFound);
  // Until what fires in it has had the time to end; what is newer was seen as it came.
  const FeedRequest request{
      .hostname = host.name, .metrics = rules->metrics(), .from = from - before, .to = host.newest};
  feed_readings(parts_.store, request, [&](const ReadingView& reading) {
    replay.take(reading, host.interval);
    return true;
  });
  storage::AlarmQuery query;
  query.hosts = {host.name};
  query.from = from;
  query.limit = kMostFound;
  const std::vector<storage::AlarmRow> known = parts_.alerts.alarms(query);
  for (const FoundAlarm& found : replay.finish().alarms()) {
    const bool is_of_backlog = found.fired <= to;
    const auto is_known = [&](const storage::AlarmRow& one) { return overlaps(one, found); };
    // One that is open would have been seen by the readings that came in order.
    if (!is_of_backlog || found.ended == 0 || std::any_of(known.begin(), known.end(), is_known)) continue;
    add_late_alarm(host, found);
  }
}

void AlertEngine::add_late_alarm(const WatchedHost& host, const FoundAlarm& found) {
  storage::AlarmRow alarm;
  alarm.rule = found.rule;
  alarm.host = host.name;
  alarm.instance = found.instance;
  alarm.severity = alarm.highest = std::string(to_string(found.severity));
  alarm.started = found.started;
  alarm.fired = found.fired;
  alarm.ended = found.ended;
  alarm.end_reason = found.end_reason;
  alarm.value_fired = found.value_fired;
  alarm.value_worst = found.value_worst;
  alarm.late = true;
  if (const SharedEntry* const entry = book_.find(found.rule)) {
    const CompiledRule& rule = *(*entry)->compiled;
    const bool is_high = rule.levels.size() > 1 && rule.levels[1] == found.severity;
    alarm.limit = rule.conditions.front().limits[is_high ? 1 : 0].fire;
  }
  alarms_.add_ended(alarm, now_, changes_);
  ++figures_.late;
}

}  // namespace hostwatch::alerts
