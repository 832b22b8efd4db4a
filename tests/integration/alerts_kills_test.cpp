// The server is killed between readings and messages: an alarm that a reading raises exists once, and whoever
// must be told is told at least once, with one id.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "tests/integration/alerting_server.h"
#include "tests/integration/ledger.h"
#include "tests/integration/message_ledger.h"

namespace hostwatch::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// An alarm as a sequence of readings must raise it. Times are Unix seconds.
struct ExpectedAlarm {
  std::string rule;
  std::int64_t started;
  std::int64_t fired;
  std::int64_t ended;  ///< 0: it is open
  friend auto operator<=>(const ExpectedAlarm&, const ExpectedAlarm&) = default;
};

std::ostream& operator<<(std::ostream& out, const ExpectedAlarm& alarm) {
  return out << alarm.rule << " " << alarm.started << " " << alarm.fired << " " << alarm.ended;
}

/// A host that posts a known sequence of readings, a minute apart, beginning in the past; each until it is
/// acknowledged.
class SequenceHost {
 public:
  SequenceHost(int port, int number, std::int64_t first)
      : number_(number),
        first_(first),
        thread_([this, port](const std::stop_token& stop) { run(stop, port); }) {}

  std::string name() const { return "host-" + std::to_string(number_); }
  std::string hot() const { return "hot-" + std::to_string(number_); }
  std::string warm() const { return "warm-" + std::to_string(number_); }

  /// Ends it once the reading under way is acknowledged.
  void stop() {
    thread_.request_stop();
    thread_.join();
  }

  // Once it has ended:
  std::int64_t acknowledged() const { return next_; }
  const std::string& unexpected() const { return unexpected_; }

  /// What rule_on("cpu", 0, 0) and rule_on("ram", "3m", "2m") must make of it.
  std::set<ExpectedAlarm> expected() const {
    std::set<ExpectedAlarm> alarms;
    const auto at = [this](std::int64_t index) { return first_ + 60 * index; };
    const auto add = [&](const std::string& rule, std::int64_t started, std::int64_t fired,
                         std::int64_t ended) {
      if (fired < next_) alarms.insert({rule, at(started), at(fired), ended < next_ ? at(ended) : 0});
    };
    for (std::int64_t cycle = 0; cycle * kCycle < next_; ++cycle) {
      const std::int64_t hot = cycle * kCycle + kHotFrom;
      add(this->hot(), hot, hot, hot + hot_length(cycle));
      const std::int64_t warm = cycle * kCycle + kWarmFrom;
      if (warm_length(cycle) > 3) add(this->warm(), warm, warm + 3, warm + warm_length(cycle) + 2);
    }
    return alarms;
  }

 private:
  // Two an hour and less of each, so that none flaps.
  static constexpr std::int64_t kCycle = 25;
  static constexpr std::int64_t kHotFrom = 2;
  static constexpr std::int64_t kWarmFrom = 3;
  std::int64_t hot_length(std::int64_t cycle) const { return 1 + (cycle * 7 + number_ * 3) % 15; }
  std::int64_t warm_length(std::int64_t cycle) const { return 1 + (cycle * 3 + number_) % 10; }

  json reading_at(std::int64_t index) const {
    const std::int64_t cycle = index / kCycle;
    const std::int64_t phase = index % kCycle;
    json body = reading(name(), first_ + 60 * index, 20);
    if (phase >= kHotFrom && phase < kHotFrom + hot_length(cycle)) body["cpu"] = 95;
    if (phase >= kWarmFrom && phase < kWarmFrom + warm_length(cycle)) body["ram"] = 95;
    return body;
  }

