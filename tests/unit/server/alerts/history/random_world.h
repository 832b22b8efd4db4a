#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "protocol/reading.h"
#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// Random rules, and random readings of a few hosts that make them fire and clear. The same seed gives the
/// same. Values swing around 50, in steps of a half, so that they meet limits exactly, too.
class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : random_(seed) {}

  std::vector<Rule> rules(std::size_t count) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < count; ++i) rules.push_back(rule("r" + std::to_string(i)));
    return rules;
  }

  /// In order of time, about so many of each host.
  std::vector<protocol::Reading> readings(std::int64_t start, std::size_t count) {
    std::vector<protocol::Reading> all;
    for (const Host& host :
         std::vector<Host>{{"told", 10, true}, {"untold", 10, false}, {"slow", 60, true}}) {
      add_readings(host, start, host.interval == 10 ? count : count / 3, all);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });
    return all;
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  struct Host {
    std::string name;
    std::int64_t interval;
    bool says_interval;
  };
  struct Walk {
    protocol::Sample sample;
    std::size_t present_one_in = 1;  ///< it is measured each so many readings
    bool is_gone = false;
    bool is_counter = false;
  };

  template <typename T>
  T any_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  Condition condition() {
    Condition made;
    made.metric = any_of<std::string>({"cpu", "ram", "filesystem_used_percent", "filesystem_used_percent",
                                       "filesystem_inodes_used_percent", "queue", "rare", "whole", "bytes"});
    if (one_in(4)) made.instance = any_of<std::string>({"/", "/h*", "*a*"});
    if (one_in(6)) made.except = {"/data"};
    if (made.metric == "queue" && one_in(2)) made.value.percent_of = "whole";
    if (one_in(3)) {
      made.value.kind = any_of<ValueKind>({ValueKind::mean, ValueKind::minimum, ValueKind::maximum});
      made.value.over = any_of<std::int64_t>({60, 120, 300, 600});
    }
    if (made.metric == "bytes") {
      made.value = {ValueKind::increase, any_of<std::int64_t>({60, 300}), 0, {}};
    } else if (one_in(12)) {
      made.value = {ValueKind::time_until, 3600, 100, {}};
    }
    made.direction = one_in(2) ? Direction::above : Direction::below;
    const double fire = made.value.kind == ValueKind::time_until ? 3600 : 45 + static_cast<double>(below(11));
    const double sign = made.direction == Direction::above ? 1 : -1;
    const double gap = 0.5 * static_cast<double>(1 + below(8));
    made.limits[1] = Limit{fire, fire - sign * gap};
    if (one_in(2)) made.limits[2] = Limit{fire + sign * 2, fire + sign * (2 - std::min(gap, 1.5))};
    if (one_in(8)) std::swap(made.limits[0], made.limits[1]);
    return made;
  }

  Rule rule(const std::string& id) {
    Rule made;
    made.id = id;
    if (one_in(25)) {
      Condition rebooted;
      rebooted.metric = kHostRebooted;
      rebooted.limits[0] = Limit{0.5, 0.5};
      made.when = {rebooted};
    } else {
      const std::size_t conditions = one_in(3) ? 2 + below(2) : 1;
      for (std::size_t i = 0; i < conditions; ++i) made.when.push_back(condition());
      // Two severities at most.
      if (made.severities().size() > 2) {
        for (Condition& one : made.when) one.limits[0] = std::nullopt;
        if (!made.when[0].limits[1]) made.when[0].limits[1] = Limit{50, 49};
        for (Condition& one : made.when) {
          if (!one.limits[1] && !one.limits[2]) one.limits[1] = Limit{50, 49};
        }
      }
    }
    made.hold = any_of<std::int64_t>({0, 0, 20, 60, 120, 300});
    made.clear_hold = any_of<std::int64_t>({0, 0, 20, 60, 300});
    made.missing = any_of<Missing>({Missing::hold, Missing::end, Missing::fire});
    return made;
  }

  void step(Walk& walk) {
    double& value = walk.sample.value;
    if (walk.is_counter) {
      value = one_in(200) ? 0 : value + static_cast<double>(below(12));
      return;
    }
    value += 0.5 * (static_cast<double>(below(9)) - 4) + (value > 50 ? -0.25 : 0.25);
    value = std::clamp(std::round(value * 2) / 2, 0.0, 100.0);
    if (one_in(60)) value = 50 + static_cast<double>(below(31)) - 15;
  }

  void add_readings(const Host& host, std::int64_t start, std::size_t count,
                    std::vector<protocol::Reading>& all) {
    std::vector<Walk> walks;
    for (const char* const mount : {"/", "/home", "/data"}) {
      walks.push_back({{"filesystem_used_percent", mount, 50}});
      walks.push_back({{"filesystem_inodes_used_percent", mount, 50}});
    }
    for (const char* const name : {"a", "b", "ca"}) walks.push_back({{"queue", name, 50}});
    walks.push_back({{"rare", "x", 50}, 5});
    walks.push_back({{"whole", "", 100}});
    walks.push_back({{"bytes", "eth0", 0}, 1, false, true});
    Walk cpu{{"cpu", "", 50}};
    Walk ram{{"ram", "", 50}};
    std::int64_t at = start + static_cast<std::int64_t>(below(10));
    std::int64_t boot = at - 5000;
    for (std::size_t i = 0; i < count; ++i) {
      at += host.interval;
      if (one_in(40)) at += static_cast<std::int64_t>(below(5));     // not as punctual as others
      if (one_in(80)) at += static_cast<std::int64_t>(below(2000));  // a gap
      if (one_in(150)) boot = at - static_cast<std::int64_t>(below(20));
      protocol::Reading reading{host.name, at, 0, 0, 3, {}, std::nullopt};
      step(cpu);
      step(ram);
      reading.cpu = cpu.sample.value;
      reading.ram = ram.sample.value;
      for (Walk& walk : walks) {
        step(walk);
        if (one_in(120)) walk.is_gone = !walk.is_gone;
        if (!walk.is_gone && i % walk.present_one_in == 0) reading.samples.push_back(walk.sample);
      }
      reading.samples.push_back({"uptime_seconds", "", static_cast<double>(at - boot)});
      if (host.says_interval) {
        reading.facts.emplace();
        reading.facts->interval_seconds = host.interval;
      }
      all.push_back(std::move(reading));
    }
  }

  std::mt19937 random_;
};

}  // namespace hostwatch::alerts
