#include "server/http/limits/authenticated_connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AuthenticatedConnections, WhereEachHoldsOneWhoWasQuietForTheLongestTimeGoesFirst) {
  AuthenticatedConnections authenticated;
  EXPECT_THAT(authenticated.to_end(), IsEmpty());
  const auto first = authenticated.add("a", 1);
  authenticated.add("b", 2);
  EXPECT_THAT(authenticated.to_end(), ElementsAre(1U, 2U));
  authenticated.renew(first, "a");
  EXPECT_THAT(authenticated.to_end(), ElementsAre(2U, 1U));
  EXPECT_EQ(authenticated.count(first), 1U);
}

TEST(AuthenticatedConnections, WhoHoldsTheMostGoesBeforeAllOthers) {
  AuthenticatedConnections authenticated;
  authenticated.add("quiet", 1);
  const auto second = authenticated.add("many", 2);
  const auto third = authenticated.add("many", 3);
  authenticated.add("more", 4);
  authenticated.add("more", 5);
  const auto sixth = authenticated.add("more", 6);
  EXPECT_THAT(authenticated.to_end(), ElementsAre(4U, 5U, 6U, 2U, 3U, 1U, 2U, 3U, 4U, 5U, 6U));
  authenticated.renew(second, "many");
  authenticated.remove(sixth);
  authenticated.add("many", 7);
  EXPECT_THAT(authenticated.to_end(), ElementsAre(3U, 2U, 7U, 4U, 5U, 1U, 3U, 4U, 5U, 2U, 7U));
  EXPECT_EQ(authenticated.count(third), 3U);
}

TEST(AuthenticatedConnections, AConnectionBelongsToWhoProvedItselfThereLast) {
  AuthenticatedConnections authenticated;
  const auto first = authenticated.add("to enrol with", 1);
  authenticated.add("to enrol with", 2);
  authenticated.add("other", 3);
  authenticated.renew(first, "own");
  EXPECT_EQ(authenticated.count(first), 1U);
  EXPECT_THAT(authenticated.to_end(), ElementsAre(2U, 3U, 1U)) << "each holds one";
  authenticated.remove(first);
  EXPECT_THAT(authenticated.to_end(), ElementsAre(2U, 3U));
}

TEST(AuthenticatedConnections, ThirtyTwoAreEnoughToChooseFrom) {
  AuthenticatedConnections authenticated;
  for (std::uint64_t i = 0; i < 100; ++i) authenticated.add("many", i);
  EXPECT_EQ(authenticated.to_end().size(), 32U);
}

}  // namespace
}  // namespace hostwatch::http
