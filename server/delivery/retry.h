#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "server/delivery/delivery_service.h"

namespace hostwatch::delivery {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A message that could not be sent for so long is given up.
inline constexpr std::chrono::hours kMessageLifetime{24};
/// What a receiver may ask for with Retry-After at most.
inline constexpr std::chrono::seconds kMostRetryAfter{3'600};

/// How one request ended.
struct AttemptEnd {
  Outcome outcome = Outcome::sent;
  std::int64_t status = 0;
  std::string error;  ///< for people; empty: sent
  std::optional<std::chrono::seconds> retry_after;
};

/// What an answer of HTTP means: 2xx is taken; 4xx but 408, 425 and 429 never will be. Pure.
Outcome http_outcome(std::int64_t status);

/// How long to wait after `failures` (at least 1) in a row: 1, 2, 4 to 300 s, a quarter less to a quarter
/// more by `jitter` (0 to below 1), and not less than the receiver asked for. Pure.
std::chrono::milliseconds retry_delay(int failures, double jitter,
                                      std::optional<std::chrono::seconds> retry_after);

}  // namespace hostwatch::delivery
