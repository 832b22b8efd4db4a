#include "util/queue_shares.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hostwatch::util {
namespace {

/// Requests of `bytes` each, until one is refused: how many bytes the client has then.
std::size_t fill(QueueShares& shares, const std::string& client, std::size_t bytes) {
  std::size_t sum = 0;
  for (; shares.has_room_for(client, bytes); sum += bytes) shares.add(client, bytes);
  return sum;
}

TEST(QueueShares, OneClientAloneHasMostOfTheCommonPart) {
  QueueShares shares(1600);  // 1200 for everybody
  shares.add("greedy", 799);
  EXPECT_FALSE(shares.is_full_for("greedy"));
  const auto last = shares.add("greedy", 1);
  EXPECT_TRUE(shares.is_full_for("greedy")) << "before anything is spent on the next";
  EXPECT_TRUE(shares.has_room_for("greedy", 100)) << "what has been decoded has some more";
  EXPECT_FALSE(shares.has_room_for("greedy", 101));
  EXPECT_FALSE(shares.is_full_for("modest"));
  shares.remove(last);
  EXPECT_FALSE(shares.is_full_for("greedy"));
}

TEST(QueueShares, HoweverManyFillItOthersFindRoom) {
  for (const int clients : {1, 2, 24, 60}) {
    QueueShares shares(64UL * 1024 * 1024);
    for (int i = 0; i < clients; ++i) fill(shares, "greedy " + std::to_string(i), 100UL * 1024);
    for (int i = 0; i < clients; ++i)
      EXPECT_FALSE(shares.has_room_for("greedy " + std::to_string(i), 1UL << 20U));
    for (int i = 0; i < 20; ++i) {
      const std::string honest = "honest " + std::to_string(i);
      EXPECT_FALSE(shares.is_full_for(honest)) << clients;
      ASSERT_TRUE(shares.has_room_for(honest, 300UL * 1024)) << i << " beside " << clients;
      shares.add(honest, 300UL * 1024);
    }
  }
}

TEST(QueueShares, WhoHasNothingInItHasTheReserve) {
  QueueShares shares(1600);
  shares.add("one", 800);
  shares.add("two", 290);
  shares.add("three", 10);
  EXPECT_FALSE(shares.has_room_for("three", 400));
  EXPECT_TRUE(shares.has_room_for("four", 400));
  const auto reserved = shares.add("four", 390);
  EXPECT_TRUE(shares.is_full_for("four")) << "one request is its part of it";
  EXPECT_TRUE(shares.has_room_for("five", 60)) << "100 are left to everybody";
  shares.add("five", 60);
  EXPECT_FALSE(shares.has_room_for("six", 60));
  EXPECT_TRUE(shares.has_room_for("six", 10));
  shares.remove(reserved);
  EXPECT_TRUE(shares.has_room_for("six", 400));
}

TEST(QueueShares, ARequestThatIsLargerThanAllOfItLeavesTheCommonPartToOthers) {
  QueueShares shares(1600);
  EXPECT_TRUE(shares.has_room_for("large", 10000));
  const auto large = shares.add("large", 10000);
  EXPECT_FALSE(shares.has_room_for("large", 1)) << "one is enough";
  EXPECT_TRUE(shares.is_full_for("large"));
  EXPECT_FALSE(shares.has_room_for("large too", 10000)) << "one of all";
  EXPECT_FALSE(shares.is_full_for("other"));
  EXPECT_TRUE(shares.has_room_for("other", 900));
  shares.remove(large);
  EXPECT_TRUE(shares.has_room_for("large too", 10000));
}

TEST(QueueShares, WhereAllIsTakenEverybodyIsTurnedAway) {
  QueueShares shares(0);
  EXPECT_TRUE(shares.is_full_for("one"));
  EXPECT_TRUE(shares.has_room_for("one", 1)) << "an empty queue takes anything";
  shares.add("one", 1);
  EXPECT_FALSE(shares.has_room_for("two", 1));
}

TEST(QueueShares, WhatIsRemovedIsForgotten) {
  QueueShares shares(1600);
  const auto first = shares.add("one", 500);
  const auto second = shares.add("one", 300);
  EXPECT_EQ(first.client, second.client) << "requests of one client have one share";
  EXPECT_FALSE(shares.has_room_for("one", 101));
  shares.remove(first);
  EXPECT_TRUE(shares.has_room_for("one", 600));
  EXPECT_FALSE(shares.has_room_for("one", 601));
  shares.remove(second);
  EXPECT_FALSE(shares.is_full_for("one"));
}

}  // namespace
}  // namespace hostwatch::util
