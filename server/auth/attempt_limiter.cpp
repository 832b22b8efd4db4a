#include "server/auth/attempt_limiter.h"

#include <algorithm>
#include <vector>

namespace hostwatch::auth {
namespace {

std::string key_of(const std::string& address, const std::string& user) {
  return address + '\n' + user;
}

}  // namespace

std::int64_t AttemptLimiter::wait(const std::string& address, const std::string& user, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  std::int64_t seconds = 0;
  if (const auto found = by_user_.find(key_of(address, user));
      found != by_user_.end() && found->second.count >= kFree) {
    const unsigned doublings = std::min(found->second.count - kFree, 6U);
    const std::int64_t pause = std::min<std::int64_t>(std::int64_t{1} << doublings, kLongestWait);
    seconds = found->second.last + pause - now;
  }
  if (const auto found = by_address_.find(address);
      found != by_address_.end() && found->second.count >= kMostAMinute) {
    seconds = std::max(seconds, found->second.last + 60 - now);
  }
  return std::clamp<std::int64_t>(seconds, 0, kLongestWait);
}

void AttemptLimiter::failed(const std::string& address, const std::string& user, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  make_room(by_user_, now);
  make_room(by_address_, now);
  Failures& of_user = by_user_[key_of(address, user)];
  if (now - of_user.last > kForgottenAfter) of_user.count = 0;
  ++of_user.count;
  of_user.last = now;
  Failures& of_address = by_address_[address];
  if (of_address.count == 0 || now - of_address.last >= 60) of_address = {0, now};
  ++of_address.count;
}

void AttemptLimiter::succeeded(const std::string& address, const std::string& user) {
  const std::lock_guard lock(mutex_);
  by_user_.erase(key_of(address, user));
}

/// What is forgotten anyway goes first; where that is not enough, the oldest half.
void AttemptLimiter::make_room(ByKey& failures, std::int64_t now) {
  if (failures.size() < kMostKnown) return;
  std::erase_if(failures, [now](const auto& one) { return now - one.second.last > kForgottenAfter; });
  if (failures.size() < kMostKnown) return;
  std::vector<std::int64_t> times;
  for (const auto& [key, one] : failures) times.push_back(one.last);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  const std::int64_t oldest_kept = *middle;
  std::erase_if(failures, [oldest_kept](const auto& one) { return one.second.last <= oldest_kept; });
}

}  // namespace hostwatch::auth
