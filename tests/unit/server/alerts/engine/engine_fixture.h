#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/alerts/engine/alert_engine.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::alerts {

inline constexpr std::int64_t kStart = 1763884800;

/// Messages as they go out, of one channel "ops".
class SentMessages : public MessageSender {
 public:
  void submit(delivery::Message message, bool) override {
    if (!ids.insert(message.id).second) return;
    for (const delivery::AlarmNotice& alarm : message.alarms) {
      std::string text = alarm.event + " " + alarm.severity + " " + alarm.rule + " " + alarm.host;
      if (!alarm.instance.empty()) text += " " + alarm.instance;
      if (alarm.event == "ended") text += ": " + alarm.end_reason;
      told.push_back(text);
      notices.push_back(alarm);
    }
    waiting.push_back(std::move(message));
  }
  bool withdraw(const std::string&) override { return true; }

  std::vector<std::string> take() { return std::exchange(told, {}); }

  std::vector<std::string> told;
  std::vector<delivery::AlarmNotice> notices;
  std::vector<delivery::Message> waiting;
  std::set<std::string> ids;
};

using Told = std::vector<std::string>;

/// A disk is full above 90 (until below 87).
inline Rule disk_full() {
  Rule rule;
  rule.id = "disk-full";
  rule.name = "Disk almost full";
  Condition used;
  used.metric = "filesystem_used_percent";
  used.limits[static_cast<std::size_t>(Severity::warning)] = Limit{90, 87};
  used.limits[static_cast<std::size_t>(Severity::critical)] = Limit{97, 95};
  rule.when = {used};
  rule.hold = 0;
  rule.clear_hold = 0;
  return rule;
}

inline Rule host_down() {
  Rule rule;
  rule.id = "host-down";
  Condition silent;
  silent.metric = kHostSilent;
  silent.limits[static_cast<std::size_t>(Severity::critical)] = Limit{0.5, 0.5};
  rule.when = {silent};
  rule.hold = 120;
  rule.clear_hold = 0;
  return rule;
}

inline Rule many_silent() {
  Rule rule = host_down();
  rule.id = "many-silent";
  rule.when[0].metric = kManySilent;
  rule.hold = 0;
  return rule;
}

/// An engine on SQLite, with clocks that the test sets.
class Engine : public ::testing::Test {
 protected:
  void watch(std::vector<Rule> rules) {
    rules_ = std::move(rules);
    start();
  }
  void start() {
    engine_.reset();
    store_.reopen();
    start_engine();
  }
  void start_engine() {
    engine_.reset();
    EngineParts parts{.store = store_.store(),
                      .alerts = store_.store().alerts(),
                      .sender = sent_,
                      .clock = [this] { return now_; },
                      .steady = [this] { return steady_; },
                      .host_signals = [this] { return signals_; },
                      .server_signals = [this] { return server_; },
                      .shipped = rules_,
                      .new_id = [this] { return new_id(); }};
    engine_ = std::make_unique<AlertEngine>(std::move(parts));
    store_.store().alerts().watch(engine_.get());
    engine_->set_channels({TellingChannel{.name = "ops"}});
    engine_->tick();
  }

  /// A reading of a disk, taken when it arrives or so many seconds before.
  void disk(const std::string& host, double used, std::int64_t ago = 0) {
    send({reading(host, now_ - ago, used)});
  }
  static protocol::Reading reading(const std::string& host, std::int64_t at, double used) {
    protocol::Reading made{host, at, 1, 2, 3, {{"filesystem_used_percent", "/", used}}, std::nullopt};
    return made;
  }
  void send(const std::vector<protocol::Reading>& readings) {
    std::vector<protocol::ReceivedReading> received = protocol::received(readings);
    for (protocol::ReceivedReading& one : received) one.sent = now_;
    const std::span<const protocol::ReceivedReading> one(received);
    store_.store().append(std::span(&one, 1), now_);
  }
  /// The clocks go on, with a tick each second.
  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      ++now_;
      ++steady_;
      engine_->tick();
    }
  }
  /// The host sends that each ten seconds.
  void send_for(std::int64_t seconds, const std::string& host, double used) {
    for (std::int64_t i = 0; i < seconds; i += 10) {
      pass(10);
      disk(host, used);
    }
  }
  /// All that waits has arrived.
  void deliver() {
    for (const delivery::Message& message : std::exchange(sent_.waiting, {})) {
      delivery::DeliveryResult result;
      result.id = message.id;
      result.channel = message.channel;
      result.attempts = 1;
      engine_->finished(result);
    }
    engine_->tick();
  }
  std::vector<storage::AlarmRow> alarms() { return store_.store().alerts().alarms({}); }
  Told told() {
    deliver();
    return sent_.take();
  }
  std::string new_id() {
    char text[33];
    std::snprintf(text, sizeof(text), "%032d", ++last_id_);
    return text;
  }

  storage::StoreFixture store_;
  SentMessages sent_;
  std::vector<Rule> rules_;
  std::map<std::string, HostSignals, std::less<>> signals_;
  ServerSignals server_;
  std::int64_t now_ = kStart;
  std::int64_t steady_ = 5000;
  int last_id_ = 0;
  std::unique_ptr<AlertEngine> engine_;
};

}  // namespace hostwatch::alerts
