#include "server/auth/enrollment_rate.h"

#include <gtest/gtest.h>

namespace hostwatch::auth::enrollment_rate_test {
namespace {

constexpr std::int64_t kNow = 1763884800;
const std::string kClient = "192.0.2.1";

TEST(EnrollmentRate, AfterSoManyOneWaitsForTheNextMinute) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(rate.wait(token, kClient, kNow + 10 * i), 0);
    rate.count(token, kClient, kNow + 10 * i);
  }
  EXPECT_EQ(rate.wait(token, kClient, kNow + 20), 40);
  EXPECT_EQ(rate.wait(token, kClient, kNow + 60), 0);
}

TEST(EnrollmentRate, ThoseThatAreSentAwayComeBackAsManyAMinuteAsThereIsRoomFor) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  rate.count(token, kClient, kNow);
  rate.count(token, kClient, kNow);
  EXPECT_EQ(rate.wait(token, kClient, kNow), 60);
  EXPECT_EQ(rate.wait(token, kClient, kNow), 60);
  EXPECT_EQ(rate.wait(token, kClient, kNow), 120);
  EXPECT_EQ(rate.wait(token, kClient, kNow), 120);
  for (int i = 0; i < 100; ++i) rate.wait(token, kClient, kNow);
  EXPECT_EQ(rate.wait(token, kClient, kNow), EnrollmentRate::kLongestWait);
}

TEST(EnrollmentRate, EachTokenHasItsOwn) {
  EnrollmentRate rate(1);
  rate.count(digest_of("e"), kClient, kNow);
  EXPECT_GT(rate.wait(digest_of("e"), kClient, kNow), 0);
  EXPECT_EQ(rate.wait(digest_of("f"), kClient, kNow), 0);
}

TEST(EnrollmentRate, WhoTakesAllOfItKeepsNobodyElsewhereOut) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  rate.count(token, "2001:db8::1", kNow);
  rate.count(token, "2001:db8::2", kNow);
  for (int i = 0; i < 100; ++i) {
    EXPECT_GT(rate.wait(token, "2001:db8::" + std::to_string(i), kNow), 0) << "a client of IPv6 is a /64";
  }
  EXPECT_EQ(rate.wait(token, kClient, kNow), 0);
  EXPECT_EQ(rate.wait(token, "2001:db8:0:1::1", kNow), 0);
}

TEST(EnrollmentRate, AllTogetherHaveTenTimesAsMuch) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  for (int i = 0; i < 20; ++i) {
    const std::string client = "192.0.2." + std::to_string(i);
    EXPECT_EQ(rate.wait(token, client, kNow), 0) << i;
    rate.count(token, client, kNow);
  }
  EXPECT_EQ(rate.wait(token, "198.51.100.1", kNow), 60);
  EXPECT_EQ(rate.wait(token, "198.51.100.1", kNow + 60), 0);
}

TEST(EnrollmentRate, ZeroIsAnyNumber) {
  EnrollmentRate rate(0);
  for (int i = 0; i < 1000; ++i) rate.count(digest_of("e"), kClient, kNow);
  EXPECT_EQ(rate.wait(digest_of("e"), kClient, kNow), 0);
}

TEST(EnrollmentRate, AClockThatIsSetBackKeepsNobodyOut) {
  EnrollmentRate rate(1);
  rate.count(digest_of("e"), kClient, kNow);
  EXPECT_EQ(rate.wait(digest_of("e"), kClient, kNow - 3600), 0);
}

}  // namespace
}  // namespace hostwatch::auth::enrollment_rate_test
