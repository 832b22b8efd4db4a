#include "server/auth/attempt_limiter.h"

#include <gtest/gtest.h>

namespace hostwatch::auth {
namespace {

TEST(AttemptLimiter, AFewSlipsCostNothing) {
  AttemptLimiter attempts;
  for (int i = 0; i < 2; ++i) attempts.failed("a", "admin", 100);
  EXPECT_EQ(attempts.wait("a", "admin", 100), 0);
}

TEST(AttemptLimiter, ThenEachFailureDoublesTheWaitUpToAMinute) {
  AttemptLimiter attempts;
  for (int i = 0; i < 2; ++i) attempts.failed("a", "admin", 100);
  for (const std::int64_t wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    attempts.failed("a", "admin", 100);
    EXPECT_EQ(attempts.wait("a", "admin", 100), wait);
    EXPECT_EQ(attempts.wait("a", "admin", 100 + wait), 0);
  }
}

TEST(AttemptLimiter, NobodyIsLockedOutByOthers) {
  AttemptLimiter attempts;
  for (int i = 0; i < 100; ++i) attempts.failed("evil", "admin", 100);
  EXPECT_GT(attempts.wait("evil", "admin", 100), 0);
  EXPECT_EQ(attempts.wait("home", "admin", 100), 0);
}

TEST(AttemptLimiter, OneAddressHasThirtyFailuresAMinuteWhateverTheUsers) {
  AttemptLimiter attempts;
  for (int i = 0; i < 30; ++i) attempts.failed("evil", "user" + std::to_string(i), 100);
  EXPECT_EQ(attempts.wait("evil", "another", 101), 59);
  EXPECT_EQ(attempts.wait("evil", "another", 160), 0);
  EXPECT_EQ(attempts.wait("home", "another", 101), 0);
}

TEST(AttemptLimiter, AllAddressesOfAnIpv6ClientAreOne) {
  AttemptLimiter attempts;
  for (int i = 0; i < 4; ++i) attempts.failed("2001:db8:1:2::" + std::to_string(i), "admin", 100);
  EXPECT_EQ(attempts.wait("2001:db8:1:2:ffff::9", "admin", 100), 2);
  EXPECT_EQ(attempts.wait("2001:DB8:1:2::0:9", "admin", 100), 2) << "however it is written";
  EXPECT_EQ(attempts.wait("2001:db8:1:3::9", "admin", 100), 0);
  for (int i = 0; i < 4; ++i) attempts.failed("::ffff:192.0.2.1", "admin", 100);
  EXPECT_EQ(attempts.wait("192.0.2.1", "admin", 100), 2);
}

TEST(AttemptLimiter, AnIpv6SiteHasThreeHundredFailuresAMinuteWhateverItsNetworks) {
  AttemptLimiter attempts;
  const auto address = [](int i) { return "2001:db8:1:" + std::to_string(i % 150) + "::1"; };
  for (int i = 0; i < 299; ++i) attempts.failed(address(i), "user" + std::to_string(i), 100);
  EXPECT_EQ(attempts.wait("2001:db8:1:999::1", "another", 101), 0);
  attempts.failed(address(299), "user", 100);
  EXPECT_EQ(attempts.wait("2001:db8:1:999::1", "another", 101), 59);
  EXPECT_EQ(attempts.wait("2001:db8:2::1", "another", 101), 0);
}

TEST(AttemptLimiter, KnowsForAWhileFromWhereTriesHaveFailed) {
  AttemptLimiter attempts;
  EXPECT_FALSE(attempts.has_failed("2001:db8:1:2::1", 100));
  attempts.failed("2001:db8:1:2::1", "admin", 100);
  EXPECT_TRUE(attempts.has_failed("2001:db8:1:3::1", 100)) << "of the same site";
  EXPECT_FALSE(attempts.has_failed("2001:db8:2::1", 100));
  EXPECT_FALSE(attempts.has_failed("2001:db8:1:2::1", 1001));
}

TEST(AttemptLimiter, KnowsFromWhereTriesHaveSucceeded) {
  AttemptLimiter attempts;
  attempts.succeeded("2001:db8:1:2::1", "admin", 100);
  attempts.failed("2001:db8:1:2::1", "admin", 101);
  EXPECT_TRUE(attempts.has_succeeded("2001:db8:1:2::9")) << "of the same client, whatever failed besides";
  EXPECT_FALSE(attempts.has_succeeded("2001:db8:1:3::1"));
  for (int i = 0; i < 1000; ++i) attempts.succeeded("client " + std::to_string(i), "admin", 200 + i);
  EXPECT_FALSE(attempts.has_succeeded("2001:db8:1:2::1")) << "of a thousand others that did later";
  EXPECT_TRUE(attempts.has_succeeded("client 0"));
}

TEST(AttemptLimiter, SuccessAndTimeForget) {
  AttemptLimiter attempts;
  for (int i = 0; i < 5; ++i) attempts.failed("a", "admin", 100);
  attempts.succeeded("a", "admin", 100);
  EXPECT_EQ(attempts.wait("a", "admin", 100), 0);
  for (int i = 0; i < 5; ++i) attempts.failed("b", "admin", 100);
  attempts.failed("b", "admin", 5000);
  EXPECT_EQ(attempts.wait("b", "admin", 5000), 0) << "the first in a long time";
}

TEST(AttemptLimiter, AFloodOfNamesTakesNoEndlessMemoryAndForgetsNoFreshFailure) {
  AttemptLimiter attempts;
  for (int i = 0; i < 10; ++i) attempts.failed("first", "admin", 100);
  ASSERT_GT(attempts.wait("first", "admin", 120), 0);
  for (int i = 0; i < 20'000; ++i)
    attempts.failed("10.0.0." + std::to_string(i), std::to_string(i), 101 + i / 1000);
  EXPECT_EQ(attempts.wait("first", "admin", 120), 0) << "ten thousand are remembered, the oldest go";
  for (int i = 0; i < 5; ++i) attempts.failed("a", "admin", 120);
  EXPECT_GT(attempts.wait("a", "admin", 120), 0);
}

}  // namespace
}  // namespace hostwatch::auth
