#include <gtest/gtest.h>

#include "agent/collectors/load.h"
#include "agent/collectors/pressure.h"
#include "agent/collectors/uptime.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

TEST(Load, IsTheFirstThreeNumbers) {
  EXPECT_EQ(parse_load("1.00 0.74 12.52 4/235 15197\n"), (LoadAverages{1.00, 0.74, 12.52}));
}

TEST(Load, ThatIsNoNumberTakesNoOtherWithIt) {
  for (const std::string_view odd : {"x", "-0.74", "nan", "1.2.3"}) {
    const LoadAverages expected{1.00, std::nullopt, 0.52};
    EXPECT_EQ(parse_load("1.00 " + std::string(odd) + " 0.52 4/235\n"), expected) << odd;
  }
  EXPECT_EQ(parse_load("1.00\n"), (LoadAverages{1.00, std::nullopt, std::nullopt}));
}

TEST(Load, OfALineThatWasCutOffOrIsNotThereIsNone) {
  for (const std::string_view text : {"", "\n", "1.00 0.74 0.5"}) {
    EXPECT_EQ(parse_load(text), LoadAverages{}) << text;
  }
}

TEST(Load, CollectsThreeGaugesOrFails) {
  TempTree tree;
  LoadCollector collector(tree.roots());
  EXPECT_THROW(tick(collector, at(0)), CollectorError);
  tree.write("proc/loadavg", "0.00 0.01 0.05 1/80 1234\n");
  EXPECT_EQ(by_name(tick(collector, at(1))), (Values{{"load1", 0}, {"load5", 0.01}, {"load15", 0.05}}));
}

TEST(Load, WhatIsKnownIsCollectedBeforeItFails) {
  TempTree tree;
  LoadCollector collector(tree.roots());
  tree.write("proc/loadavg", "0.50 x 0.25 1/80 1234\n");
  Collected collected;
  EXPECT_THROW(collector.collect(at(0), collected), CollectorError);
  EXPECT_EQ(by_name(collected), (Values{{"load1", 0.5}, {"load15", 0.25}}));
}

TEST(Uptime, IsTheFirstNumber) {
  EXPECT_EQ(parse_uptime("4252.95 7734.95\n"), 4252.95);
  EXPECT_EQ(parse_uptime("0.00 0.00\n"), 0);
  for (const std::string_view text : {"", "\n", "x 1\n", "-1 2\n", "inf 2\n", "42"}) {
    const auto uptime = parse_uptime(text);
    EXPECT_TRUE(!uptime || text == "inf 2\n") << text;
  }
}

TEST(Uptime, CollectsWholeSecondsOrFails) {
  TempTree tree;
  UptimeCollector collector(tree.roots());
  EXPECT_THROW(tick(collector, at(0)), CollectorError);
  tree.write("proc/uptime", "4252.95 7734.95\n");
  EXPECT_EQ(by_name(tick(collector, at(1))), (Values{{"uptime_seconds", 4253}}));
  tree.write("proc/uptime", "inf 1\n");
  EXPECT_TRUE(tick(collector, at(2)).samples.empty());
}

TEST(Pressure, ReadsTheTotals) {
  const PressureTotals both = parse_pressure(
      "some avg10=26.11 avg60=9.59 avg300=6.82 total=80228294\nfull avg10=0.00 avg60=0.00 avg300=0.00 "
      "total=0\n");
  EXPECT_EQ(both.some, 80228294U);
  EXPECT_EQ(both.full, 0U);
  const PressureTotals some = parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
  EXPECT_EQ(some.some, 5U);
  EXPECT_FALSE(some.full) << "Linux before 5.13 has no full line for the processor";
  EXPECT_FALSE(parse_pressure("some total=x\n").some);
  EXPECT_FALSE(parse_pressure("some total=80").some);
}

class PressureCollectorTest : public testing::Test {
 protected:
  void write(const std::string& resource, int some, int full) {
    tree_.write("proc/pressure/" + resource, "some avg10=0.00 total=" + std::to_string(some) +
                                                 "\nfull avg10=0.00 total=" + std::to_string(full) + "\n");
  }

  TempTree tree_;
  PressureCollector collector_{tree_.roots()};
};

TEST_F(PressureCollectorTest, IsTheShareOfWallTime) {
  for (const char* resource : {"cpu", "memory", "io"}) write(resource, 1000000, 500000);
  EXPECT_TRUE(tick(collector_, at(0)).samples.empty());
  write("cpu", 1500000, 500000);
  write("io", 2000000, 750000);
  EXPECT_EQ(by_name(tick(collector_, at(2))), (Values{{"pressure_some_percent{cpu}", 25},
                                                      {"pressure_some_percent{memory}", 0},
                                                      {"pressure_full_percent{memory}", 0},
                                                      {"pressure_some_percent{io}", 50},
                                                      {"pressure_full_percent{io}", 12.5}}));
}

TEST_F(PressureCollectorTest, TasksThatWaitedForLongerThanWentByGiveNone) {
  write("io", 0, 0);
  tick(collector_, at(0));
  write("io", 2000000000, 500000);
  EXPECT_EQ(by_name(tick(collector_, at(1))), (Values{{"pressure_full_percent{io}", 50}}));
}

TEST_F(PressureCollectorTest, AKernelWithoutItHasNone) {
  tick(collector_, at(0));
  EXPECT_TRUE(tick(collector_, at(1)).samples.empty());
}

TEST_F(PressureCollectorTest, AGarbledResourceDoesNotSilenceTheOthers) {
  for (const char* resource : {"cpu", "memory", "io"}) write(resource, 0, 0);
  tick(collector_, at(0));
  tree_.write("proc/pressure/cpu", "garbage");
  Collected collected;
  EXPECT_THROW(collector_.collect(at(1), collected), CollectorError);
  EXPECT_EQ(collected.samples.size(), 4U);
}

TEST_F(PressureCollectorTest, AGarbledLineDoesNotSilenceTheOther) {
  write("io", 0, 0);
  tick(collector_, at(0));
  tree_.write("proc/pressure/io", "some avg10=0.00 total=x\nfull avg10=0.00 total=500000\n");
  Collected collected;
  EXPECT_THROW(collector_.collect(at(1), collected), CollectorError);
  EXPECT_EQ(by_name(collected), (Values{{"pressure_full_percent{io}", 50}}));
}

TEST_F(PressureCollectorTest, TimeStandingStillAndTotalsGoingBackGiveNone) {
  write("io", 1000, 1000);
  tick(collector_, at(5));
  write("io", 2000, 2000);
  EXPECT_TRUE(tick(collector_, at(5)).samples.empty());
  write("io", 10, 2000);
  EXPECT_EQ(by_name(tick(collector_, at(6))), (Values{{"pressure_full_percent{io}", 0.1}}));
}

}  // namespace
}  // namespace hostwatch::agent::test
