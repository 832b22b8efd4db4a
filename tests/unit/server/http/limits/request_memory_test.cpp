#include "server/http/limits/request_memory.h"

#include <gtest/gtest.h>

#include <list>
#include <string>

namespace hostwatch::http {
namespace {

/// Limits: 1000 of all that were let in, those up to 100 small; 500 of strangers, 200 of one.
class RequestMemoryTest : public ::testing::Test {
 protected:
  using Share = RequestMemory::Share;

  bool hold(Share& share, const std::string& client, std::size_t bytes) {
    return memory_.hold(share, {"192.0.2.1", false, client}, bytes);
  }
  bool hold_stranger(Share& share, const std::string& address, std::size_t bytes) {
    return memory_.hold(share, {address, true, {}}, bytes);
  }
  /// Connections of `bytes` each, until there is no room for another one. How many there is room for.
  std::size_t fill(const std::string& address, std::size_t bytes) {
    std::size_t count = 0;
    for (; hold_stranger(shares_.emplace_back(), address, bytes); ++count) {
    }
    memory_.give_back(shares_.back());
    return count;
  }

  RequestMemory memory_{{1000, 100, 500, 200}};
  std::list<Share> shares_;
};

TEST_F(RequestMemoryTest, CountsAdmittedAndStrangersApart) {
  Share a;
  Share b;
  EXPECT_TRUE(hold_stranger(a, "192.0.2.1", 200));
  EXPECT_FALSE(hold_stranger(b, "192.0.2.1", 1)) << "one address";
  memory_.give_back(b);
  EXPECT_TRUE(hold(b, "a", 750)) << "what strangers hold is missing to nobody else";
  EXPECT_EQ(memory_.bytes(), 950U);
  EXPECT_TRUE(hold(a, "a", 0)) << "let in, it is counted with those who were";
  EXPECT_EQ(memory_.bytes(), 750U);
  memory_.give_back(b);
  EXPECT_EQ(memory_.bytes(), 0U);
}

TEST_F(RequestMemoryTest, WhatGrowsIsCountedOnce) {
  Share a;
  for (const std::size_t bytes : {100U, 200U, 200U, 50U}) {
    EXPECT_TRUE(hold_stranger(a, "192.0.2.1", bytes));
    EXPECT_EQ(memory_.bytes(), bytes);
  }
  Share b;
  EXPECT_TRUE(hold_stranger(b, "192.0.2.1", 150));
  EXPECT_FALSE(hold_stranger(b, "192.0.2.1", 151)) << "and is counted all the same, until it is given back";
  EXPECT_EQ(memory_.bytes(), 201U);
  EXPECT_TRUE(hold_stranger(b, "192.0.2.1", 0));
  EXPECT_EQ(memory_.bytes(), 50U);
}

TEST_F(RequestMemoryTest, AClientLeavesRoomToOthers) {
  Share greedy;
  EXPECT_TRUE(hold(greedy, "greedy", 750));
  EXPECT_FALSE(hold(greedy, "greedy", 751));
  EXPECT_TRUE(hold(greedy, "greedy", 750));
  Share other;
  EXPECT_TRUE(hold(other, "other", 180));
  EXPECT_FALSE(hold(other, "other", 190));
}

TEST_F(RequestMemoryTest, SmallRequestsHaveAQuarterMore) {
  Share large;
  Share too;
  EXPECT_TRUE(hold(large, "a", 750));
  EXPECT_TRUE(hold(too, "b", 187));
  Share small;
  EXPECT_TRUE(hold(small, "c", 100));
  EXPECT_FALSE(hold(small, "c", 101));
}

TEST_F(RequestMemoryTest, AnIpv6ClientIsItsSixtyFourBits) {
  Share a;
  Share b;
  Share c;
  EXPECT_TRUE(hold_stranger(a, "2001:db8::1", 200));
  EXPECT_FALSE(hold_stranger(b, "2001:db8::2", 1));
  EXPECT_TRUE(hold_stranger(c, "2001:db8:0:1::1", 1));
}

TEST_F(RequestMemoryTest, NoSiteAndNoProviderFillsItWithAllItsNetworks) {
  std::size_t of_site = 0;
  for (int i = 0; i < 20; ++i) of_site += fill("2001:db8:1:" + std::to_string(i) + "::1", 10);
  EXPECT_EQ(of_site, 25U) << "half of it";
  for (int i = 2; i < 20; ++i) EXPECT_EQ(fill("2001:db8:" + std::to_string(i) + "::1", 10), 0U);
  for (const char* other : {"192.0.2.1", "192.0.2.2", "2001:db9::1", "2001:dba::1"}) {
    Share honest;
    EXPECT_TRUE(hold_stranger(honest, other, 60)) << other;
    memory_.give_back(honest);
  }
}

TEST_F(RequestMemoryTest, HoweverManyFillItWhatIsSmallFindsRoom) {
  for (int i = 0; i < 8; ++i) fill("192.0.2." + std::to_string(i), 10);
  Share honest;
  EXPECT_TRUE(hold_stranger(honest, "198.51.100.1", 1));
}

}  // namespace
}  // namespace hostwatch::http
