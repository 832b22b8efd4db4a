#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/alerts/telling/teller.h"
#include "tests/unit/server/alerts/telling/zone.h"

namespace hostwatch::alerts {

/// What the store would have: each output is applied as one transaction.
class LedgerStore {
 public:
  void apply(const storage::AlertChanges& changes) {
    for (const auto& row : changes.alarms) alarms[row.id] = row;
    for (const auto& row : changes.told) told[{row.alarm, row.channel}] = row;
    for (const auto& row : changes.deliveries) {
      if (!deliveries.contains(row.id)) order.push_back(row.id);
      deliveries[row.id] = row;
    }
    for (const auto& row : changes.silences) silences[row.id] = row;
    for (const auto id : changes.removed_silences) silences.erase(id);
    if (changes.routes.has_value()) routes = *changes.routes;
    events.insert(events.end(), changes.events.begin(), changes.events.end());
  }

  storage::AlertState state() const {
    storage::AlertState state;
    for (const auto& [id, row] : alarms) {
      bool is_untold = false;
      for (const auto& [key, one] : told) is_untold = is_untold || (key.first == id && one.state != "ended");
      if (row.ended == 0 || is_untold) {
        state.open_alarms.push_back(row);
        for (const auto& [key, one] : told) {
          if (key.first == id) state.told.push_back(one);
        }
      }
    }
    for (const auto& id : order) {
      if (deliveries.at(id).state == "waiting") state.waiting.push_back(deliveries.at(id));
    }
    for (const auto& [id, row] : silences) {
      state.silences.push_back(row);
      state.last_silence = id;
    }
    state.routes = routes;
    return state;
  }

  storage::AlarmStory story(std::int64_t id) const {
    storage::AlarmStory story;
    story.alarm = alarms.at(id);
    for (const auto& [key, row] : told) {
      if (key.first == id) story.told.push_back(row);
    }
    for (const auto& [key, row] : deliveries) story.deliveries.push_back(row);
    return story;
  }

  std::map<std::int64_t, storage::AlarmRow> alarms;
  std::map<std::pair<std::int64_t, std::string>, storage::AlarmToldRow> told;
  std::map<std::string, storage::DeliveryRow> deliveries;
  std::vector<std::string> order;
  std::map<std::int64_t, storage::SilenceRow> silences;
  std::vector<storage::AlarmEventRow> events;
  std::string routes;
};

/// A teller, its store, its receivers and a clock that stands until it is moved on.
class Telling : public ::testing::Test {
 protected:
  Telling() {
    teller = make_teller();
    set_channels({{"ops"}});
  }

  std::unique_ptr<Teller> make_teller() {
    return std::make_unique<Teller>(TellerOptions{[this] {
      std::string id = std::to_string(++last_id_);
      return std::string(32 - id.size(), '0') + id;
    }});
  }

  void set_channels(std::vector<TellingChannel> list) {
    channels = std::move(list);
    teller->set_channels(channels, now);
    commit();
  }

  /// A new alarm of rule "disk-full" that has just fired.
  storage::AlarmRow& fire(std::int64_t id, const std::string& severity = "warning",
                          const std::string& host = "web-1", Hush hush = Hush::none) {
    auto& row = alarms[id];
    row.id = id;
    row.rule = "disk-full";
    row.host = host;
    row.instance = "/" + std::to_string(id);
    row.severity = row.highest = severity;
    row.started = now - 120;
    row.fired = now;
    row.value_fired = 91;
    hushes[id] = hush;
    change(id);
    return row;
  }

  void rise(std::int64_t id) {
    alarms[id].severity = alarms[id].highest = "critical";
    change(id);
  }

  void fall(std::int64_t id) {
    alarms[id].severity = "warning";
    change(id);
  }

  void end(std::int64_t id, const std::string& reason = "cleared") {
    auto& row = alarms[id];
    row.severity = row.highest;
    row.ended = now;
    row.end_reason = reason;
    row.value_ended = 80;
    change(id);
  }

  void acknowledge(std::int64_t id, std::int64_t until = 0) {
    alarms[id].ack_by = "anna";
    alarms[id].ack_until = until;
    change(id);
  }

  void hush(std::int64_t id, Hush hush) {
    hushes[id] = hush;
    teller->set_hush(id, hush);
  }

  /// The alarm's row as it is now comes to the teller, and is written with what that decides.
  void change(std::int64_t id) {
    auto& row = alarms[id];
    teller->update(row, rules.contains(row.rule) ? &rules[row.rule] : nullptr, tags[row.host], hushes[id],
                   now);
    written_.push_back(row);
  }

