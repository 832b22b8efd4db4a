#include "server/http/limits/request_memory.h"

#include <utility>

#include "net/address.h"

namespace hostwatch::http {
namespace {

/// Whether what one of them holds is at most so many times what all leave free.
bool is_fair(std::size_t its, std::size_t times, std::size_t all, std::size_t most) {
  return all <= most && its <= times * (most - all);
}

}  // namespace

bool RequestMemory::hold(Share& share, const Holder& holder, std::size_t bytes) {
  const util::MutexLock lock(mutex_);
  if (bytes == share.bytes && share.is_strangers == holder.is_stranger) return true;
  if (share.is_strangers != holder.is_stranger) drop(share);
  if (share.counted.front() == nullptr && bytes != 0) begin(share, holder);
  const std::size_t more = bytes - std::exchange(share.bytes, bytes);  // less: wraps around, and back
  (share.is_strangers ? strangers_ : admitted_) += more;
  for (OfHolder* one : share.counted) {
    if (one != nullptr) one->second += more;
  }
  const bool has_room = fits(share);
  if (bytes == 0) drop(share);
  return has_room;
}

/// All of it or, where memory is wanting, nothing.
void RequestMemory::begin(Share& share, const Holder& holder) {
  std::array<std::string, 3> names{"client " + holder.client, "", ""};
  if (holder.is_stranger) {
    names = {"/64 " + net::network_of(holder.address), "/48 " + net::site_of(holder.address),
             "/32 " + net::provider_of(holder.address)};
  }
  share.is_strangers = holder.is_stranger;
  try {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].empty()) share.counted[i] = &*by_holder_.try_emplace(std::move(names[i])).first;
    }
  } catch (...) {
    drop(share);
    throw;
  }
}

bool RequestMemory::fits(const Share& share) const {
  for (const OfHolder* one : share.counted) {
    if (one == nullptr) continue;
    const bool is_within = share.is_strangers ? is_fair(one->second, 1, strangers_, limits_.strangers_bytes)
                           : share.bytes <= limits_.small_bytes
                               ? is_fair(one->second, 3, admitted_, limits_.bytes + limits_.bytes / 4)
                               : is_fair(one->second, 3, admitted_, limits_.bytes);
    if (!is_within) return false;
  }
  return !share.is_strangers || share.counted.front() == nullptr ||
         share.counted.front()->second <= limits_.stranger_bytes;
}

void RequestMemory::drop(Share& share) noexcept {
  const std::size_t bytes = std::exchange(share.bytes, 0);
  (share.is_strangers ? strangers_ : admitted_) -= bytes;
  for (OfHolder*& counted : share.counted) {
    OfHolder* one = std::exchange(counted, nullptr);
    if (one == nullptr) continue;
    one->second -= bytes;
    if (one->second == 0) by_holder_.erase(by_holder_.find(one->first));
  }
}

void RequestMemory::give_back(Share& share) noexcept {
  if (share.counted.front() == nullptr) return;
  const util::MutexLock lock(mutex_);
  drop(share);
}

}  // namespace hostwatch::http
