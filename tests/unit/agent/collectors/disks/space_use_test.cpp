#include "agent/collectors/disks/space_use.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/collectors/disks/latch_statvfs.h"

namespace hostwatch::agent::test {
namespace {

TEST(SpaceUse, IsWhatDfSays) {
  // 1,000 blocks, 300 free, of which root keeps 100 for itself: users see 700 used of 900.
  const auto use = space_use(sized(1000, 300, 200, 50, 40));
  ASSERT_TRUE(use);
  EXPECT_DOUBLE_EQ(use->size_bytes, 1e6);
  EXPECT_DOUBLE_EQ(use->free_bytes, 2e5);
  EXPECT_DOUBLE_EQ(use->used_percent.value(), 700.0 / 900 * 100);
  EXPECT_DOUBLE_EQ(use->inodes_free.value(), 40);
  EXPECT_DOUBLE_EQ(use->inodes_used_percent.value(), 20);
}

TEST(SpaceUse, WithoutInodesHasNone) {
  const auto use = space_use(sized(1000, 300, 200));
  ASSERT_TRUE(use);
  EXPECT_FALSE(use->inodes_free);
  EXPECT_FALSE(use->inodes_used_percent);
}

TEST(SpaceUse, OfNothingIsNone) {
  EXPECT_FALSE(space_use(sized(0, 0, 0)));
}

TEST(SpaceUse, IsNeverAbsurd) {
  // Less than none available (root's reserve in use) reads as a huge number.
  const auto reserve = space_use(sized(1000, 10, static_cast<fsblkcnt_t>(-40)));
  EXPECT_DOUBLE_EQ(reserve->free_bytes, 0);
  EXPECT_DOUBLE_EQ(reserve->used_percent.value(), 100);
  const auto more_free_than_there_is = space_use(sized(1000, 2000, 500));
  EXPECT_LE(more_free_than_there_is->used_percent.value(), 100);
}

TEST(SpaceUse, OfAVeryLargeOneIsRight) {
  const auto use = space_use(sized(1ULL << 50U, 1ULL << 49U, 1ULL << 49U));
  EXPECT_DOUBLE_EQ(use->size_bytes, 1000.0 * static_cast<double>(1ULL << 50U));
  EXPECT_DOUBLE_EQ(use->used_percent.value(), 50);
}

}  // namespace
}  // namespace hostwatch::agent::test
