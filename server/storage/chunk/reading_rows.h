#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "server/storage/store.h"

namespace hostwatch::storage {

/// Called for each reading; its values ascend by series.
using RowVisitor = std::function<void(std::int64_t timestamp, std::span<const StoredValue> values)>;

/// What hands out the parts of a host's history: Store::read(), or the like of it.
using PartReader = std::function<void(const ReadRequest& request, const PartVisitor& visit)>;

/// Visits the readings of a range in order of time, without what is kept as roll-ups alone. Holds them all in
/// memory: for ranges of a day or so. Throws StoreError.
void read_readings(const PartReader& read, ReadRequest request, const RowVisitor& visit);
void read_readings(const Store& store, ReadRequest request, const RowVisitor& visit);

}  // namespace hostwatch::storage
