#include "server/auth/enrollment_rate.h"

#include <gtest/gtest.h>

namespace hostwatch::auth {
namespace {

constexpr std::int64_t kNow = 1763884800;

TEST(EnrollmentRate, AfterSoManyOneWaitsForTheNextMinute) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(rate.wait(token, kNow + 10 * i), 0);
    rate.count(token, kNow + 10 * i);
  }
  EXPECT_EQ(rate.wait(token, kNow + 20), 40);
  EXPECT_EQ(rate.wait(token, kNow + 60), 0);
}

TEST(EnrollmentRate, ThoseThatAreSentAwayComeBackAsManyAMinuteAsThereIsRoomFor) {
  EnrollmentRate rate(2);
  const Digest token = digest_of("e");
  rate.count(token, kNow);
  rate.count(token, kNow);
  EXPECT_EQ(rate.wait(token, kNow), 60);
  EXPECT_EQ(rate.wait(token, kNow), 60);
  EXPECT_EQ(rate.wait(token, kNow), 120);
  EXPECT_EQ(rate.wait(token, kNow), 120);
  for (int i = 0; i < 100; ++i) rate.wait(token, kNow);
  EXPECT_EQ(rate.wait(token, kNow), EnrollmentRate::kLongestWait);
}

TEST(EnrollmentRate, EachTokenHasItsOwn) {
  EnrollmentRate rate(1);
  rate.count(digest_of("e"), kNow);
  EXPECT_GT(rate.wait(digest_of("e"), kNow), 0);
  EXPECT_EQ(rate.wait(digest_of("f"), kNow), 0);
}

TEST(EnrollmentRate, ZeroIsAnyNumber) {
  EnrollmentRate rate(0);
  for (int i = 0; i < 1000; ++i) rate.count(digest_of("e"), kNow);
  EXPECT_EQ(rate.wait(digest_of("e"), kNow), 0);
}

TEST(EnrollmentRate, AClockThatIsSetBackKeepsNobodyOut) {
  EnrollmentRate rate(1);
  rate.count(digest_of("e"), kNow);
  EXPECT_EQ(rate.wait(digest_of("e"), kNow - 3600), 0);
}

}  // namespace
}  // namespace hostwatch::auth
