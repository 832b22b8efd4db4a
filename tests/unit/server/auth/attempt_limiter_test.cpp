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

TEST(AttemptLimiter, SuccessAndTimeForget) {
  AttemptLimiter attempts;
  for (int i = 0; i < 5; ++i) attempts.failed("a", "admin", 100);
  attempts.succeeded("a", "admin");
  EXPECT_EQ(attempts.wait("a", "admin", 100), 0);
  for (int i = 0; i < 5; ++i) attempts.failed("b", "admin", 100);
  attempts.failed("b", "admin", 5000);
  EXPECT_EQ(attempts.wait("b", "admin", 5000), 0) << "the first in a long time";
}

TEST(AttemptLimiter, AFloodOfNamesTakesNoEndlessMemoryAndForgetsNoFreshFailure) {
  AttemptLimiter attempts;
  for (int i = 0; i < 200'000; ++i)
    attempts.failed("10.0.0." + std::to_string(i), std::to_string(i), 100 + i / 1000);
  for (int i = 0; i < 5; ++i) attempts.failed("a", "admin", 400);
  EXPECT_GT(attempts.wait("a", "admin", 400), 0);
}

}  // namespace
}  // namespace hostwatch::auth
