#include "agent/sampling/reading_clock.h"

#include <gtest/gtest.h>

namespace hostwatch::agent {
namespace {

using namespace std::chrono_literals;

class ReadingClockTest : public ::testing::Test {
 protected:
  std::int64_t after(std::chrono::seconds time) {
    now += time;
    wall += time.count();
    return clock.stamp(now);
  }

  std::int64_t wall = 1'763'884'800;
  ReadingClock::Time now{1h};
  ReadingClock clock{[this] { return wall; }, std::nullopt};
};

TEST_F(ReadingClockTest, StampsFollowTheWallClock) {
  EXPECT_EQ(after(0s), 1'763'884'800);
  EXPECT_EQ(after(10s), 1'763'884'810);
}

TEST_F(ReadingClockTest, NoStampComesTwice) {
  EXPECT_EQ(after(0s), 1'763'884'800);
  EXPECT_EQ(after(0s), 1'763'884'801);
  EXPECT_EQ(after(0s), 1'763'884'802);
}

TEST_F(ReadingClockTest, AClockThatGoesBackALittleIsWaitedFor) {
  EXPECT_EQ(after(0s), 1'763'884'800);
  wall -= 30;
  EXPECT_EQ(after(10s), 1'763'884'801);
  EXPECT_EQ(after(10s), 1'763'884'802);
  EXPECT_EQ(after(10s), 1'763'884'803);
  EXPECT_EQ(after(10s), 1'763'884'810) << "it has caught up";
}

TEST_F(ReadingClockTest, AClockThatGoesBackFarWasWrongBefore) {
  after(0s);
  wall += 86'400;
  EXPECT_EQ(after(10s), 1'763'884'810 + 86'400);
  wall -= 86'400;
  EXPECT_EQ(after(10s), 1'763'884'820);
}

TEST_F(ReadingClockTest, AJumpAheadThatTheServerDoesNotMakeIsNotBelieved) {
  clock.server_said(wall, now);
  EXPECT_EQ(after(10s), 1'763'884'810);
  wall += 86'400;
  EXPECT_EQ(after(10s), 1'763'884'820);
  EXPECT_EQ(after(10s), 1'763'884'830);
  wall -= 86'400;
  EXPECT_EQ(after(10s), 1'763'884'840);
}

TEST_F(ReadingClockTest, AJumpBackThatTheServerDoesNotMakeIsNotBelieved) {
  clock.server_said(wall, now);
  wall -= 3'600;
  EXPECT_EQ(after(10s), 1'763'884'810);
}

TEST_F(ReadingClockTest, SmallDifferencesStayTheHosts) {
  clock.server_said(wall - ReadingClock::kTolerated, now);
  EXPECT_EQ(after(10s), 1'763'884'810);
}

TEST_F(ReadingClockTest, AClockThatWasAheadFromTheStartIsLeftOnceTheServerHasSpoken) {
  wall += 660;
  EXPECT_EQ(after(0s), 1'763'885'460) << "nothing is known yet";
  clock.server_said(1'763'884'800, now);
  EXPECT_EQ(after(10s), 1'763'884'810);
}

TEST_F(ReadingClockTest, AnAnswerOfLongAgoProvesNothing) {
  clock.server_said(wall, now);
  now += ReadingClock::kServerTimeLasts + 1s;
  wall += 86'400;
  EXPECT_EQ(after(0s), 1'763'884'800 + 86'400);
}

TEST_F(ReadingClockTest, TheLastStampOfTheLifeBeforeCounts) {
  ReadingClock next([this] { return wall; }, wall + 20);
  EXPECT_EQ(next.stamp(now), wall + 21);
  EXPECT_EQ(next.last(), wall + 21);
}

}  // namespace
}  // namespace hostwatch::agent
