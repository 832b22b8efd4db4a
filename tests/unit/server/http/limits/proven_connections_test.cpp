#include "server/http/limits/proven_connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ProvenConnections, WhereEachHoldsOneWhoWasQuietForTheLongestTimeGoesFirst) {
  ProvenConnections proven;
  EXPECT_THAT(proven.to_end(), IsEmpty());
  const auto first = proven.add("a", 1);
  proven.add("b", 2);
  EXPECT_THAT(proven.to_end(), ElementsAre(1U, 2U));
  proven.renew(first, "a");
  EXPECT_THAT(proven.to_end(), ElementsAre(2U, 1U));
  EXPECT_EQ(proven.count(first), 1U);
}

TEST(ProvenConnections, WhoHoldsTheMostGoesBeforeAllOthers) {
  ProvenConnections proven;
  proven.add("quiet", 1);
  const auto second = proven.add("many", 2);
  const auto third = proven.add("many", 3);
  proven.add("more", 4);
  proven.add("more", 5);
  const auto sixth = proven.add("more", 6);
  EXPECT_THAT(proven.to_end(), ElementsAre(4U, 5U, 6U, 2U, 3U, 1U, 2U, 3U, 4U, 5U, 6U));
  proven.renew(second, "many");
  proven.remove(sixth);
  proven.add("many", 7);
  EXPECT_THAT(proven.to_end(), ElementsAre(3U, 2U, 7U, 4U, 5U, 1U, 3U, 4U, 5U, 2U, 7U));
  EXPECT_EQ(proven.count(third), 3U);
}

TEST(ProvenConnections, AConnectionBelongsToWhoProvedItselfThereLast) {
  ProvenConnections proven;
  const auto first = proven.add("to enrol with", 1);
  proven.add("to enrol with", 2);
  proven.add("other", 3);
  proven.renew(first, "own");
  EXPECT_EQ(proven.count(first), 1U);
  EXPECT_THAT(proven.to_end(), ElementsAre(2U, 3U, 1U)) << "each holds one";
  proven.remove(first);
  EXPECT_THAT(proven.to_end(), ElementsAre(2U, 3U));
}

TEST(ProvenConnections, ThirtyTwoAreEnoughToChooseFrom) {
  ProvenConnections proven;
  for (std::uint64_t i = 0; i < 100; ++i) proven.add("many", i);
  EXPECT_EQ(proven.to_end().size(), 32U);
}

}  // namespace
}  // namespace hostwatch::http