  void run(const std::stop_token& stop, int port) {
    httplib::Client client("127.0.0.1", port);
    client.set_tcp_nodelay(true);
    client.set_keep_alive(true);
    int failures = 0;
    while (!stop.stop_requested() && unexpected_.empty()) {
      const json body = reading_at(next_);
      if (body["timestamp"].get<std::int64_t>() > unix_now()) {
        unexpected_ = "it has come to the present: let it begin earlier";
        return;
      }
      const std::string text = body.dump();
      bool is_stored = false;
      while (!is_stored && unexpected_.empty()) {
        const auto result = client.Post("/metrics", text, "application/json");
        is_stored = result && result->status == 200;
        if (is_stored) break;
        if (result && result->status != 503)
          unexpected_ = std::to_string(result->status) + " " + result->body;
        if (++failures > 100000) unexpected_ = "the server does not come back";
        std::this_thread::sleep_for(milliseconds(10));
      }
      if (is_stored) ++next_;
      std::this_thread::sleep_for(milliseconds(10));
    }
  }

  const int number_;
  const std::int64_t first_;
  std::int64_t next_ = 0;
  std::string unexpected_;
  std::jthread thread_;
};

/// Asks for silences as fast as they are answered, and knows which were.
class SilencesLedger {
 public:
  explicit SilencesLedger(int port)
      : thread_([this, port](const std::stop_token& stop) { run(stop, port); }) {}

  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  const std::set<std::int64_t>& answered() const { return answered_; }

 private:
  void run(const std::stop_token& stop, int port) {
    httplib::Client client("127.0.0.1", port);
    while (!stop.stop_requested()) {
      const json silence{{"rules", {"of-nobody-*"}}, {"until", unix_now() + 86400}, {"reason", "to be kept"}};
      const auto result = client.Post("/alerts/silences", silence.dump(), "application/json");
      if (result && (result->status == 200 || result->status == 201)) {
        answered_.insert(json::parse(result->body).at("id").get<std::int64_t>());
      }
      std::this_thread::sleep_for(milliseconds(100));
    }
  }

  std::set<std::int64_t> answered_;
  std::jthread thread_;
};

/// Six hosts whose alarms go each to a channel of their own and to one for all.
class KilledWithAlarms : public ::testing::Test {
 protected:
  static constexpr int kHosts = 6;

  void begin() {
    server_ = alerting_server(database_);
    port_ = server_->port();
    put_webhook(*server_, "all", messages_.url("all"));
    for (int i = 0; i < kHosts; ++i) {
      const std::string number = std::to_string(i);
      for (const std::string kind : {"hot-", "warm-"}) {
        const bool is_hot = kind == "hot-";
        const std::string name = kind + number;
        put_webhook(*server_, name, messages_.url(name));
        put(*server_, "/alerts/rules/" + name,
            rule_on(is_hot ? "cpu" : "ram", "host-" + number, is_hot ? json(0) : json("3m"),
                    is_hot ? json(0) : json("2m"), {name, "all"}));
      }
    }
    wait_for_a_tick();
    for (int i = 0; i < kHosts; ++i) {
      hosts_.push_back(std::make_unique<SequenceHost>(port_, i, unix_now() - 25 * 86400));
    }
  }

  void kill_and_start() {
    server_->process().signal(SIGKILL);
    ASSERT_EQ(server_->process().wait(), 128 + SIGKILL) << server_->process().output();
    server_ = alerting_server(database_, port_);
  }

  /// By host and rule, as the server tells it, and as readings make it.
  void expect_alarms_of_the_sequences() {
    for (const auto& host : hosts_) {
      ASSERT_EQ(host->unexpected(), "");
      std::set<ExpectedAlarm> found;
      for (const json& alarm : alarms_of(*server_, host->name())) {
        const std::int64_t ended = alarm["ended"].is_null() ? 0 : alarm["ended"].get<std::int64_t>();
        const bool is_new = found.insert({alarm["rule"], alarm["started"], alarm["fired"], ended}).second;
        EXPECT_TRUE(is_new) << "twice: " << alarm;
        alarms_[alarm["id"]] = alarm;
      }
      EXPECT_EQ(found, host->expected());
    }
  }

  bool is_everything_sent() const {
    return server_->get("/alerts/deliveries?state=waiting")["deliveries"].empty();
  }

