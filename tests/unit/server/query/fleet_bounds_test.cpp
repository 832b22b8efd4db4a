// How fine an answer over hosts is, and what it may cost.
#include <gmock/gmock.h>

#include "tests/unit/server/query/fleet_fixture.h"

namespace hostwatch::query {
namespace {

using storage::StoreFixture;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class FleetBoundsTest : public FleetTest {};

TEST_F(FleetBoundsTest, TheStepIsAtLeastTheIntervalOf95PercentOfTheHosts) {
  for (int i = 0; i < 19; ++i) add("fast-" + std::to_string(i), 0, 1);
  add("slow-1", 0, 1, {}, 60);
  EXPECT_EQ(read(request(1)).step, 10) << "one of twenty is slower";
  EXPECT_EQ(read(request(0)).step, 10);
  EXPECT_EQ(read(request(30)).step, 30) << "a longer one is kept";
  add("slow-2", 0, 1, {}, 45);
  EXPECT_EQ(read(request(1)).step, 60) << "two of 21 are slower: 45 s, rounded up";
  FleetRequest slow = request(1);
  slow.hostnames = {"slow-1"};
  EXPECT_EQ(read(slow).step, 60) << "it is the selected hosts that count";
}

TEST_F(FleetBoundsTest, WithoutAStepThereAreAtMostThatManyBuckets) {
  add("a", 0, 1, {}, 1);
  FleetRequest asked = request(1);
  asked.step.reset();
  asked.points = 61;
  EXPECT_EQ(read(asked).step, 10);
  asked.points = 300;
  EXPECT_EQ(read(asked).step, 5);
}

/// The clocks of hosts may be ahead: what lies behind `to` counts as well.
TEST_F(FleetBoundsTest, ReadingsOfAClockThatIsAheadAreWithinThePoints) {
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < 290; ++i) readings.push_back(StoreFixture::reading("a", kStart + i, 1));
  fixture_.append(readings);
  FleetRequest asked = request(1);
  asked.step.reset();
  asked.slack = 300;
  for (const std::int64_t points : {1, 2, 11, 50}) {
    for (const std::int64_t seconds : {10, 40, 599}) {
      asked.from = kStart - seconds;
      asked.to = kStart;
      asked.points = points;
      EXPECT_LE(read(asked).buckets.size(), static_cast<std::size_t>(points)) << seconds << " s";
      EXPECT_GE(read(asked).buckets.size(), 1U) << seconds << " s";
    }
  }
}

TEST_F(FleetBoundsTest, TooManyBucketsAreRefusedWithWhatToDo) {
  for (const char* host : {"a", "b", "c"}) add(host, 0, 1);
  HistoryLimits limits;
  limits.max_values = 179;
  EXPECT_THAT([&] { read(request(10), limits); },
              ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 179 values")))
      << "60 buckets of three hosts";
  limits.max_values = 180;
  EXPECT_EQ(read(request(10), limits).hosts, 3U);
  limits.max_rows = 59;
  EXPECT_THAT([&] { read(request(10), limits); },
              ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 59 rows")));
}

TEST_F(FleetBoundsTest, WhatIsGatheredIsCountedBeforeItIsTaken) {
  for (const char* host : {"a", "b", "c"}) add(host, 0, 1);
  HistoryLimits limits;
  limits.max_gathered = 4096;
  EXPECT_THAT([&] { read(request(10), limits); },
              ThrowsMessage<HistoryTooLarge>(HasSubstr("to gather; ask for fewer")));
  AnswerBudget budget{HistoryLimits{}};
  EXPECT_EQ(read_fleet(fixture_.store(), request(10), budget).hosts, 3U);
  EXPECT_GE(budget.gathered(), sizeof(FleetBucket) * 60);
}

TEST_F(FleetBoundsTest, ItEndsWhenNobodyWantsItAnyMore) {
  add("a", 0, 1);
  AnswerBudget budget({}, [] { return false; });
  EXPECT_THROW(read_fleet(fixture_.store(), request(10), budget), AnswerUnwanted);
}

TEST_F(FleetBoundsTest, WithoutAStepManyHostsGetFewerBuckets) {
  for (const char* host : {"a", "b", "c"}) add(host, 0, 1);
  HistoryLimits limits;
  limits.max_values = 60;
  FleetRequest asked = request(1);
  asked.step.reset();
  EXPECT_EQ(read(asked, limits).step, 60);
}

TEST_F(FleetBoundsTest, ItEndsWhenItTakesTooLong) {
  add("a", 0, 1);
  HistoryLimits limits;
  limits.max_time = std::chrono::milliseconds(-1);
  EXPECT_THAT([&] { read(request(10), limits); }, ThrowsMessage<HistoryTooLarge>(HasSubstr("too long")));
}

}  // namespace
}  // namespace hostwatch::query
