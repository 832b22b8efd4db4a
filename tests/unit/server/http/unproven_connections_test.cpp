#include "server/http/unproven_connections.h"

#include <gtest/gtest.h>

namespace hostwatch::http {
namespace {

using std::chrono::seconds;

class UnprovenTest : public testing::Test {
 protected:
  UnprovenTest() : unproven_({3, std::chrono::milliseconds(2000)}) {}
  UnprovenConnections::Time at(int second) const { return UnprovenConnections::Time{} + seconds(second); }
  UnprovenConnections unproven_;
};

TEST_F(UnprovenTest, AsManyAsTheLimitComeIn) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto admission = unproven_.ask("10.0.0.1", false, at(0));
    EXPECT_TRUE(admission.admitted);
    EXPECT_FALSE(admission.to_end);
    unproven_.add("10.0.0.1", i, at(0));
  }
  EXPECT_EQ(unproven_.count("10.0.0.1"), 3U);
}

TEST_F(UnprovenTest, BeyondItTheOldestOfThatAddressGoes) {
  unproven_.add("10.0.0.9", 100, at(0));
  for (std::uint64_t i = 0; i < 3; ++i) unproven_.add("10.0.0.1", i, at(static_cast<int>(i)));
  const auto admission = unproven_.ask("10.0.0.1", false, at(5));
  EXPECT_TRUE(admission.admitted);
  EXPECT_EQ(admission.to_end, 0U);
  EXPECT_FALSE(unproven_.ask("10.0.0.2", false, at(5)).to_end) << "others are not concerned";
}

TEST_F(UnprovenTest, WhatHasJustComeHasAMomentToProveItself) {
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_TRUE(unproven_.ask("10.0.0.1", false, at(1)).admitted);
    unproven_.add("10.0.0.1", i, at(1));
  }
  const auto admission = unproven_.ask("10.0.0.1", false, at(2));
  EXPECT_FALSE(admission.admitted) << "four times the limit";
  EXPECT_EQ(unproven_.ask("10.0.0.1", false, at(3)).to_end, 0U);
}

TEST_F(UnprovenTest, WhoHasProvedItselfDoesNotCount) {
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < 3; ++i) number = unproven_.add("10.0.0.1", i, at(0));
  unproven_.remove("10.0.0.1", number);
  EXPECT_FALSE(unproven_.ask("10.0.0.1", false, at(9)).to_end);
  unproven_.remove("10.0.0.1", number);
  EXPECT_EQ(unproven_.count("10.0.0.1"), 2U);
}

TEST_F(UnprovenTest, WhereThereIsNoRoomTheOldestOfAllGoes) {
  EXPECT_FALSE(unproven_.ask("10.0.0.1", true, at(0)).admitted) << "all others have proved themselves";
  unproven_.add("10.0.0.2", 7, at(0));
  unproven_.add("10.0.0.3", 8, at(0));
  EXPECT_FALSE(unproven_.ask("10.0.0.1", true, at(1)).admitted);
  EXPECT_EQ(unproven_.ask("10.0.0.1", true, at(2)).to_end, 7U);
}

TEST_F(UnprovenTest, AnIpv6ClientIsItsWholeNetwork) {
  unproven_.add("2001:db8:0:1::1", 1, at(0));
  unproven_.add("2001:db8:0:1:ffff::2", 2, at(0));
  unproven_.add("2001:db8:0:2::1", 3, at(0));
  EXPECT_EQ(unproven_.count("2001:db8:0:1::9"), 2U);
  unproven_.add("::ffff:10.0.0.1", 4, at(0));
  EXPECT_EQ(unproven_.count("::ffff:10.0.0.2"), 0U);
}

}  // namespace
}  // namespace hostwatch::http
