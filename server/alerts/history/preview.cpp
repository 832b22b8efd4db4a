#include "server/alerts/history/preview.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iterator>
#include <memory>
#include <utility>

#include "server/alerts/history/reading_feed.h"
#include "server/alerts/history/silence_feed.h"
#include "server/alerts/history/told_estimate.h"
#include "server/alerts/history/what_if.h"

namespace hostwatch::alerts {
namespace {

/// What flaps is known after an hour, and is held open for half an hour.
constexpr std::int64_t kWarmUp = 2 * 3600;
constexpr std::int64_t kQuietAfterFlapping = 1800;
constexpr std::int64_t kLeastPatience = 30;
constexpr std::int64_t kLongestInterval = 86400;
constexpr std::int64_t kLeastHoldOfMinutes = 60;
constexpr std::size_t kNoisiest = 5;
/// Alarms of one host that are kept at once.
constexpr std::size_t kMostOfHost = 10000;

SharedRules list_of(const Rule& rule) {
  return std::make_shared<const RuleList>(std::vector<SharedRule>{compile(rule)});
}

bool is_at_night(std::int64_t at) {
  const std::time_t time = at;
  std::tm local{};
  return ::localtime_r(&time, &local) != nullptr && (local.tm_hour >= 22 || local.tm_hour < 6);
}

/// Roll-ups stand for their readings so that what held for all of them holds for them.
std::map<std::string, RollUpValue, std::less<>> roll_up_values(const RuleList& rules) {
  std::map<std::string, RollUpValue, std::less<>> values;
  for (const CompiledCondition& condition : rules[0].conditions) {
    RollUpValue wanted =
        condition.source.direction == Direction::above ? RollUpValue::minimum : RollUpValue::maximum;
    switch (condition.source.value.kind) {
      case ValueKind::mean:
      case ValueKind::time_until:
        wanted = RollUpValue::mean;
        break;
      case ValueKind::maximum:
      case ValueKind::increase:
        wanted = RollUpValue::maximum;
        break;
      case ValueKind::minimum:
        wanted = RollUpValue::minimum;
        break;
      case ValueKind::last:
        break;
    }
    if (condition.is_rebooted) wanted = RollUpValue::minimum;
    const auto [known, is_new] = values.emplace(condition.metric(), wanted);
    if (!is_new && known->second != wanted) known->second = RollUpValue::mean;
  }
  return values;
}

class Previewer {
 public:
  Previewer(const storage::Store& store, const PreviewRequest& request, query::AnswerBudget& budget);
  Preview run();

 private:
  enum class Kind : std::uint8_t { series, silence, not_in_history };
  static Kind kind_of(const Rule& rule);
  std::vector<storage::HostBrief> selected_hosts() const;
  bool replay(const storage::HostBrief& host, std::vector<HostReplay>& replays);
  FeedRequest feed_of(const storage::HostBrief& host) const;
  void count(const std::string& host, std::vector<HostReplay>& replays);
  void finish();
  bool has_time();

