#include "server/alerts/trial/trial_run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "server/alerts/engine/alert_engine.h"
#include "server/alerts/rules/rule_units.h"
#include "server/alerts/trial/trial_readings.h"

namespace hostwatch::alerts {
namespace {

/// A full hour, and a full day nearly: windows begin with it.
constexpr std::int64_t kBegin = 1763884800;
constexpr std::int64_t kSteadyBegin = 5000;

/// Takes messages, and says at once that they arrived.
class CountingSender : public MessageSender {
 public:
  void submit(delivery::Message message, bool) override {
    if (!ids_.insert(message.id).second) return;
    for (const delivery::AlarmNotice& notice : message.alarms) ++messages_[notice.id];
    delivery::DeliveryResult result;
    result.id = message.id;
    result.channel = message.channel;
    result.attempts = 1;
    arrived_.push_back(std::move(result));
  }
  bool withdraw(const std::string&) override { return true; }

  std::vector<delivery::DeliveryResult> take_arrived() { return std::exchange(arrived_, {}); }
  std::int64_t messages_of(std::int64_t alarm) const {
    const auto found = messages_.find(alarm);
    return found == messages_.end() ? 0 : found->second;
  }

 private:
  std::set<std::string> ids_;
  std::map<std::int64_t, std::int64_t> messages_;  ///< by alarm
  std::vector<delivery::DeliveryResult> arrived_;
};

/// The server of a test.
class TrialServer {
 public:
  TrialServer(const std::vector<Rule>& rules, const OpenTrialStore& open) : rules_(rules), open_(open) {
    for (Rule& rule : rules_) rule.notify.clear();  // one channel that is told of all
    start();
  }
  ~TrialServer() { stop(); }
  TrialServer(const TrialServer&) = delete;
  TrialServer& operator=(const TrialServer&) = delete;

  void restart() {
    stop();
    start();
  }
  void take(std::span<const protocol::ReceivedReading> readings) {
    store_->append(std::span(&readings, 1), now_);
  }
  /// The clocks go on to that time.
  void pass_until(std::int64_t now) {
    while (now_ < now) {
      ++now_;
      for (delivery::DeliveryResult& result : sender_.take_arrived()) engine_->finished(std::move(result));
      engine_->tick();
    }
  }
  std::vector<storage::AlarmRow> alarms() const {
    storage::AlarmQuery query;
    query.limit = 100000;
    return store_->alerts().alarms(query);
  }
  const CountingSender& sender() const { return sender_; }

 private:
  void start() {
    store_ = open_();
    engine_ = std::make_unique<AlertEngine>(
        EngineParts{.store = *store_,
                    .alerts = store_->alerts(),
                    .sender = sender_,
                    .clock = [this] { return now_; },
                    .steady = [this] { return now_ - kBegin + kSteadyBegin; },
                    .host_signals = [] { return std::map<std::string, HostSignals, std::less<>>(); },
                    .server_signals = [] { return ServerSignals{.database_free_bytes = 1e15}; },
                    .shipped = rules_,
                    .new_id = [this] { return next_id(); }});
    store_->alerts().watch(engine_.get());
    engine_->set_channels({TellingChannel{.name = "test"}});
    engine_->tick();
  }
  void stop() {
    if (store_ != nullptr) store_->alerts().watch(nullptr);
    engine_.reset();
    store_.reset();
  }
  std::string next_id() {
    char text[33];
    std::snprintf(text, sizeof(text), "%032lld", static_cast<long long>(++last_id_));
    return text;
  }

