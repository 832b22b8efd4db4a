#include "server/delivery/retry.h"

#include <algorithm>

namespace hostwatch::delivery {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::sent:
      return "sent";
    case Outcome::unsent:
      return "unsent";
    case Outcome::unknown:
      return "unknown";
    case Outcome::dead:
      return "dead";
  }
  return "";
}

Outcome http_outcome(std::int64_t status) {
  if (status >= 200 && status < 300) return Outcome::sent;
  const bool is_passing = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !is_passing ? Outcome::dead : Outcome::unknown;
}

std::chrono::milliseconds retry_delay(int failures, double jitter,
                                      std::optional<std::chrono::seconds> retry_after) {
  constexpr int kMostDoublings = 9;
  constexpr double kMostSeconds = 300;
  const double doubled =
      static_cast<double>(1U << static_cast<unsigned>(std::clamp(failures - 1, 0, kMostDoublings)));
  const double seconds = std::min(doubled, kMostSeconds) * (0.75 + 0.5 * jitter);
  const std::chrono::milliseconds own(static_cast<std::int64_t>(seconds * 1'000));
  const std::chrono::seconds asked =
      std::clamp(retry_after.value_or(std::chrono::seconds{0}), std::chrono::seconds{0}, kMostRetryAfter);
  return std::max<std::chrono::milliseconds>(own, asked);
}

}  // namespace hostwatch::delivery