  const storage::Store& store_;
  const PreviewRequest& request_;
  query::AnswerBudget& budget_;
  std::chrono::steady_clock::time_point deadline_;
  Kind kind_;
  std::vector<SharedRules> variants_;  ///< the first: the rule itself
  std::int64_t warm_up_ = 0;
  std::int64_t longest_hold_ = 0;
  bool by_minutes_ = false;
  ToldEstimate told_;
  Preview result_;
};

Previewer::Previewer(const storage::Store& store, const PreviewRequest& request, query::AnswerBudget& budget)
    : store_(store),
      request_(request),
      budget_(budget),
      deadline_(std::chrono::steady_clock::now() + budget.limits().max_time * 3 / 4),
      kind_(kind_of(request.rule)),
      told_(request.rule, request.to) {
  variants_.push_back(list_of(request.rule));
  longest_hold_ = std::max(request.rule.hold, request.rule.clear_hold);
  if (request.with_variants) {
    for (RuleVariant& variant : variants_of(request.rule)) {
      longest_hold_ = std::max(longest_hold_, variant.rule.hold);
      variants_.push_back(list_of(variant.rule));
      result_.what_if.push_back({std::move(variant.change), 0});
    }
  }
  warm_up_ = variants_.front()->longest_window() + longest_hold_ + request.rule.clear_hold + kWarmUp;
}

Previewer::Kind Previewer::kind_of(const Rule& rule) {
  const std::string& metric = rule.when.front().metric;
  if (metric == kHostSilent) return Kind::silence;
  return is_signal(metric) && metric != kHostRebooted ? Kind::not_in_history : Kind::series;
}

std::vector<storage::HostBrief> Previewer::selected_hosts() const {
  std::vector<storage::HostBrief> hosts = store_.hosts_with({});
  std::erase_if(hosts, [&](const storage::HostBrief& host) {
    if (!request_.hostname.empty() && host.name != request_.hostname) return true;
    return !selects(request_.rule.hosts, host.name, store_.facts_of(host.name).tags);
  });
  return hosts;
}

bool Previewer::has_time() {
  try {
    budget_.check();
  } catch (const query::HistoryTooLarge&) {
    return false;
  }
  return std::chrono::steady_clock::now() < deadline_;
}

FeedRequest Previewer::feed_of(const storage::HostBrief& host) const {
  FeedRequest feed;
  feed.hostname = host.name;
  feed.from = request_.from - warm_up_;
  feed.to = request_.to;
  if (kind_ == Kind::silence) {
    feed.metrics = {"cpu"};
    return feed;
  }
  feed.metrics = variants_.front()->metrics();
  feed.takes_roll_ups = true;
  feed.resolution = by_minutes_ ? storage::kMinute : 0;
  feed.roll_up_values = roll_up_values(*variants_.front());
  return feed;
}

/// False: there was no time to do all of it.
bool Previewer::replay(const storage::HostBrief& host, std::vector<HostReplay>& replays) {
  const std::int64_t declared = store_.facts_of(host.name).interval_seconds;
  const std::int64_t interval = by_minutes_ ? std::max(declared, storage::kMinute) : declared;
  const auto evaluate = [&](const ReadingView& reading, std::int64_t step) {
    for (HostReplay& replay : replays) replay.take(reading, step);
  };
  const auto check = [this] { return has_time(); };
  const FeedRequest feed = feed_of(host);
  if (kind_ == Kind::series) {
    const FeedOutcome outcome = feed_readings(
        store_, feed,
        [&](const ReadingView& reading) {
          evaluate(reading, interval);
          return true;
        },
        check);
    if (outcome.has_roll_ups) result_.exact = false;
    return outcome.is_complete;
  }
  const std::int64_t step = std::min(host.interval, kLongestInterval);
  SilenceFeed silence(std::max(kLeastPatience, 3 * step), longest_hold_ + kQuietAfterFlapping);
  const auto tell = [&](const ReadingView& reading) { evaluate(reading, std::max<std::int64_t>(step, 10)); };
  const FeedOutcome outcome = feed_readings(
      store_, feed,
      [&](const ReadingView& reading) {
        silence.heard(reading.at, tell);
        return true;
      },
      check);
  silence.end(request_.to, tell);
  return outcome.is_complete;
}

void Previewer::count(const std::string& host, std::vector<HostReplay>& replays) {
  const AlarmCollector& found = replays.front().finish();
  ++result_.examined_hosts;
  for (std::size_t i = 1; i < replays.size(); ++i) {
    result_.what_if[i - 1].fired += replays[i].finish().fired();
  }
  if (found.fired() == 0) return;
  result_.fired += found.fired();
  ++result_.hosts;
  result_.noisiest.push_back({host, found.fired()});
  for (const FoundAlarm& alarm : found.alarms()) {
    if (is_at_night(alarm.fired)) ++result_.night;
    told_.add(alarm);
    result_.alarms.push_back(alarm);
  }
  // Twice as many at most, so that it is not done for each host.
  if (result_.alarms.size() > 2 * kMostPreviewAlarms) finish();
}

/// The newest first, and no more of them than are wanted.
void Previewer::finish() {
  auto& alarms = result_.alarms;
  std::sort(alarms.begin(), alarms.end(), [](const FoundAlarm& a, const FoundAlarm& b) {
    return std::tie(b.fired, a.host, a.instance) < std::tie(a.fired, b.host, b.instance);
  });
  if (alarms.size() > kMostPreviewAlarms) alarms.resize(kMostPreviewAlarms);
}

Preview Previewer::run() {
  result_.exact = kind_ == Kind::series;
  if (kind_ == Kind::not_in_history) return std::move(result_);
  const std::vector<storage::HostBrief> hosts = selected_hosts();
  by_minutes_ = hosts.size() > kMostHostsByReadings && request_.rule.hold >= kLeastHoldOfMinutes &&
                kind_ == Kind::series;
  for (const storage::HostBrief& host : hosts) {
    std::vector<HostReplay> replays;
    replays.reserve(variants_.size());
    for (const SharedRules& rules : variants_) {
      replays.emplace_back(rules, host.name, request_.from, replays.empty() ? kMostOfHost : 0);
    }
    if (!has_time() || !replay(host, replays)) {
      result_.partial = true;
      break;
    }
    count(host.name, replays);
  }
  finish();
  auto& noisiest = result_.noisiest;
  std::stable_sort(noisiest.begin(), noisiest.end(),
                   [](const auto& a, const auto& b) { return a.fired > b.fired; });
  if (noisiest.size() > kNoisiest) noisiest.resize(kNoisiest);
  result_.told = told_.messages();
  return std::move(result_);
}

}  // namespace

Preview preview(const storage::Store& store, const PreviewRequest& request, query::AnswerBudget& budget) {
  return Previewer(store, request, budget).run();
}

}  // namespace hostwatch::alerts
