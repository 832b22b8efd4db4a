#include "agent/sampling/tick_schedule.h"

#include <gtest/gtest.h>

namespace hostwatch::agent {
namespace {

using namespace std::chrono_literals;

const TickSchedule::Time kFirst{1'000s};

TEST(TickScheduleTest, TheFirstTickIsTheFirst) {
  const TickSchedule schedule(kFirst, 10s);
  EXPECT_EQ(schedule.next_after(kFirst - 1h), kFirst);
  EXPECT_EQ(schedule.next_after(kFirst - 1ns), kFirst);
}

TEST(TickScheduleTest, LatenessDoesNotMoveTheNextTick) {
  const TickSchedule schedule(kFirst, 10s);
  EXPECT_EQ(schedule.next_after(kFirst), kFirst + 10s);
  EXPECT_EQ(schedule.next_after(kFirst + 3ms), kFirst + 10s);
  EXPECT_EQ(schedule.next_after(kFirst + 9'999ms), kFirst + 10s);
  EXPECT_EQ(schedule.next_after(kFirst + 10s), kFirst + 20s);
}

TEST(TickScheduleTest, MissedTicksAreSkippedAndNotMadeUpFor) {
  const TickSchedule schedule(kFirst, 10s);
  EXPECT_EQ(schedule.next_after(kFirst + 95s), kFirst + 100s);
}

TEST(TickScheduleTest, ItDoesNotDriftOverAYearOfLateTicks) {
  const TickSchedule schedule(kFirst, 1s);
  TickSchedule::Time now = kFirst;
  for (int i = 0; i < 100'000; ++i) now = schedule.next_after(now) + 999ms;
  EXPECT_EQ(now, kFirst + 100'000s + 999ms);
}

}  // namespace
}  // namespace hostwatch::agent
