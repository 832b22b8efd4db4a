#include "server/storage/packed/host_places.h"

#include <algorithm>
#include <utility>

namespace hostwatch::storage {
namespace {

constexpr std::int64_t kKeptSeconds = 60;
constexpr std::size_t kAuthenticatedPart = 10;

}  // namespace

void HostPlaces::forget_old(std::int64_t now) {
  if (now - since_ < kKeptSeconds && now >= since_) return;
  taken_before_ = std::exchange(taken_, {});
  since_ = now;
}

bool HostPlaces::has_room(HostCount count, HostComes how) const {
  const std::size_t taken = taken_.size() + taken_before_.size();
  const std::size_t hosts = count.all + taken;
  if (hosts >= most_) return false;
  if (how == HostComes::authenticated) return true;
  const std::size_t for_anyone = most_ - most_ / kAuthenticatedPart;
  const std::size_t older = count.all - std::min(count.all, count.young);
  const std::size_t room = for_anyone - std::min(for_anyone, older);
  return hosts < for_anyone && count.young + taken < (room + 1) / 2;
}

bool HostPlaces::take(std::string_view hostname, HostCount count, HostComes how, std::int64_t now) {
  const util::MutexLock lock(mutex_);
  forget_old(now);
  std::string name(hostname);
  if (taken_.contains(name) || taken_before_.contains(name)) return true;
  if (!has_room(count, how)) return false;
  taken_.insert(std::move(name));
  return true;
}

void HostPlaces::give_back(const std::string& hostname) {
  const util::MutexLock lock(mutex_);
  taken_.erase(hostname);
  taken_before_.erase(hostname);
}

}  // namespace hostwatch::storage
