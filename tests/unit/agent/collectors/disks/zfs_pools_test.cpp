#include "agent/collectors/disks/zfs_pools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace hostwatch::agent::test {
namespace {

constexpr double kGigabyte = 1e9;
using Uses = std::vector<std::optional<SpaceUse>>;

Mount dataset(const std::string& source, const std::string& mount_point) {
  Mount mount;
  mount.device = "0:" + std::to_string(mount_point.size());
  mount.mount_point = mount_point;
  mount.type = "zfs";
  mount.source = source;
  return mount;
}

/// As statvfs answers for a dataset: its size is what it holds and what is free.
SpaceUse holding(double used, double free) {
  SpaceUse use;
  use.size_bytes = (used + free) * kGigabyte;
  use.free_bytes = free * kGigabyte;
  use.used_percent = used / (used + free) * 100;
  use.inodes_free = 5;
  use.inodes_used_percent = 50;
  return use;
}

Uses shared(const std::vector<Mount>& mounts, Uses uses) {
  for (ZfsPool& pool : zfs_pools(mounts)) share_pool(pool, uses);
  return uses;
}

TEST(ZfsPools, APoolIsAsFullAsAllItsDatasetsMakeIt) {
  const Uses uses =
      shared({dataset("tank", "/tanks"), dataset("tank/home", "/home"), dataset("tank/db", "/tank/db")},
             {holding(1, 4), holding(15, 4), holding(80, 4)});
  EXPECT_FALSE(uses[0]) << "the pool stands at its shortest mount point";
  EXPECT_FALSE(uses[2]);
  ASSERT_TRUE(uses[1]);
  EXPECT_DOUBLE_EQ(uses[1]->used_percent.value(), 96);
  EXPECT_DOUBLE_EQ(uses[1]->size_bytes, 100 * kGigabyte);
  EXPECT_DOUBLE_EQ(uses[1]->free_bytes, 4 * kGigabyte);
  EXPECT_FALSE(uses[1]->inodes_used_percent) << "there is no fixed number of them";
}

TEST(ZfsPools, ADatasetWithAQuotaKeepsItsOwnLine) {
  const Uses uses =
      shared({dataset("tank", "/t"), dataset("tank/mail", "/mail"), dataset("tank/home", "/home")},
             {holding(1, 89), holding(9, 1), holding(1, 89)});
  EXPECT_DOUBLE_EQ(uses[0]->used_percent.value(), 11);
  ASSERT_TRUE(uses[1]);
  EXPECT_DOUBLE_EQ(uses[1]->used_percent.value(), 90);
  EXPECT_FALSE(uses[2]);
}

TEST(ZfsPools, AQuotaStaysOneWhenThePoolIsFull) {
  const std::vector<Mount> mounts{dataset("tank", "/t"), dataset("tank/mail", "/mail")};
  std::vector<ZfsPool> pools = zfs_pools(mounts);
  Uses uses{holding(1, 89), holding(9, 1)};
  share_pool(pools[0], uses);
  uses = {holding(90, 0), holding(9, 0)};
  share_pool(pools[0], uses);
  EXPECT_TRUE(uses[1]);
}

TEST(ZfsPools, ThePoolsLineIsNotAtADatasetThatHasAQuota) {
  const Uses uses =
      shared({dataset("tank/a", "/a"), dataset("tank/bb", "/bb")}, {holding(9, 1), holding(41, 50)});
  EXPECT_DOUBLE_EQ(uses[0]->used_percent.value(), 90);
  EXPECT_DOUBLE_EQ(uses[1]->used_percent.value(), 50);
}

TEST(ZfsPools, EachPoolIsForItselfAndOtherFileSystemsAreNone) {
  Mount other = dataset("/dev/sda1", "/");
  other.type = "ext4";
  const Uses uses = shared({other, dataset("tank/home", "/home"), dataset("tanker", "/tanker")},
                           {holding(1, 1), holding(3, 1), holding(1, 3)});
  EXPECT_DOUBLE_EQ(uses[0]->used_percent.value(), 50);
  EXPECT_TRUE(uses[0]->inodes_free);
  EXPECT_DOUBLE_EQ(uses[1]->used_percent.value(), 75);
  EXPECT_DOUBLE_EQ(uses[2]->used_percent.value(), 25);
}

TEST(ZfsPools, ADatasetThatDoesNotAnswerIsLeftOutOfItsPool) {
  const std::vector<Mount> mounts{dataset("tank", "/t"), dataset("tank/home", "/home")};
  EXPECT_DOUBLE_EQ(shared(mounts, {std::nullopt, holding(1, 3)})[1]->used_percent.value(), 25);
  EXPECT_FALSE(shared(mounts, {std::nullopt, std::nullopt})[0]);
}

TEST(ZfsPools, OfAThousandDatasetsThereIsThePoolAlone) {
  std::vector<Mount> mounts;
  Uses uses;
  for (int i = 0; i < 1000; ++i) {
    mounts.push_back(dataset("tank/" + std::to_string(i), "/d/" + std::to_string(i)));
    uses.push_back(holding(1, i % 2 == 0 ? 1000 : 1));
  }
  uses = shared(mounts, uses);
  EXPECT_EQ(std::count_if(uses.begin(), uses.end(), [](const auto& use) { return use.has_value(); }), 1);
}

}  // namespace
}  // namespace hostwatch::agent::test
