#pragma once

#include <algorithm>
#include <cstdint>

namespace hostwatch::query {

/// A host is up while readings arrive: it is down after three of its intervals without one, at least 30
/// seconds, so that one lost reading is no alarm. An interval counts as a day at most: what a host that was
/// away for a month seems to have for one. `now`: the server's clock, as in last_heard: a host's own clock
/// does not matter.
template <typename Host>  // HostState or HostValues
bool is_up(const Host& host, std::int64_t now) {
  constexpr std::int64_t kLeast = 30;
  constexpr std::int64_t kLongestInterval = 86400;
  const std::int64_t interval = std::clamp<std::int64_t>(host.interval, 0, kLongestInterval);
  return now - host.last_heard <= std::max(kLeast, 3 * interval);
}

}  // namespace hostwatch::query
