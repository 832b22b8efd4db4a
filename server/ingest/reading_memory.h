#pragma once

#include <cstddef>
#include <vector>

#include "protocol/received_reading.h"

namespace hostwatch::ingest {

/// Bytes that these readings take in memory: the objects, the texts that are too long to lie inside them,
/// and layouts, once where one reading follows another alike.
std::size_t memory_of(const std::vector<protocol::ReceivedReading>& readings);

}  // namespace hostwatch::ingest
