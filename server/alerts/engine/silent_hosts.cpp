#include "server/alerts/engine/silent_hosts.h"

#include <algorithm>

namespace hostwatch::alerts {
namespace {

constexpr std::int64_t kTogether = 60;   ///< seconds
constexpr std::int64_t kHoldBack = 300;  ///< seconds after it is over
constexpr std::size_t kFew = 5;

}  // namespace

void SilentHosts::add(const std::string& host, std::int64_t steady) {
  recent_.push_back({host, steady});
  if (is_many_) together_.insert(host);
}

void SilentHosts::remove(const std::string& host) {
  std::erase_if(recent_, [&](const Gone& gone) { return gone.host == host; });
  together_.erase(host);
}

void SilentHosts::judge(std::size_t up, std::int64_t steady) {
  while (!recent_.empty() && steady - recent_.front().at > kTogether) recent_.pop_front();
  if (!is_many_) {
    const std::size_t few = std::max(kFew, (up + recent_.size()) / 5);
    if (recent_.size() <= few) return;
    is_many_ = true;
    least_ = few;
    for (const Gone& gone : recent_) together_.insert(gone.host);
  } else if (together_.size() <= least_ / 2) {
    is_many_ = false;
    together_.clear();
    holds_back_until_ = steady + kHoldBack;
  }
}

void SilentHosts::clear() {
  *this = SilentHosts();
}

}  // namespace hostwatch::alerts
