#include "agent/collectors/disks/zfs_pools.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "agent/collectors/rates.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMostWithOwnLines = 100;

double used_bytes(const SpaceUse& use) {
  return use.size_bytes - use.free_bytes;
}

/// What is free in the pool: its own dataset says so, and else whichever has the most; a quota only lessens.
double free_in(const ZfsPool& pool, const std::vector<std::optional<SpaceUse>>& uses) {
  double most = 0;
  for (const ZfsPool::Dataset& dataset : pool.datasets) {
    const auto& use = uses[dataset.mount];
    if (!use) continue;
    if (dataset.is_top) return use->free_bytes;
    most = std::max(most, use->free_bytes);
  }
  return most;
}

}  // namespace

std::vector<ZfsPool> zfs_pools(const std::vector<Mount>& mounts) {
  std::map<std::string_view, ZfsPool> by_name;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (mounts[i].type != "zfs") continue;
    const std::string_view source = mounts[i].source;
    const std::string_view pool = source.substr(0, source.find('/'));
    by_name[pool].datasets.push_back({i, source == pool});
  }
  std::vector<ZfsPool> pools;
  for (auto& [name, pool] : by_name) {
    std::stable_sort(pool.datasets.begin(), pool.datasets.end(),
                     [&](const ZfsPool::Dataset& a, const ZfsPool::Dataset& b) {
                       return mounts[a.mount].mount_point.size() < mounts[b.mount].mount_point.size();
                     });
    pools.push_back(std::move(pool));
  }
  return pools;
}

void share_pool(ZfsPool& pool, std::vector<std::optional<SpaceUse>>& uses) {
  // They are asked one after the other, while others write: so much less is no quota.
  constexpr double kNearlyAll = 0.98;
  constexpr double kWrittenMeanwhile = 16 << 20U;
  const double free = free_in(pool, uses);
  SpaceUse all;
  all.free_bytes = free;
  const ZfsPool::Dataset* shown = nullptr;
  for (ZfsPool::Dataset& dataset : pool.datasets) {
    const auto& use = uses[dataset.mount];
    if (!use) continue;
    all.size_bytes += used_bytes(*use);
    if (use->free_bytes < free * kNearlyAll - kWrittenMeanwhile) dataset.has_quota = true;
    const bool is_better = shown == nullptr || (shown->has_quota && !dataset.has_quota);
    if (is_better) shown = &dataset;
  }
  if (shown == nullptr) return;
  all.size_bytes += free;
  if (all.size_bytes > 0) all.used_percent = percent_of(all.size_bytes - free, all.size_bytes);
  const bool with_quotas = pool.datasets.size() <= kMostWithOwnLines;
  for (const ZfsPool::Dataset& dataset : pool.datasets) {
    auto& use = uses[dataset.mount];
    if (!use) continue;
    if (&dataset == shown) {
      use = all;
    } else if (!dataset.has_quota || !with_quotas) {
      use.reset();
    } else {
      // There is no fixed number of inodes, only what would fit into what is free.
      use->inodes_free.reset();
      use->inodes_used_percent.reset();
    }
  }
}

}  // namespace hostwatch::agent
