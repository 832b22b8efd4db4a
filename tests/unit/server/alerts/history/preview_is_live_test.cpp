#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "server/alerts/history/preview.h"
#include "tests/unit/server/alerts/engine/engine_fixture.h"
#include "tests/unit/server/alerts/history/random_world.h"

namespace hostwatch::alerts {
namespace {

/// "r3 told / critical 10..40, 60 cleared: 51.5".
std::string text_of(const std::string& rule, const std::string& host, const std::string& instance,
                    std::string_view severity, std::int64_t started, std::int64_t fired, std::int64_t ended,
                    const std::string& reason, double value) {
  std::ostringstream text;
  text << rule << " " << host << " " << instance << " " << severity << " " << started - kStart << ".."
       << fired - kStart << ", ";
  if (ended != 0) text << ended - kStart << " " << reason;
  text << ": " << value;
  return text.str();
}

using Alarms = std::vector<std::string>;

/// An engine that readings come to, on a store of its own.
class Live : public Engine {
 public:
  void TestBody() override {}
  explicit Live(const std::vector<Rule>& rules) { watch(rules); }

  /// One request.
  void take(std::span<const protocol::Reading> readings) {
    for (const protocol::Reading& one : readings) now_ = std::max(now_, one.timestamp);
    send({readings.begin(), readings.end()});
  }
  /// What watches is started anew, and now and then the whole server.
  void restart() {
    store_.store().alerts().watch(nullptr);
    if (++restarts_ % 20 == 0) return start();
    start_engine();
  }
  /// Readings go where they are read from after a while.
  void file() { store_.maintain(now_ + 100, now_ + 100); }

  Alarms found() {
    storage::AlarmQuery query;
    query.limit = 1000000;
    Alarms all;
    for (const storage::AlarmRow& row : store_.store().alerts().alarms(query)) {
      all.push_back(text_of(row.rule, row.host, row.instance, row.highest, row.started, row.fired, row.ended,
                            row.end_reason, row.value_fired));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  Alarms previewed(const std::vector<Rule>& rules) {
    Alarms all;
    for (const Rule& rule : rules) {
      query::AnswerBudget budget{query::HistoryLimits()};
      const Preview result =
          preview(store_.store(), {.rule = rule, .from = kStart, .to = now_, .with_variants = false}, budget);
      EXPECT_TRUE(result.exact);
      EXPECT_FALSE(result.partial);
      EXPECT_EQ(result.fired, result.alarms.size()) << "too many to compare";
      for (const FoundAlarm& one : result.alarms) {
        all.push_back(text_of(one.rule, one.host, one.instance, to_string(one.severity), one.started,
                              one.fired, one.ended, one.end_reason, one.value_fired));
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  int restarts_ = 0;
};

/// Fails with the first few that are in one of them alone.
void expect_same(const Alarms& one, const Alarms& other, const std::vector<Rule>& rules,
                 const std::string& what) {
  const auto only = [](const Alarms& a, const Alarms& b) {
    Alarms difference;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(difference));
    if (difference.size() > 5) difference.resize(5);
    return difference;
  };
  EXPECT_GT(one.size(), rules.size()) << "the rules hardly fire: nothing is compared";
  EXPECT_TRUE(one == other) << what << ": of " << one.size() << " and " << other.size()
                            << " alarms these differ: " << ::testing::PrintToString(only(one, other))
                            << " and " << ::testing::PrintToString(only(other, one));
}

void take_singly(Live& live, std::span<const protocol::Reading> readings) {
  for (std::size_t i = 0; i < readings.size(); ++i) live.take(readings.subspan(i, 1));
}

TEST(PreviewIsLive, NamesExactlyTheAlarmsThatWereRaised) {
  for (const unsigned seed : {1U, 2U}) {
    RandomWorld world(seed);
    const std::vector<Rule> rules = world.rules(100);
    const std::vector<protocol::Reading> readings = world.readings(kStart, 300);
    Live live(rules);
    take_singly(live, std::span(readings).first(readings.size() / 2));
    live.file();
    take_singly(live, std::span(readings).subspan(readings.size() / 2));
    expect_same(live.found(), live.previewed(rules), rules, "seed " + std::to_string(seed));
  }
}

TEST(PreviewIsLive, AnySplitIntoRequestsGivesTheSame) {
  RandomWorld world(11);
  const std::vector<Rule> rules = world.rules(100);
  const std::vector<protocol::Reading> readings = world.readings(kStart, 300);
  Live singly(rules);
  take_singly(singly, readings);
  for (const std::size_t longest : {5UL, 10000UL}) {
    Live split(rules);
    for (std::size_t i = 0; i < readings.size();) {
      const std::size_t size = std::min(1 + world.below(longest), readings.size() - i);
      split.take(std::span(readings).subspan(i, size));
      i += size;
    }
    expect_same(singly.found(), split.found(), rules, "requests of up to " + std::to_string(longest));
  }
}

TEST(PreviewIsLive, ARestartAfterAnyReadingGivesTheSame) {
  RandomWorld world(21);
  const std::vector<Rule> rules = world.rules(100);
  const std::vector<protocol::Reading> readings = world.readings(kStart, 150);
  Live steady(rules);
  take_singly(steady, readings);
  for (const std::size_t each : {1UL, 7UL}) {
    Live restarted(rules);
    for (std::size_t i = 0; i < readings.size(); ++i) {
      restarted.take(std::span(readings).subspan(i, 1));
      if (i % each == 0) restarted.restart();
    }
    expect_same(steady.found(), restarted.found(), rules, "a restart each " + std::to_string(each));
  }
}

}  // namespace
}  // namespace hostwatch::alerts
