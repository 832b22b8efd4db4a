#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "protocol/received_reading.h"
#include "server/alerts/trial/trial.h"

namespace hostwatch::alerts {

/// The readings of a test by when they arrive, Unix seconds, with `begin` as the test's beginning. cpu, ram
/// and disk are series as others, and 1 where they are not given. A host sends nothing where all its series
/// are without a value, or one of these three is. Pure.
std::map<std::int64_t, std::vector<protocol::ReceivedReading>> trial_readings(const Trial& trial,
                                                                              std::int64_t begin);

/// Seconds until the longest series is over.
std::int64_t trial_length(const Trial& trial);

}  // namespace hostwatch::alerts
