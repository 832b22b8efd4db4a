// No jump of the clock within an hour deletes anything.
#include "server/storage/settled_clock.h"

#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

class ClockTest : public LevelsTest {};

TEST_F(ClockTest, AClockThatJumpsAheadDeletesNothingWithinAnHour) {
  keep(kDay);
  for (std::int64_t time = kBorder - 8 * kDay; time < kBorder; time += 600) post(time, kBorder);
  send(kBorder);
  keep(30 * kDay);
  fixture_.maintain(kBorder, 1000);
  keep(30 * kDay);
  fixture_.maintain(kBorder, 1000);
  const auto chunks = ask("SELECT count(*) FROM raw_chunk");
  ASSERT_GE(chunks, 2);
  fixture_.maintain(kBorder + 400 * kDay, 1007);
  fixture_.maintain(kBorder + 400 * kDay + 3500, 4507);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), chunks);
  fixture_.maintain(kBorder + 3600, 4608);
  fixture_.maintain(kBorder + 400 * kDay + 3700, 4708);
  fixture_.maintain(kBorder + 400 * kDay + 7200, 8208);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), chunks) << "it was right in between";
  fixture_.maintain(kBorder + 400 * kDay + 7600, 8608);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), 0);
  expect_exact(0, kBorder, kHour);
}

TEST(SettledClock, FollowsAJumpAheadAfterAnHourAndOneBackAtOnce) {
  SettledClock clock;
  EXPECT_EQ(clock.settle(5000, 0), 5000);
  EXPECT_EQ(clock.settle(5010, 10), 5010);
  EXPECT_EQ(clock.settle(9000, 20), 5020) << "ahead";
  EXPECT_EQ(clock.settle(9100, 120), 5120);
  EXPECT_EQ(clock.settle(12579, 3619 - 20), 8599);
  EXPECT_EQ(clock.settle(12600, 3620), 12600) << "it has lasted";
  EXPECT_EQ(clock.settle(3000, 3630), 3000) << "back";
}

}  // namespace
}  // namespace hostwatch::storage
