#include "server/alerts/evaluation/evaluator.h"

#include <limits>

#include "tests/unit/server/alerts/evaluation/evaluated.h"

namespace hostwatch::alerts {
namespace {

TEST_F(Evaluated, FiresAtOnceWhereNothingIsToBeHeld) {
  watch({disk_rule()});
  disk(0, 90);
  EXPECT_EQ(events(), Events{});
  disk(10, 90.1);
  EXPECT_EQ(events(), Events{"10 fired warning /"});
}

TEST_F(Evaluated, IsRaisedAndLoweredAsOneAlarm) {
  watch({disk_rule()});
  disk(0, 91);
  disk(10, 97.5);
  disk(20, 96);
  disk(30, 95);
  disk(40, 88);
  disk(50, 87);
  EXPECT_EQ(events(), (Events{"0 fired warning /", "10 raised critical /", "30 lowered warning /",
                              "50 ended cleared /"}));
}

TEST_F(Evaluated, FiresCriticallyWithoutAWarningBefore) {
  watch({disk_rule()});
  disk(0, 99);
  EXPECT_EQ(events(), Events{"0 fired critical /"});
}

TEST_F(Evaluated, DoesNotFlapAtTheLimit) {
  watch({disk_rule()});
  for (int at = 0; at < 3600; at += 10) disk(at, at % 20 == 0 ? 90.2 : 89.8);
  disk(3600, 80);
  EXPECT_EQ(events(), (Events{"0 fired warning /", "3600 ended cleared /"}));
}

TEST_F(Evaluated, EachInstanceIsAnAlarmOfItsOwn) {
  watch({disk_rule()});
  read(0, {{{"filesystem_used_percent", "/"}, 95}, {{"filesystem_used_percent", "/home"}, 10}});
  read(10, {{{"filesystem_used_percent", "/"}, 95}, {{"filesystem_used_percent", "/home"}, 99}});
  EXPECT_EQ(events(), (Events{"0 fired warning /", "10 fired critical /home"}));
}

TEST_F(Evaluated, ForCountsUntilTheTimeIsCovered) {
  Rule rule = disk_rule();
  rule.hold = 60;
  watch({rule});
  disk_from_to(0, 50, 95);
  EXPECT_EQ(events(), Events{});
  disk(60, 95);
  EXPECT_EQ(events(), Events{"60 fired warning /"});
  EXPECT_EQ(recorder_.since, 0);
}

TEST_F(Evaluated, OneGoodReadingBeginsForAnew) {
  Rule rule = disk_rule();
  rule.hold = 60;
  watch({rule});
  disk_from_to(0, 50, 95);
  disk(60, 50);
  disk_from_to(70, 120, 95);
  EXPECT_EQ(events(), Events{});
  disk(130, 95);
  EXPECT_EQ(events(), Events{"130 fired warning /"});
}

TEST_F(Evaluated, AGapNeitherBeginsForAnewNorCounts) {
  Rule rule = disk_rule();
  rule.hold = 60;
  watch({rule});
  disk_from_to(0, 20, 95);
  disk(3620, 95);  // counts 30 s
  EXPECT_EQ(events(), Events{});
  disk(3630, 95);
  EXPECT_EQ(events(), Events{"3630 fired warning /"});
}

TEST_F(Evaluated, AClockStepIsNoDuration) {
  Rule rule = disk_rule();
  rule.hold = 300;
  watch({rule});
  disk(0, 95);
  disk(3600, 95);
  EXPECT_EQ(events(), Events{});
}

TEST_F(Evaluated, ClearForTakesReadingsBeyondTheLimitInARow) {
  Rule rule = disk_rule();
  rule.clear_hold = 30;
  watch({rule});
  disk(0, 95);
  disk_from_to(10, 30, 80);
  disk(40, 89);  // between the limits: not beyond
  disk_from_to(50, 70, 80);
  EXPECT_EQ(events(), Events{"0 fired warning /"});
  disk(80, 80);
  EXPECT_EQ(events(), Events{"80 ended cleared /"});
}

TEST_F(Evaluated, AGapIsNotARecovery) {
  Rule rule = disk_rule();
  rule.clear_hold = 300;
  watch({rule});
  disk(0, 95);
  disk(10, 50);
  disk(7200, 50);
  EXPECT_EQ(events(), Events{"0 fired warning /"});
}

TEST_F(Evaluated, AllConditionsMustHoldAndOneEndsIt) {
  Rule rule = disk_rule();
  Condition free;
  free.metric = "filesystem_free_bytes";
  free.direction = Direction::below;
  free.limits[static_cast<std::size_t>(Severity::warning)] = Limit{20, 22};
  rule.when.push_back(free);
  watch({rule});
  const auto both = [&](std::int64_t at, double used, double left) {
    read(at, {{{"filesystem_used_percent", "/"}, used}, {{"filesystem_free_bytes", "/"}, left}});
  };
  both(0, 95, 30);
  EXPECT_EQ(events(), Events{});
  both(10, 95, 19);
  EXPECT_EQ(events(), Events{"10 fired warning /"});
  both(20, 95, 23);
  EXPECT_EQ(events(), Events{"20 ended cleared /"});
}

TEST_F(Evaluated, ConditionsFromLayoutsInTurnAreJoined) {
  Rule rule = disk_rule();
  Condition free;
  free.metric = "filesystem_free_bytes";
  free.direction = Direction::below;
  free.limits[static_cast<std::size_t>(Severity::warning)] = Limit{20, 22};
  rule.when.push_back(free);
  watch({rule});
  read(0, {{{"filesystem_used_percent", "/"}, 95}});
  read(10, {{{"filesystem_free_bytes", "/"}, 5}});
  EXPECT_EQ(events(), Events{"10 fired warning /"});
}

TEST_F(Evaluated, AMetricWithoutInstancesCountsForEachInstance) {
  Rule rule = disk_rule();
  Condition load;
  load.metric = "load1";
  load.limits[static_cast<std::size_t>(Severity::warning)] = Limit{4, 3};
  rule.when.push_back(load);
  watch({rule});
  read(0, {{{"filesystem_used_percent", "/"}, 95},
           {{"filesystem_used_percent", "/home"}, 95},
           {{"load1", ""}, 5}});
  EXPECT_EQ(events(), (Events{"0 fired warning /", "0 fired warning /home"}));
}

TEST_F(Evaluated, BasicMetricsAreMetrics) {
  Rule rule;
  rule.id = "busy";
  rule.hold = rule.clear_hold = 0;
  Condition cpu;
  cpu.metric = "cpu";
  cpu.limits[static_cast<std::size_t>(Severity::critical)] = Limit{90, 80};
  rule.when = {cpu};
  watch({rule});
  evaluator_->evaluate({.at = kStart, .layout = protocol::empty_layout(), .basic = {95, 0, 0}}, 10,
                       recorder_);
  EXPECT_EQ(events(), Events{"0 fired critical"});
}

TEST_F(Evaluated, PatternsChooseInstances) {
  Rule rule = disk_rule();
  rule.when[0].instance = "/*";
  rule.when[0].except = {"/boot/*"};
  watch({rule});
  read(0, {{{"filesystem_used_percent", "/boot/efi"}, 99},
           {{"filesystem_used_percent", "tmpfs"}, 99},
           {{"filesystem_used_percent", "/"}, 91}});
  EXPECT_EQ(events(), Events{"0 fired warning /"});
}

TEST_F(Evaluated, WhatIsNotMeasuredAnyMoreIsHeldForADay) {
  watch({disk_rule()});
  disk(0, 95);
  std::int64_t at = 10;
  for (; at <= 1200; at += 10) read(at, {{{"load1", ""}, 1}});
  EXPECT_EQ(events(), (Events{"0 fired warning /", "660 unknown warning /"}));
  for (; at <= 86400 + 120; at += 10) read(at, {{{"load1", ""}, 1}});
  EXPECT_EQ(events(), Events{"86460 ended no longer measured /"});
}

TEST_F(Evaluated, WhatIsMeasuredAgainGoesOnAsItWas) {
  watch({disk_rule()});
  disk(0, 95);
  for (std::int64_t at = 10; at <= 1200; at += 10) read(at, {{{"load1", ""}, 1}});
  events();
  disk(1210, 95);
  EXPECT_EQ(events(), Events{"1210 known warning /"});
}

TEST_F(Evaluated, MissingMayEndOrFire) {
  Rule ends = disk_rule();
  ends.missing = Missing::end;
  Rule fires = disk_rule();
  fires.id = "fires";
  fires.missing = Missing::fire;
  watch({ends, fires});
  disk(0, 95);
  events();
  for (std::int64_t at = 10; at <= 700; at += 10) read(at, {{{"load1", ""}, 1}});
  EXPECT_EQ(events(), (Events{"660 ended no longer measured /", "660 unknown warning /"}));
}

TEST_F(Evaluated, FourFiringsInAnHourFlap) {
  watch({disk_rule()});
  for (int i = 0; i < 4; ++i) {
    disk(i * 100, 95);
    if (i < 3) disk(i * 100 + 50, 50);
  }
  EXPECT_EQ(events(), (Events{"0 fired warning /", "50 ended cleared /", "100 fired warning /",
                              "150 ended cleared /", "200 fired warning /", "250 ended cleared /",
                              "300 fired warning /", "300 flapping warning /"}));
  disk_from_to(310, 1800, 50);
  disk(1810, 95);
  disk_from_to(1820, 3610, 50);
  EXPECT_EQ(events(), Events{});
  disk(3620, 50);
  EXPECT_EQ(events(), Events{"3620 ended cleared /"});
}

TEST_F(Evaluated, SourcesThatAreReadLessOftenCountTheirOwnSteps) {
  Rule rule = disk_rule();
  rule.hold = 300;
  watch({rule});
  for (std::int64_t at = 0; at <= 1200; at += 10) {
    if (at % 60 == 0) {
      disk(at, at >= 600 ? 95 : 50);
    } else {
      read(at, {{{"load1", ""}, 1}});
    }
  }
  EXPECT_EQ(events(), Events{"900 fired warning /"});
}

TEST_F(Evaluated, WhatIsNoNumberWasNotMeasured) {
  watch({disk_rule()});
  disk(0, 95);
  disk(10, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(events(), Events{"0 fired warning /"});
}

TEST_F(Evaluated, ARebootIsSeenByTheUptime) {
  Rule rule;
  rule.id = "rebooted";
  rule.hold = rule.clear_hold = 0;
  Condition rebooted;
  rebooted.metric = kHostRebooted;
  rebooted.limits[static_cast<std::size_t>(Severity::info)] = Limit{};
  rule.when = {rebooted};
  watch({rule});
  read(0, {{{"uptime_seconds", ""}, 1000}});
  read(10, {{{"uptime_seconds", ""}, 1010}});
  read(200, {{{"uptime_seconds", ""}, 20}});
  read(210, {{{"uptime_seconds", ""}, 30}});
  EXPECT_EQ(events(), (Events{"200 fired info", "210 ended cleared"}));
}

TEST_F(Evaluated, AnOpenAlarmStaysWhenItsRuleIsChanged) {
  watch({disk_rule()});
  disk(0, 95);
  Rule changed = disk_rule();
  changed.when[0].limits[static_cast<std::size_t>(Severity::warning)] = Limit{80, 70};
  std::vector<std::string> gone;
  evaluator_->set_rules(
      std::make_shared<const RuleList>(std::vector{compile(changed)}),
      [&](const CompiledRule& rule, std::string_view, const Standing&) { gone.push_back(rule.rule.id); });
  disk(10, 85);
  EXPECT_EQ(events(), Events{"0 fired warning /"});
  disk(20, 60);
  EXPECT_EQ(events(), Events{"20 ended cleared /"});
  EXPECT_TRUE(gone.empty());
}

TEST_F(Evaluated, ARuleThatGoesGivesItsOpenInstances) {
  watch({disk_rule()});
  disk(0, 95);
  std::vector<std::string> gone;
  evaluator_->set_rules(std::make_shared<const RuleList>(std::vector<SharedRule>{}),
                        [&](const CompiledRule& rule, std::string_view instance, const Standing&) {
                          gone.push_back(rule.rule.id + " " + std::string(instance));
                        });
  EXPECT_EQ(gone, Events{"disk-full /"});
  EXPECT_FALSE(evaluator_->has_open());
}

TEST_F(Evaluated, ARestoredStandingGoesOn) {
  Rule rule = disk_rule();
  rule.hold = 60;
  watch({rule});
  disk_from_to(0, 30, 95);
  Standing kept;
  evaluator_->for_each_open([&](const Evaluator::Open& open) { kept = open.standing; });
  watch({rule});
  evaluator_->set_previous(kStart + 30);
  EXPECT_TRUE(evaluator_->restore("disk-full", "/", kept));
  disk_from_to(40, 50, 95);
  EXPECT_EQ(events(), Events{});
  disk(60, 95);
  EXPECT_EQ(events(), Events{"60 fired warning /"});
  EXPECT_EQ(recorder_.since, 0);
}

TEST_F(Evaluated, APercentageIsOfTheSameInstance) {
  Rule rule;
  rule.id = "swap";
  rule.hold = rule.clear_hold = 0;
  Condition swap;
  swap.metric = "swap_used_bytes";
  swap.value.percent_of = "swap_total_bytes";
  swap.limits[static_cast<std::size_t>(Severity::warning)] = Limit{50, 40};
  rule.when = {swap};
  watch({rule});
  read(0, {{{"swap_used_bytes", ""}, 40}, {{"swap_total_bytes", ""}, 100}});
  read(10, {{{"swap_used_bytes", ""}, 60}, {{"swap_total_bytes", ""}, 100}});
  read(20, {{{"swap_used_bytes", ""}, 60}, {{"swap_total_bytes", ""}, 0}});
  EXPECT_EQ(events(), Events{"10 fired warning"});
}

TEST_F(Evaluated, TellsWhatIsNotKeptAnyMore) {
  Rule rule = disk_rule();
  rule.hold = 60;
  watch({rule});
  disk(0, 95);
  disk(10, 50);
  const auto closed = evaluator_->take_closed();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].rule, "disk-full");
  EXPECT_EQ(closed[0].instance, "/");
}

}  // namespace
}  // namespace hostwatch::alerts
