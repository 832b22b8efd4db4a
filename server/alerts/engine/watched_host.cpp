#include "server/alerts/engine/watched_host.h"

#include <algorithm>

namespace hostwatch::alerts {

std::int64_t Lateness::of(std::int64_t at, std::int64_t sent, std::int64_t arrived) {
  if (sent != 0) return std::max<std::int64_t>(sent - at, 0);
  const std::int64_t delay = arrived - at;
  delays_[count_ % kRemembered] = delay;
  ++count_;
  const auto end = delays_.begin() + static_cast<std::ptrdiff_t>(std::min(count_, kRemembered));
  return delay - *std::min_element(delays_.begin(), end);
}

}  // namespace hostwatch::alerts