  /// Who was told that it fires is told of its end; what is open is told; doubles have one id.
  void expect_messages_arrived() {
    std::map<std::tuple<std::string, std::int64_t, std::string>, std::set<std::string>> ids;
    for (const ToldAlarm& told : messages_.told()) {
      ASSERT_TRUE(alarms_.contains(told.alarm)) << "told, and not there: " << told.alarm;
      ids[{told.channel, told.alarm, told.event}].insert(told.message);
    }
    const auto was_told = [&](const std::string& channel, std::int64_t alarm, const char* event) {
      return ids.contains({channel, alarm, event});
    };
    for (const auto& [key, messages] : ids) {
      const auto& [channel, alarm, event] = key;
      EXPECT_EQ(messages.size(), 1U) << event << " of " << alarm << " was told " << channel << " anew";
    }
    for (const auto& [id, alarm] : alarms_) {
      const bool is_open = alarm["ended"].is_null();
      const std::string rule = alarm["rule"];
      for (const std::string& channel : {rule, std::string("all")}) {
        const bool knows = was_told(channel, id, "fired");
        EXPECT_TRUE(!is_open || knows) << channel << " does not know of " << alarm;
        EXPECT_TRUE(is_open || !knows || was_told(channel, id, "ended"))
            << channel << " was not told the end of " << alarm;
      }
      for (const std::string channel : alarm["told"]) {
        EXPECT_TRUE(was_told(channel, id, "fired") || was_told(channel, id, "ended"))
            << channel << " is said to know of " << alarm;
      }
    }
    pairs_ = ids.size();
  }

  const unsigned seed_ = std::random_device()();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  TemporaryFolder folder_;
  const std::string database_ = folder_.file("metrics.db");
  MessageLedger messages_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
  std::vector<std::unique_ptr<SequenceHost>> hosts_;
  std::map<std::int64_t, json> alarms_;
  std::size_t pairs_ = 0;
};

TEST_F(KilledWithAlarms, KilledBetweenReadingAndMessage) {
  begin();
  ASSERT_FALSE(HasFatalFailure());
  SilencesLedger silences(port_);
  messages_.refuse_each(7);
  const int kills = number_from_environment("HOSTWATCH_KILLS", 20);
  for (int i = 0; i < kills && !HasFatalFailure(); ++i) {
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(0, 1500)(random_)));
    kill_and_start();
  }
  silences.stop();
  for (const auto& host : hosts_) host->stop();
  // A channel that was told within the last 30 seconds waits; after a start it does not.
  messages_.refuse_each(0);
  kill_and_start();
  ASSERT_FALSE(HasFatalFailure());
  expect_alarms_of_the_sequences();
  EXPECT_TRUE(eventually(
      [&] {
        const auto told = messages_.told();
        return is_everything_sent() && std::all_of(alarms_.begin(), alarms_.end(), [&](const auto& entry) {
                 const auto& [id, alarm] = entry;
                 const auto of_it = [&, number = id](const ToldAlarm& one) { return one.alarm == number; };
                 return !alarm["ended"].is_null() || std::any_of(told.begin(), told.end(), of_it);
               });
      },
      seconds(40)))
      << server_->get("/alerts/deliveries?state=waiting");
  expect_alarms_of_the_sequences();
  expect_messages_arrived();
  EXPECT_EQ(messages_.unexpected(), "");
  EXPECT_TRUE(server_->get("/alerts/deliveries?state=dead")["deliveries"].empty());

  std::set<std::int64_t> kept;
  const json silences_now = server_->get("/alerts/silences")["silences"];
  for (const json& silence : silences_now) kept.insert(silence["id"].get<std::int64_t>());
  EXPECT_TRUE(std::includes(kept.begin(), kept.end(), silences.answered().begin(), silences.answered().end()))
      << "a silence is lost";
  ASSERT_EQ(server_->process().stop(), 0);
  expect_sound(database_);
  std::cout << alarms_.size() << " alarms, " << messages_.told().size() << " times told (" << pairs_
            << " without doubles), " << messages_.refused() << " refused, " << silences.answered().size()
            << " silences, " << kills << " kills, seed " << seed_ << "\n";
}

}  // namespace
}  // namespace hostwatch::testing
