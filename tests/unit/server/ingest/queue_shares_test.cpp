#include "server/ingest/queue_shares.h"

#include <gtest/gtest.h>

namespace hostwatch::ingest {
namespace {

TEST(QueueShares, FromThreeQuartersOnWhoFillsItIsTurnedAwayAndOthersAreNot) {
  QueueShares shares(160);
  shares.add("greedy", 119);
  shares.add("modest", 0);
  EXPECT_FALSE(shares.is_full_for("greedy"));
  const auto last = shares.add("other", 9);
  EXPECT_TRUE(shares.is_full_for("greedy"));
  EXPECT_FALSE(shares.is_full_for("other")) << "less than a sixteenth of it is its own";
  EXPECT_FALSE(shares.is_full_for("modest"));
  shares.remove(last, 9);
  EXPECT_FALSE(shares.is_full_for("greedy"));
}

TEST(QueueShares, WhereAllIsTakenEverybodyIsTurnedAway) {
  QueueShares shares(160);
  shares.add("one", 100);
  shares.add("two", 60);
  EXPECT_TRUE(shares.is_full_for("three"));
  EXPECT_FALSE(shares.has_room_for("three", 1));
}

TEST(QueueShares, ARequestThatIsLargerThanAllOfItLeavesAQuarterToOthers) {
  QueueShares shares(160);
  EXPECT_TRUE(shares.has_room_for("large", 1000));
  const auto large = shares.add("large", 1000);
  EXPECT_FALSE(shares.has_room_for("large", 1)) << "one is enough";
  EXPECT_TRUE(shares.is_full_for("large"));
  EXPECT_FALSE(shares.is_full_for("other"));
  EXPECT_TRUE(shares.has_room_for("other", 40));
  EXPECT_FALSE(shares.has_room_for("other", 41));
  shares.remove(large, 1000);
  EXPECT_TRUE(shares.has_room_for("other", 160));
}

TEST(QueueShares, WhatIsRemovedIsForgotten) {
  QueueShares shares(160);
  const auto first = shares.add("one", 100);
  const auto second = shares.add("one", 60);
  EXPECT_EQ(first, second) << "requests of one client have one share";
  shares.remove(first, 100);
  EXPECT_TRUE(shares.has_room_for("one", 100));
  EXPECT_FALSE(shares.has_room_for("one", 101));
  shares.remove(second, 60);
  EXPECT_FALSE(shares.is_full_for("one"));
}

}  // namespace
}  // namespace hostwatch::ingest
