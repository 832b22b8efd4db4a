#include "server/http/unsent_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnsentAnswers, WithinTheLimitNobodyEnds) {
  UnsentAnswers unsent(100);
  unsent.add(1, 50, false);
  const auto own = unsent.add(2, 50, false);
  EXPECT_THAT(unsent.beyond_limit(own), IsEmpty());
  EXPECT_EQ(unsent.bytes(), 100U);
}

TEST(UnsentAnswers, BeyondItAsManyEndAsItTakes) {
  UnsentAnswers unsent(100);
  for (std::uint64_t ticket = 1; ticket <= 4; ++ticket) unsent.add(ticket, 25, false);
  const auto own = unsent.add(9, 40, false);
  EXPECT_THAT(unsent.beyond_limit(own), ElementsAre(1, 2));
}

TEST(UnsentAnswers, WhoTakesSomeGoesBehindTheOthers) {
  UnsentAnswers unsent(100);
  const auto first = unsent.add(1, 50, false);
  unsent.add(2, 50, false);
  unsent.renew(first);
  EXPECT_THAT(unsent.beyond_limit(unsent.add(3, 50, false)), ElementsAre(2));
}

TEST(UnsentAnswers, WhoHasProvedItselfGoesLast) {
  UnsentAnswers unsent(100);
  unsent.add(1, 50, true);
  unsent.add(2, 50, false);
  const auto own = unsent.add(3, 50, false);
  EXPECT_THAT(unsent.beyond_limit(own), ElementsAre(2));
  const auto large = unsent.add(4, 1000, true);
  EXPECT_THAT(unsent.beyond_limit(large), ElementsAre(2, 3, 1)) << "a large one alone has its way";
}

TEST(UnsentAnswers, WhatWasTakenIsNotCounted) {
  UnsentAnswers unsent(100);
  const auto one = unsent.add(1, 80, false);
  unsent.remove(one);
  unsent.remove(one);
  EXPECT_EQ(unsent.bytes(), 0U);
  EXPECT_EQ(unsent.renew(one), one) << "nor does it come back";
  EXPECT_THAT(unsent.beyond_limit(unsent.add(2, 80, false)), IsEmpty());
}

}  // namespace
}  // namespace hostwatch::http
