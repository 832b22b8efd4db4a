#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "agent/collectors/disks/mounts.h"
#include "agent/collectors/disks/space_use.h"

namespace hostwatch::agent {

/// The mounted datasets of one ZFS pool, which share what is free in it.
struct ZfsPool {
  struct Dataset {
    std::size_t mount = 0;   ///< its place in the list of mounts
    bool is_top = false;     ///< the pool's own dataset ("tank"), rather than one in it ("tank/home")
    bool has_quota = false;  ///< it was seen with less free than the pool has; stays so
  };
  std::vector<Dataset> datasets;  ///< that with the shortest mount point first
};

/// The pools of the mounts that are ZFS: what their sources have before the first slash. Pure.
std::vector<ZfsPool> zfs_pools(const std::vector<Mount>& mounts);

/// Makes of the datasets' uses, which are each of what the dataset holds beside all that is free in the pool
/// (a pool 96 % full may look 1 % full by one of them), those that are shown: at the shortest mount point
/// that of the pool, of all its mounted datasets together; at datasets with a quota their own; at the others
/// none. `uses` is by place in the list of mounts. A pool of more than 100 datasets has its own line alone.
void share_pool(ZfsPool& pool, std::vector<std::optional<SpaceUse>>& uses);

}  // namespace hostwatch::agent
