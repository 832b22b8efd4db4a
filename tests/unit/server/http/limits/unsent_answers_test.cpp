#include "server/http/limits/unsent_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const UnsentAnswers::Holder kStranger{"192.0.2.1", false};

UnsentAnswers::Holder client(const char* name) {
  return {name, true};
}

TEST(UnsentAnswers, WithinTheLimitNobodyEnds) {
  UnsentAnswers unsent(100);
  unsent.add(1, 50, kStranger);
  const auto own = unsent.add(2, 50, kStranger);
  EXPECT_THAT(unsent.beyond_limit(own), IsEmpty());
  EXPECT_EQ(unsent.bytes(), 100U);
}

TEST(UnsentAnswers, BeyondItAsManyEndAsItTakes) {
  UnsentAnswers unsent(100);
  for (std::uint64_t ticket = 1; ticket <= 4; ++ticket) unsent.add(ticket, 25, kStranger);
  const auto own = unsent.add(9, 40, kStranger);
  EXPECT_THAT(unsent.beyond_limit(own), ElementsAre(1, 2));
}

TEST(UnsentAnswers, WhoTakesSomeGoesBehindTheOthers) {
  UnsentAnswers unsent(100);
  const auto first = unsent.add(1, 50, kStranger);
  unsent.add(2, 50, kStranger);
  unsent.renew(first);
  EXPECT_THAT(unsent.beyond_limit(unsent.add(3, 50, kStranger)), ElementsAre(2));
}

TEST(UnsentAnswers, WhoHasProvedItselfGoesLast) {
  UnsentAnswers unsent(100);
  unsent.add(1, 50, client("a"));
  unsent.add(2, 50, kStranger);
  const auto own = unsent.add(3, 50, kStranger);
  EXPECT_THAT(unsent.beyond_limit(own), ElementsAre(2));
  const auto large = unsent.add(4, 1000, client("b"));
  EXPECT_THAT(unsent.beyond_limit(large), ElementsAre(2, 3, 1)) << "a large one alone has its way";
}

TEST(UnsentAnswers, WhoHoldsTheMostGivesFirstHoweverMuchIsTakenOfIt) {
  UnsentAnswers unsent(100);
  unsent.add(1, 30, client("quiet"));
  const auto second = unsent.add(2, 20, client("greedy"));
  const auto third = unsent.add(3, 20, client("greedy"));
  unsent.add(4, 20, client("greedy"));
  unsent.renew(second);
  unsent.renew(third);
  EXPECT_THAT(unsent.beyond_limit(unsent.add(5, 20, client("quiet"))), ElementsAre(4));
}

TEST(UnsentAnswers, ALargeOneNeedsRoomWhichNoClientHasAlone) {
  UnsentAnswers unsent(128);
  EXPECT_TRUE(unsent.add_large(1, 35, client("greedy")));
  EXPECT_TRUE(unsent.add_large(2, 35, client("greedy")));
  EXPECT_FALSE(unsent.add_large(3, 35, client("greedy")));
  EXPECT_TRUE(unsent.add_large(4, 35, client("honest")));
  EXPECT_THAT(unsent.beyond_limit(unsent.add(5, 1, kStranger)), IsEmpty());
}

TEST(UnsentAnswers, ALargeOneGivesItsRoomBack) {
  UnsentAnswers unsent(128);
  const auto first = unsent.add_large(1, 70, client("a"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(unsent.add_large(2, 70, client("a")));
  unsent.remove(unsent.renew(*first));
  EXPECT_TRUE(unsent.add_large(3, 70, client("a")));
}

TEST(UnsentAnswers, WhatWasTakenIsNotCounted) {
  UnsentAnswers unsent(100);
  const auto one = unsent.add(1, 80, kStranger);
  unsent.remove(one);
  unsent.remove(one);
  EXPECT_EQ(unsent.bytes(), 0U);
  EXPECT_EQ(unsent.renew(one), one) << "nor does it come back";
  EXPECT_THAT(unsent.beyond_limit(unsent.add(2, 80, kStranger)), IsEmpty());
}

}  // namespace
}  // namespace hostwatch::http
