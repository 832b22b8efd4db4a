#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/alerts/evaluation/evaluator.h"

namespace hostwatch::alerts {

inline constexpr std::int64_t kStart = 1763884800;

/// The disk is full above 90 (until it is below 87), critically above 97 (95).
inline Rule disk_rule() {
  Rule rule;
  rule.id = "disk-full";
  Condition used;
  used.metric = "filesystem_used_percent";
  used.limits[static_cast<std::size_t>(Severity::warning)] = Limit{90, 87};
  used.limits[static_cast<std::size_t>(Severity::critical)] = Limit{97, 95};
  rule.when = {used};
  rule.hold = 0;
  rule.clear_hold = 0;
  return rule;
}

/// What happened, as text: "0 fired warning /".
class Recorder : public TransitionSink {
 public:
  void note(const Transition& transition) override {
    static const std::map<Change, std::string> kNames{
        {Change::fired, "fired"},       {Change::raised, "raised"}, {Change::lowered, "lowered"},
        {Change::flapping, "flapping"}, {Change::ended, "ended"},   {Change::unknown, "unknown"},
        {Change::known, "known"}};
    std::string text = std::to_string(transition.at - kStart) + " " + kNames.at(transition.change);
    if (transition.change == Change::ended) {
      text += " " + std::string(transition.reason);
    } else {
      text += " " + std::string(to_string(transition.rule.levels[transition.standing.level]));
    }
    if (!transition.instance.empty()) text += " " + std::string(transition.instance);
    events.push_back(text);
    since = transition.standing.since - kStart;
  }
  std::vector<std::string> take() { return std::exchange(events, {}); }

  std::vector<std::string> events;
  std::int64_t since = 0;
};

using Events = std::vector<std::string>;
using Values = std::vector<std::pair<std::pair<std::string, std::string>, double>>;

/// A host with those rules, ten seconds from reading to reading unless said otherwise.
class Evaluated : public ::testing::Test {
 protected:
  void watch(std::vector<Rule> rules) {
    std::vector<SharedRule> compiled;
    for (Rule& rule : rules) compiled.push_back(compile(std::move(rule)));
    evaluator_ = std::make_unique<Evaluator>(std::make_shared<const RuleList>(std::move(compiled)));
  }

  /// A reading so many seconds after kStart.
  void read(std::int64_t at, const Values& values) {
    auto layout = std::make_shared<protocol::Layout>();
    std::vector<double> numbers;
    for (const auto& [name, value] : values) {
      layout->push_back(name.first, name.second);
      numbers.push_back(value);
    }
    evaluator_->evaluate({.at = kStart + at, .layout = layout, .values = numbers}, interval_, recorder_);
  }
  /// One of the disk "/".
  void disk(std::int64_t at, double used) { read(at, {{{"filesystem_used_percent", "/"}, used}}); }
  /// Each ten seconds from..to (inclusive).
  void disk_from_to(std::int64_t from, std::int64_t to, double used) {
    for (std::int64_t at = from; at <= to; at += 10) disk(at, used);
  }
  Events events() { return recorder_.take(); }

  std::unique_ptr<Evaluator> evaluator_;
  Recorder recorder_;
  std::int64_t interval_ = 10;
};

}  // namespace hostwatch::alerts
