#include "server/alerts/history/preview.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

#include "server/alerts/history/told_estimate.h"
#include "server/alerts/history/what_if.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::alerts {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Midnight by UTC.
constexpr std::int64_t kDay = 1763856000;

Rule cpu_rule(std::int64_t hold = 0) {
  Rule rule;
  rule.id = "busy";
  Condition cpu;
  cpu.metric = "cpu";
  cpu.limits[1] = Limit{90, 80};
  rule.when = {cpu};
  rule.hold = hold;
  rule.clear_hold = 0;
  return rule;
}

Rule silence_rule() {
  Rule rule = cpu_rule(120);
  rule.id = "down";
  rule.when[0].metric = kHostSilent;
  rule.when[0].limits = {};
  rule.when[0].limits[2] = Limit{0.5, 0.25};
  return rule;
}

class PreviewTest : public storage::StoreFixture, public ::testing::Test {
 protected:
  /// Each ten seconds (step_) in [from, to) after midnight.
  void cpu(const std::string& host, std::int64_t from, std::int64_t to, double value) {
    std::vector<protocol::Reading> readings;
    for (std::int64_t at = from; at < to; at += step_) readings.push_back(reading(host, kDay + at, value));
    append(readings, kDay + to);
  }
  std::int64_t step_ = 10;

  Preview look(const Rule& rule, std::int64_t from = 0, std::int64_t to = 86400) {
    query::AnswerBudget budget{query::HistoryLimits()};
    return preview(store(), {.rule = rule, .from = kDay + from, .to = kDay + to}, budget);
  }
};

TEST_F(PreviewTest, CountsAlarmsHostsAndTheNoisiest) {
  for (const char* const host : {"a", "b", "c"}) cpu(host, 0, 600, 10);
  for (int i = 0; i < 3; ++i) {
    cpu("b", 600 + 200 * i, 700 + 200 * i, 95);
    cpu("b", 700 + 200 * i, 800 + 200 * i, 10);
  }
  cpu("c", 600, 700, 95);
  const Preview found = look(cpu_rule());
  EXPECT_EQ(found.fired, 4U);
  EXPECT_EQ(found.hosts, 2U);
  EXPECT_EQ(found.examined_hosts, 3U);
  EXPECT_TRUE(found.exact);
  EXPECT_FALSE(found.partial);
  ASSERT_THAT(found.noisiest, SizeIs(2));
  EXPECT_EQ(found.noisiest[0].host, "b");
  EXPECT_EQ(found.noisiest[0].fired, 3U);
  ASSERT_THAT(found.alarms, SizeIs(4));
  EXPECT_EQ(found.alarms[0].fired, kDay + 1000) << "the newest first";
}

TEST_F(PreviewTest, WhatFiredBeforeTheRangeIsNotOfIt) {
  cpu("a", 0, 3600, 95);
  cpu("a", 3600, 7200, 10);
  cpu("a", 7200, 7300, 95);
  const Preview found = look(cpu_rule(60), 1800);
  ASSERT_THAT(found.alarms, SizeIs(1));
  EXPECT_EQ(found.alarms[0].fired, kDay + 7260);
}

TEST_F(PreviewTest, WhatIfHasOtherNumbers) {
  cpu("a", 0, 600, 10);
  for (int i = 0; i < 6; ++i) {
    cpu("a", 600 + 200 * i, 700 + 200 * i, 95);
    cpu("a", 700 + 200 * i, 800 + 200 * i, 75);
  }
  const Preview found = look(cpu_rule());
  EXPECT_EQ(found.fired, 4U) << "then it flaps";
  ASSERT_THAT(found.what_if, SizeIs(2));
  EXPECT_EQ(found.what_if[0].change, "for 5m");
  EXPECT_EQ(found.what_if[0].fired, 0U);
  EXPECT_EQ(found.what_if[1].change, "clear 70 %");
  EXPECT_EQ(found.what_if[1].fired, 1U);
}

TEST_F(PreviewTest, ForManyHostsMinutesStandWhereThereAreAny) {
  step_ = 5;  // of rarer readings the store keeps no minutes while it has the readings
  for (int i = 0; i < 51; ++i) {
    const std::string host = "h" + std::to_string(i);
    cpu(host, 0, 3600, 10);
    cpu(host, 3600, 4200, 95);
    cpu(host, 4200, 7200, 10);
  }
  maintain(kDay + 8 * 86400);
  EXPECT_TRUE(look(cpu_rule(0)).exact);
  const Preview found = look(cpu_rule(120));
  EXPECT_FALSE(found.exact);
  EXPECT_EQ(found.fired, 51U);
  ASSERT_FALSE(found.alarms.empty());
  EXPECT_EQ(found.alarms[0].started, kDay + 3600);
  EXPECT_EQ(found.alarms[0].fired, kDay + 3720);
  EXPECT_EQ(found.alarms[0].ended, kDay + 4200);
}

