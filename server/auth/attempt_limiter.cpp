#include "server/auth/attempt_limiter.h"

#include <algorithm>
#include <vector>

#include "net/address.h"

namespace hostwatch::auth {
namespace {

std::string key_of(const std::string& address, const std::string& user) {
  return net::network_of(address) + '\n' + user;
}

}  // namespace

void AttemptLimiter::count_in_minute(ByKey& failures, const std::string& key, std::int64_t now) {
  make_room(failures, now);
  Failures& one = failures[key];
  if (one.count == 0 || now - one.last >= 60) one = {0, now};
  ++one.count;
}

std::int64_t AttemptLimiter::rest_of_minute(const ByKey& failures, const std::string& key, unsigned most,
                                            std::int64_t now) {
  const auto found = failures.find(key);
  return found != failures.end() && found->second.count >= most ? found->second.last + 60 - now : 0;
}

std::int64_t AttemptLimiter::wait(const std::string& address, const std::string& user,
                                  std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  std::int64_t seconds = 0;
  if (const auto found = by_user_.find(key_of(address, user));
      found != by_user_.end() && found->second.count >= kFree) {
    const unsigned doublings = std::min(found->second.count - kFree, 6U);
    const std::int64_t pause = std::min<std::int64_t>(std::int64_t{1} << doublings, kLongestWait);
    seconds = found->second.last + pause - now;
  }
  seconds = std::max({seconds, rest_of_minute(by_client_, net::network_of(address), kMostAMinute, now),
                      rest_of_minute(by_site_, net::site_of(address), kMostAMinuteOfSite, now)});
  return std::clamp<std::int64_t>(seconds, 0, kLongestWait);
}

bool AttemptLimiter::has_failed(const std::string& address, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_site_.find(net::site_of(address));
  return found != by_site_.end() && now - found->second.last <= kForgottenAfter;
}

void AttemptLimiter::failed(const std::string& address, const std::string& user, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  make_room(by_user_, now);
  Failures& of_user = by_user_[key_of(address, user)];
  if (now - of_user.last > kForgottenAfter) of_user.count = 0;
  ++of_user.count;
  of_user.last = now;
  count_in_minute(by_client_, net::network_of(address), now);
  count_in_minute(by_site_, net::site_of(address), now);
}

bool AttemptLimiter::has_succeeded(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  return good_.contains(net::network_of(address));
}

void AttemptLimiter::succeeded(const std::string& address, const std::string& user, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  by_user_.erase(key_of(address, user));
  good_[net::network_of(address)] = now;
  if (good_.size() <= kMostGood) return;
  good_.erase(std::min_element(good_.begin(), good_.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; }));
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
