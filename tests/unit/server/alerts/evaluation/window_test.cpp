#include "server/alerts/evaluation/window.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hostwatch::alerts {
namespace {

constexpr std::int64_t kStart = 1763884800;  // a multiple of every slot here
constexpr double kNever = std::numeric_limits<double>::infinity();

TEST(Window, IsNotKnownBeforeHalfOfItIs) {
  Window mean(ValueKind::mean, 120);
  for (int at = 0; at < 50; at += 10) EXPECT_TRUE(std::isnan(mean.add(kStart + at, 4)));
  EXPECT_EQ(mean.add(kStart + 50, 10), 5);
}

TEST(Window, ForgetsWhatIsOlder) {
  Window mean(ValueKind::mean, 120);
  for (int at = 0; at < 120; at += 10) mean.add(kStart + at, 100);
  double value = 0;
  for (int at = 120; at < 240; at += 10) value = mean.add(kStart + at, 1);
  EXPECT_EQ(value, 1);
}

TEST(Window, KeepsLeastAndGreatest) {
  Window least(ValueKind::minimum, 60);
  Window greatest(ValueKind::maximum, 60);
  double low = 0;
  double high = 0;
  for (int at = 0; at < 60; at += 5) {
    low = least.add(kStart + at, at);
    high = greatest.add(kStart + at, at);
  }
  EXPECT_EQ(low, 0);
  EXPECT_EQ(high, 55);
  EXPECT_EQ(least.add(kStart + 60, 99), 5);
}

TEST(Window, ACounterThatStartsAnewCountsFromZero) {
  Window growth(ValueKind::increase, 600);
  EXPECT_EQ(growth.add(kStart, 1000), 0);
  EXPECT_EQ(growth.add(kStart + 10, 1005), 5);
  EXPECT_EQ(growth.add(kStart + 20, 3), 8);
  EXPECT_EQ(growth.add(kStart + 30, 4), 9);
}

TEST(Window, ACountersPauseIsNoGrowthOfTheWindow) {
  Window growth(ValueKind::increase, 600);
  growth.add(kStart, 10);
  EXPECT_EQ(growth.add(kStart + 4000, 1000), 0);
}

TEST(Window, TheSameReadingsGiveTheSameWhenItBeginsLater) {
  Window whole(ValueKind::mean, 300);
  Window primed(ValueKind::mean, 300);
  for (int at = 0; at < 2000; at += 7) {
    const double value = at % 91;
    const double of_whole = whole.add(kStart + at, value);
    if (at < 1200) continue;
    const double of_primed = primed.add(kStart + at, value);
    if (at >= 1200 + 300) {
      EXPECT_EQ(of_whole, of_primed) << at;
    }
  }
}

class TrendOfADisk : public ::testing::Test {
 protected:
  /// Free bytes over six hours, a reading a minute; the answer of the last.
  template <typename FreeAt>
  double after_six_hours(const FreeAt& free_at) {
    double value = 0;
    for (int minute = 0; minute < 6 * 60 + 15; ++minute) {
      value = trend_.add(kStart + minute * 60, free_at(minute));
    }
    return value;
  }
  Trend trend_{0, 6L * 3600};
};

TEST_F(TrendOfADisk, ASteadyLeakIsSeenToItsEnd) {
  const double seconds = after_six_hours([](int minute) { return 100e9 - minute * 60 * 1e6; });
  // 100 GB less what has gone, at 1 MB a second.
  EXPECT_NEAR(seconds, (100e9 - 374 * 60 * 1e6) / 1e6, 60);
}

TEST_F(TrendOfADisk, IsNotKnownInAHostsFirstHours) {
  double value = 0;
  for (int minute = 0; minute < 4 * 60; ++minute) value = trend_.add(kStart + minute * 60, 1e9 - minute);
  EXPECT_TRUE(std::isnan(value));
}

TEST_F(TrendOfADisk, ATemporaryFileIsNoTrend) {
  EXPECT_EQ(after_six_hours([](int minute) { return minute > 340 && minute < 360 ? 50e9 : 70e9; }), kNever);
}

TEST_F(TrendOfADisk, AStepOfTheLastMinutesIsNoTrend) {
  EXPECT_EQ(after_six_hours([](int minute) { return minute < 350 ? 70e9 : 70e9 - (minute - 350) * 1e9; }),
            kNever);
}

TEST_F(TrendOfADisk, WhatHasStoppedIsNoTrend) {
  EXPECT_EQ(after_six_hours([](int minute) { return minute < 200 ? 100e9 - minute * 1e8 : 80e9; }), kNever);
}

TEST_F(TrendOfADisk, WhatGrowsNeverReachesZero) {
  EXPECT_EQ(after_six_hours([](int minute) { return 10e9 + minute * 1e6; }), kNever);
}

TEST_F(TrendOfADisk, WhatIsThereIsThere) {
  EXPECT_EQ(after_six_hours([](int minute) { return std::max(0.0, 100e9 - minute * 1e9); }), 0);
}

}  // namespace
}  // namespace hostwatch::alerts