TEST_F(PreviewTest, SilenceIsReadFromGaps) {
  cpu("a", 0, 600, 10);
  cpu("a", 620, 1000, 10);
  cpu("a", 1100, 1200, 10);
  cpu("a", 1800, 2000, 10);
  const Preview found = look(silence_rule(), 0, 2100);
  EXPECT_FALSE(found.exact);
  ASSERT_THAT(found.alarms, SizeIs(1));
  EXPECT_EQ(found.alarms[0].severity, Severity::critical);
  EXPECT_NEAR(static_cast<double>(found.alarms[0].fired), kDay + 1190 + 31 + 120, 1);
  EXPECT_EQ(found.alarms[0].ended, kDay + 1800);
  EXPECT_THAT(look(silence_rule(), 0, 3000).alarms, SizeIs(2)) << "and since the last reading";
}

TEST_F(PreviewTest, NightIsByTheServersTimeZone) {
  cpu("a", 0, 600, 10);
  cpu("a", 600, 700, 95);
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  const auto night_in = [&](const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    return look(cpu_rule()).night;
  };
  EXPECT_EQ(night_in("UTC"), 1U);
  EXPECT_EQ(night_in("XXX-8"), 0U);
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST_F(PreviewTest, WhatTakesTooLongIsPartialAndWhoHasGoneIsNotWaitedFor) {
  cpu("a", 0, 600, 95);
  query::HistoryLimits limits;
  limits.max_time = std::chrono::milliseconds(0);
  query::AnswerBudget none(limits);
  const PreviewRequest request{.rule = cpu_rule(), .from = kDay, .to = kDay + 1000};
  const Preview found = preview(store(), request, none);
  EXPECT_TRUE(found.partial);
  EXPECT_EQ(found.examined_hosts, 0U);
  query::AnswerBudget unwanted(query::HistoryLimits(), [] { return false; });
  EXPECT_THROW(preview(store(), request, unwanted), query::AnswerUnwanted);
}

TEST_F(PreviewTest, OfWhatHasNoHistoryNothingIsFound) {
  cpu("a", 0, 600, 95);
  Rule rule = cpu_rule();
  rule.when[0].metric = kDeadLetters;
  const Preview found = look(rule);
  EXPECT_FALSE(found.exact);
  EXPECT_THAT(found.alarms, IsEmpty());
}

FoundAlarm alarm(std::int64_t fired, std::int64_t ended, Severity severity = Severity::warning) {
  FoundAlarm made;
  made.fired = fired;
  made.ended = ended;
  made.severity = severity;
  return made;
}

std::uint64_t messages(const std::vector<FoundAlarm>& alarms, std::int64_t to = 100000) {
  ToldEstimate told(cpu_rule(), to);
  for (const FoundAlarm& one : alarms) told.add(one);
  return told.messages();
}

TEST(ToldEstimate, TheFirstAtOnceAndWhatFollowsTogether) {
  EXPECT_EQ(messages({}), 0U);
  EXPECT_EQ(messages({alarm(100, 500)}), 2U);
  EXPECT_EQ(messages({alarm(100, 500), alarm(105, 505), alarm(110, 510)}), 4U);
  EXPECT_EQ(messages({alarm(100, 0, Severity::info)}), 0U);
  EXPECT_EQ(messages({alarm(100, 110)}), 2U);
}

TEST(ToldEstimate, RepeatsDependOnTheSeverity) {
  EXPECT_EQ(messages({alarm(0, 0)}, 3 * 86400), 3U);
  EXPECT_EQ(messages({alarm(0, 0, Severity::critical)}, 86400), 6U);
}

TEST(Variants, ChangeOneThing) {
  const auto variants = variants_of(cpu_rule(600));
  ASSERT_THAT(variants, SizeIs(3));
  EXPECT_EQ(variants[0].change, "for 20m");
  EXPECT_EQ(variants[1].change, "clear 70 %");
  EXPECT_EQ(variants[1].rule.when[0].limits[1]->clear, 70);
  EXPECT_EQ(variants[2].change, "for 0");
  EXPECT_THAT(variants_of(silence_rule()), SizeIs(2)) << "it has no limits";
}

}  // namespace
}  // namespace hostwatch::alerts
