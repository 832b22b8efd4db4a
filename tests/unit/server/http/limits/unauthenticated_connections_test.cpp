#include "server/http/limits/unauthenticated_connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class UnauthenticatedTest : public testing::Test {
 protected:
  UnauthenticatedTest() : unauthenticated_({3, std::chrono::milliseconds(2000)}) {}
  UnauthenticatedConnections::Time at(int second) const {
    return UnauthenticatedConnections::Time{} + seconds(second);
  }
  static constexpr UnauthenticatedConnections::Room kRoom{0, 100};
  static constexpr UnauthenticatedConnections::Room kNoRoom{100, 100};
  UnauthenticatedConnections unauthenticated_;
};

TEST_F(UnauthenticatedTest, AsManyAsTheLimitComeIn) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto admission = unauthenticated_.ask("10.0.0.1", kRoom, at(0));
    EXPECT_TRUE(admission.is_admitted);
    EXPECT_THAT(admission.to_end, IsEmpty());
    unauthenticated_.add("10.0.0.1", i, at(0));
  }
  EXPECT_EQ(unauthenticated_.count("10.0.0.1"), 3U);
}

TEST_F(UnauthenticatedTest, BeyondItTheOldestOfThatAddressGoes) {
  unauthenticated_.add("10.0.0.9", 100, at(0));
  for (std::uint64_t i = 0; i < 3; ++i) unauthenticated_.add("10.0.0.1", i, at(static_cast<int>(i)));
  const auto admission = unauthenticated_.ask("10.0.0.1", kRoom, at(5));
  EXPECT_TRUE(admission.is_admitted);
  EXPECT_THAT(admission.to_end, ElementsAre(0U, 1U, 2U)) << "or the next, where it is at work";
  EXPECT_THAT(unauthenticated_.ask("10.0.0.2", kRoom, at(5)).to_end, IsEmpty()) << "others are not concerned";
}

TEST_F(UnauthenticatedTest, WhatHasJustComeHasAMomentToProveItself) {
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_TRUE(unauthenticated_.ask("10.0.0.1", kRoom, at(1)).is_admitted);
    unauthenticated_.add("10.0.0.1", i, at(1));
  }
  const auto admission = unauthenticated_.ask("10.0.0.1", kRoom, at(2));
  EXPECT_FALSE(admission.is_admitted) << "four times the limit";
  EXPECT_THAT(admission.to_end, IsEmpty());
  const auto later = unauthenticated_.ask("10.0.0.1", kRoom, at(3));
  EXPECT_FALSE(later.is_admitted) << "unless one of these can go";
  EXPECT_EQ(later.to_end.front(), 0U);
}

TEST_F(UnauthenticatedTest, WhoHasProvedItselfDoesNotCount) {
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < 3; ++i) number = unauthenticated_.add("10.0.0.1", i, at(0));
  unauthenticated_.remove(number);
  EXPECT_THAT(unauthenticated_.ask("10.0.0.1", kRoom, at(9)).to_end, IsEmpty());
  unauthenticated_.remove(number);
  EXPECT_EQ(unauthenticated_.count("10.0.0.1"), 2U);
}

TEST_F(UnauthenticatedTest, WhereThereIsNoRoomTheOldestOfAllGoes) {
  EXPECT_FALSE(unauthenticated_.ask("10.0.0.1", kNoRoom, at(0)).is_admitted)
      << "all others have proved themselves";
  unauthenticated_.add("10.0.0.2", 7, at(0));
  unauthenticated_.add("10.0.0.3", 8, at(0));
  EXPECT_FALSE(unauthenticated_.ask("10.0.0.1", kNoRoom, at(1)).is_admitted);
  EXPECT_THAT(unauthenticated_.ask("10.0.0.1", kNoRoom, at(2)).to_end, ElementsAre(7U, 8U));
}

TEST_F(UnauthenticatedTest, WhereThereIsNoRoomMoreThanAQuarterOfAllHaveNoMoment) {
  for (std::uint64_t i = 0; i < 25; ++i) unauthenticated_.add("10.0.0." + std::to_string(i), i, at(1));
  EXPECT_THAT(unauthenticated_.ask("10.0.0.99", kNoRoom, at(1)).to_end, IsEmpty());
  unauthenticated_.add("10.0.0.99", 25, at(1));
  EXPECT_EQ(unauthenticated_.ask("10.0.0.99", kNoRoom, at(1)).to_end.front(), 0U)
      << "else they would take the places of those that have proved themselves";
}

TEST_F(UnauthenticatedTest, AnIpv6ClientIsItsWholeNetwork) {
  unauthenticated_.add("2001:db8:0:1::1", 1, at(0));
  unauthenticated_.add("2001:db8:0:1:ffff::2", 2, at(0));
  unauthenticated_.add("2001:db8:0:2::1", 3, at(0));
  EXPECT_EQ(unauthenticated_.count("2001:db8:0:1::9"), 2U);
  unauthenticated_.add("::ffff:10.0.0.1", 4, at(0));
  EXPECT_EQ(unauthenticated_.count("::ffff:10.0.0.2"), 0U);
}

}  // namespace
}  // namespace hostwatch::http
