// Whose history goes where the database holds more than it may.
#include "server/storage/packed/giving_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::storage {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr std::uint64_t kMB = 1'000'000;

/// Who is asked, in order, where each gives so much at a time until `wanted` is reached, or nobody is left.
std::vector<std::string> asked(GivingTurns& turns, std::uint64_t wanted, std::uint64_t gift) {
  std::vector<std::string> names;
  for (std::uint64_t sum = 0; sum < wanted; sum += gift) {
    const GivingTurns::Weight* turn = turns.next();
    if (turn == nullptr) break;
    names.push_back(turn->host);
    turns.gave(gift);
  }
  return names;
}

TEST(GivingTurns, TheHeaviestGivesUntilAnotherIsHeavier) {
  GivingTurns turns;
  turns.add({"light", kMB, 0, false});
  turns.add({"heavy", 4 * kMB + kMB / 5, 0, false});
  turns.add({"middle", 3 * kMB, 0, false});
  turns.begin(6 * kMB, 8 * kMB);
  EXPECT_THAT(asked(turns, 2 * kMB, kMB / 2), ElementsAre("heavy", "heavy", "heavy", "middle"));
}

TEST(GivingTurns, WhoHoldsLessThanTheAverageGivesNothing) {
  GivingTurns turns;
  turns.add({"light", kMB, 0, false});
  turns.add({"heavy", 4 * kMB, 0, false});
  turns.begin(kMB, 5 * kMB);
  ASSERT_NE(turns.next(), nullptr);
  turns.drop();
  EXPECT_EQ(turns.next(), nullptr);
}

TEST(GivingTurns, ManySmallNewHostsDoNotLowerTheAverage) {
  GivingTurns turns;
  turns.add({"light", kMB, 0, false});
  turns.add({"heavy", 9 * kMB, 0, false});
  for (int i = 0; i < 1000; ++i) turns.add({"new-" + std::to_string(i), 500, 0, true});
  turns.begin(8 * kMB, 10 * kMB + kMB / 2);
  ASSERT_EQ(turns.next()->host, "heavy");
  turns.drop();
  EXPECT_EQ(turns.next(), nullptr);
}

TEST(GivingTurns, NewHostsGiveFirstAsLongAsTheyHoldMoreThanATenth) {
  GivingTurns turns;
  turns.add({"old", 9 * kMB, 0, false});
  turns.add({"new-1", kMB, 0, true});
  turns.add({"new-2", 2 * kMB, 0, true});
  turns.begin(10 * kMB, 12 * kMB);
  EXPECT_THAT(asked(turns, 3 * kMB, kMB / 2), ElementsAre("new-2", "new-2", "new-1", "new-2", "old", "old"));
}

TEST(GivingTurns, NewHostsGiveNoMoreThanWhatIsAboveTheirTenthAlone) {
  GivingTurns turns;
  turns.add({"old", 12 * kMB, 0, false});
  turns.add({"new", kMB + 50'000, 0, true});
  turns.begin(10 * kMB, 13 * kMB + 50'000);
  ASSERT_EQ(turns.next()->host, "new");
  EXPECT_LE(turns.share_of(3 * kMB), 100'000U);
}

TEST(GivingTurns, NothingOfOldHostsGoesForNewOnesThatHaveNothingLeftThatMayGo) {
  GivingTurns turns;
  turns.add({"old", 8 * kMB, 0, false});
  turns.add({"new", 7 * kMB, 0, true});
  turns.begin(10 * kMB, 15 * kMB);
  ASSERT_EQ(turns.next()->host, "new");
  turns.drop();
  EXPECT_EQ(turns.next(), nullptr);
}

TEST(GivingTurns, OldHostsGiveWhatIsAboveNineTenthsAllTheSame) {
  GivingTurns turns;
  turns.add({"old", 10 * kMB, 0, false});
  turns.add({"new", 7 * kMB, 0, true});
  turns.begin(10 * kMB, 17 * kMB);
  ASSERT_EQ(turns.next()->host, "new");
  turns.drop();
  EXPECT_THAT(asked(turns, 7 * kMB, kMB / 2), ElementsAre("old", "old"));
}

TEST(GivingTurns, NothingOfOldHostsGoesForNamesOfNewOnes) {
  GivingTurns turns;
  turns.add({"old", 8 * kMB, 0, false});
  turns.add({"new", kMB / 10, 0, true, 6 * kMB});
  turns.begin(10 * kMB, 14 * kMB + kMB / 10);
  ASSERT_EQ(turns.next()->host, "new");
  turns.drop();
  EXPECT_EQ(turns.next(), nullptr);
}

TEST(GivingTurns, NothingOfOldHostsGoesForWhatMayBeOfNewOnes) {
  GivingTurns turns;
  turns.add({"old", 8 * kMB, 0, false});
  turns.begin(10 * kMB, 14 * kMB, 6 * kMB);
  EXPECT_EQ(turns.next(), nullptr);
}

TEST(GivingTurns, NamesCountToWhoBroughtThem) {
  GivingTurns turns;
  turns.add({"names", 2 * kMB, 0, false, 4 * kMB});
  turns.add({"history", 5 * kMB, 0, false});
  turns.begin(10 * kMB, 11 * kMB);
  EXPECT_THAT(asked(turns, kMB, kMB), ElementsAre("names"));
}

TEST(GivingTurns, WhereAllAreNewTheHeaviestGives) {
  GivingTurns turns;
  turns.add({"light", kMB, 0, true});
  turns.add({"heavy", 4 * kMB, 0, true});
  turns.begin(3 * kMB, 5 * kMB);
  EXPECT_THAT(asked(turns, 2 * kMB, kMB / 2), Each("heavy"));
}

}  // namespace
}  // namespace hostwatch::storage
