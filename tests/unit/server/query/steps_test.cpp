// Which step a range is told in, and what of the range a step is made of.
#include "server/query/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::query {
namespace {

constexpr std::int64_t kStart = 1763884800;  // a multiple of every round step up to two hours

TEST(RoundStep, GivesRoundNumbersWithAtMostThatManyBuckets) {
  EXPECT_EQ(round_step(0, 3600, 500), 10);
  EXPECT_EQ(round_step(0, 86400, 500), 300);
  EXPECT_EQ(round_step(0, 900, 500), 2);
  EXPECT_EQ(round_step(0, 10, 500), 1);
  EXPECT_EQ(round_step(0, 0, 1), 1);
  EXPECT_EQ(round_step(0, 900, 500, 40), 60) << "at least that long, and round";
  for (const std::int64_t span : {1, 59, 900, 3600, 86399, 604800, 31536000}) {
    for (const std::int64_t points : {1, 2, 10, 500, 5000}) {
      for (const std::int64_t from : {kStart, kStart - 1, kStart - 59, kStart + 1234567}) {
        const std::int64_t step = round_step(from, from + span, points);
        EXPECT_LE((floor_to(from + span, step) - floor_to(from, step)) / step + 1, points)
            << span << " s in " << points;
      }
    }
  }
}

TEST(RoundStep, OfTwoBucketsAndMoreItDoesNotChangeAsTimeGoesOn) {
  for (std::int64_t now = kStart; now < kStart + 3600; now += 7) {
    EXPECT_EQ(round_step(now - 3600, now, 500), 10);
    EXPECT_EQ(round_step(now - 3600, now, 2), 3600);
  }
}

TEST(RoundStep, OneBucketIsAsLongAsItTakesToHoldBothEnds) {
  EXPECT_EQ(round_step(kStart, kStart + 9, 1), 10);
  EXPECT_EQ(round_step(kStart + 10, kStart + 20, 1), 30) << "15 s would begin a bucket between them";
  EXPECT_EQ(round_step(kStart + 10, kStart + 19, 1, 15), 30);
  constexpr std::int64_t kNewYear = 91980LL * 86400;  // a multiple of each round step
  EXPECT_EQ(round_step(kNewYear - 1, kNewYear, 1), 8LL * 365 * 86400)
      << "252 years are 126, 63, 31.5 of those";
}

TEST(ReadRange, WholeMinutesAndHoursCountThatBeginInIt) {
  const auto is = [](std::int64_t from, std::int64_t to, std::int64_t resolution) {
    return ::testing::AllOf(::testing::Field(&ReadRange::from, from), ::testing::Field(&ReadRange::to, to),
                            ::testing::Field(&ReadRange::resolution, resolution));
  };
  EXPECT_THAT(read_range(300, 60, 119), is(60, 119, 60));
  EXPECT_THAT(read_range(300, 61, 250), is(120, 299, 60));
  EXPECT_THAT(read_range(7200, 61, 3600), is(3600, 7199, 3600));
  EXPECT_THAT(read_range(7200, 61, 3599), is(120, 3599, 60)) << "no hour begins there";
  EXPECT_THAT(read_range(7200, 61, 119), is(61, 119, 0)) << "nor a minute";
  EXPECT_THAT(read_range(0, 61, 9999), is(61, 9999, 0));
  EXPECT_THAT(read_range(30, 61, 9999), is(61, 9999, 0));
}

}  // namespace
}  // namespace hostwatch::query
