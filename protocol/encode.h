#pragma once

#include <span>
#include <string>

#include "protocol/reading.h"

namespace hostwatch::protocol {

/// The reading as one JSON object (RFC 8259) as the server's POST /metrics takes it. Samples of one metric
/// are written together; their order otherwise is kept. Text that is not valid UTF-8 is repaired, never
/// thrown on. Values that are not finite are left out, as JSON has no way to say them.
std::string encode_reading(const Reading& reading);

/// The readings as one JSON array.
std::string encode_readings(std::span<const Reading> readings);

}  // namespace hostwatch::protocol