  /// The end of a transaction, or of a tick.
  void commit() {
    teller->tick(now);
    TellerOutput out = teller->take();
    out.changes.alarms = std::exchange(written_, {});
    store.apply(out.changes);
    for (const auto& id : out.withdrawn) {
      for (auto& [channel, queue] : queues) {
        std::erase_if(queue, [&](const delivery::Message& one) { return one.id == id; });
      }
    }
    for (auto& message : out.messages) queues[message.channel].push_back(std::move(message));
    deliver();
  }

  /// One second after the other.
  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; i++) {
      now++;
      commit();
    }
  }

  /// To that time, at once: what is due between comes late.
  void leap(std::int64_t seconds) {
    now += seconds - 1;
    pass(1);
  }

  /// As after a kill: what was not written is gone.
  void restart() {
    alarms = store.alarms;
    teller = make_teller();
    teller->set_channels(channels, now);
    EXPECT_TRUE(teller->load(store.state(), now).empty());
    queues.clear();
    attempts_.clear();
    for (auto& message : teller->waiting()) queues[message.channel].push_back(std::move(message));
    for (const auto& row : store.state().open_alarms) {
      change(row.id);
    }
    written_.clear();
    commit();
  }

  /// "fired 1, ended 2" of the messages that arrived at the channel since the last call, in order, with "; "
  /// between messages.
  std::string arrived(const std::string& channel = "ops") {
    std::string text;
    for (const auto& message : std::exchange(received[channel], {})) {
      if (!text.empty()) text += "; ";
      std::string list;
      for (const auto& notice : message.alarms) {
        list += (list.empty() ? "" : ", ") + notice.event + " " + std::to_string(notice.id);
      }
      if (message.left_out > 0) list += " and " + std::to_string(message.left_out) + " more";
      text += list;
    }
    return text;
  }

  std::int64_t silence(std::int64_t seconds, std::vector<std::string> weekly = {}) {
    Silence silence;
    silence.from = now;
    silence.until = now + seconds;
    silence.weekly = std::move(weekly);
    silence.reason = "test";
    return teller->add_silence(silence).id;
  }

  std::string why(std::int64_t id, const std::string& channel = "ops") {
    for (const auto& reason : teller->why(store.story(id), now)) {
      if (reason.channel == channel) return reason.state + ": " + reason.text;
    }
    return "?";
  }

  int events_of(std::int64_t id, const std::string& kind) const {
    return static_cast<int>(std::count_if(store.events.begin(), store.events.end(), [&](const auto& event) {
      return event.alarm == id && event.kind == kind;
    }));
  }

  Zone zone{"UTC"};
  std::int64_t now = utc(2026, 11, 30, 2, 10, 3);  // a Monday
  std::unique_ptr<Teller> teller;
  LedgerStore store;
  std::vector<TellingChannel> channels;
  std::map<std::int64_t, storage::AlarmRow> alarms;
  std::map<std::int64_t, Hush> hushes;
  std::map<std::string, Rule> rules;
  std::map<std::string, Tags> tags;
  std::map<std::string, std::vector<delivery::Message>> received;
  std::map<std::string, std::vector<delivery::Message>> queues;
  std::map<std::string, delivery::Outcome> lines;  ///< of channels that do not work: how attempts end

 private:
  /// Of each channel what is due, in order, as the delivery does it.
  void deliver() {
    for (auto& [channel, queue] : queues) {
      while (!queue.empty()) {
        delivery::Message& first = queue.front();
        if (first.due > now) break;
        const auto line = lines.find(channel);
        const std::int64_t attempts = ++attempts_[first.id];
        if (line == lines.end()) {
          teller->finished({first.id, channel, delivery::Outcome::sent, attempts, 200, {}, 0}, now);
          received[channel].push_back(std::move(first));
        } else {
          const std::int64_t wait =
              std::min<std::int64_t>(300, std::int64_t{1} << std::min<std::int64_t>(attempts, 9));
          first.due = now + wait;
          teller->finished({first.id, channel, line->second, attempts, 0, "no connection", first.due}, now);
          if (line->second != delivery::Outcome::dead) break;
        }
        queue.erase(queue.begin());
      }
    }
  }

  int last_id_ = 0;
  std::vector<storage::AlarmRow> written_;
  std::map<std::string, std::int64_t> attempts_;
};

}  // namespace hostwatch::alerts