  std::vector<Rule> rules_;
  const OpenTrialStore& open_;
  CountingSender sender_;
  std::int64_t now_ = kBegin;
  std::int64_t last_id_ = 0;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<AlertEngine> engine_;
};

std::string shown_time(std::int64_t at) {
  return at < 0 ? "-" + format_duration(-at) : format_duration(at);
}

std::string shown_alarm(const storage::AlarmRow& alarm) {
  std::string text = alarm.rule + " " + (alarm.host.empty() ? "(the server)" : alarm.host);
  if (!alarm.instance.empty()) text += " " + alarm.instance;
  text += " (" + alarm.highest + ") fired at " + shown_time(alarm.fired - kBegin);
  text += alarm.ended == 0 ? ", is open"
                           : ", ended at " + shown_time(alarm.ended - kBegin) + " (" + alarm.end_reason + ")";
  return text + (alarm.late ? ", late" : "");
}

/// What is not as expected; empty: all is.
std::string difference(const TrialExpectation& expected, const storage::AlarmRow& alarm,
                       std::int64_t messages) {
  std::string text;
  const auto differs = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  const auto is_off = [&](std::int64_t wanted, std::int64_t is) {
    return std::abs(is - kBegin - wanted) > expected.within;
  };
  if (expected.fired && is_off(*expected.fired, alarm.fired))
    differs("fired at " + shown_time(*expected.fired));
  if (expected.is_open && alarm.ended != 0) differs("open");
  if (expected.ended && (alarm.ended == 0 || is_off(*expected.ended, alarm.ended))) {
    differs("ended at " + shown_time(*expected.ended));
  }
  if (expected.severity && *expected.severity != alarm.highest) differs(*expected.severity);
  if (expected.late && *expected.late != alarm.late) differs(*expected.late ? "late" : "not late");
  if (expected.messages && *expected.messages != messages) {
    differs(std::to_string(*expected.messages) + " messages (there were " + std::to_string(messages) + ")");
  }
  return text;
}

std::vector<std::string> compare(const Trial& trial, std::vector<storage::AlarmRow> found,
                                 const CountingSender& sender) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.fired < b.fired; });
  std::vector<std::string> faults;
  for (const TrialExpectation& expected : trial.expected) {
    const auto is_of_it = [&](const storage::AlarmRow& alarm) {
      return alarm.rule == expected.rule && alarm.host == expected.host &&
             alarm.instance == expected.instance;
    };
    const auto is_it = [&](const storage::AlarmRow& alarm) {
      return is_of_it(alarm) && difference(expected, alarm, sender.messages_of(alarm.id)).empty();
    };
    auto match = std::find_if(found.begin(), found.end(), is_it);
    if (match == found.end()) {
      match = std::find_if(found.begin(), found.end(), is_of_it);
      const std::string what =
          expected.rule + " " + expected.host + (expected.instance.empty() ? "" : " " + expected.instance);
      if (match == found.end()) {
        faults.push_back("there is no alarm " + what);
        continue;
      }
      faults.push_back(shown_alarm(*match) +
                       "; expected: " + difference(expected, *match, sender.messages_of(match->id)));
    }
    found.erase(match);
  }
  if (!trial.expects_no_other) return faults;
  for (const storage::AlarmRow& other : found) faults.push_back("not expected: " + shown_alarm(other));
  return faults;
}

}  // namespace

std::vector<std::string> run_trial(const Trial& trial, const std::vector<Rule>& rules,
                                   const OpenTrialStore& open) {
  TrialServer server(rules, open);
  std::vector<std::int64_t> restarts = trial.restarts;
  std::sort(restarts.begin(), restarts.end());
  std::size_t restarted = 0;
  const auto go_to = [&](std::int64_t at) {
    for (; restarted < restarts.size() && kBegin + restarts[restarted] <= at; ++restarted) {
      server.pass_until(kBegin + restarts[restarted]);
      server.restart();
    }
    server.pass_until(at);
  };
  for (const auto& [arrives, readings] : trial_readings(trial, kBegin)) {
    go_to(arrives);
    server.take(readings);
  }
  go_to(kBegin + trial_length(trial) + trial.afterwards);
  return compare(trial, server.alarms(), server.sender());
}

}  // namespace hostwatch::alerts
