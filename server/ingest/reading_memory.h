#pragma once

#include <cstddef>
#include <vector>

#include "protocol/reading.h"

namespace hostwatch::ingest {

/// Bytes that these readings take in memory: the objects, and the texts that are too long to lie inside them.
std::size_t memory_of(const std::vector<protocol::Reading>& readings);

}  // namespace hostwatch::ingest
