#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/storage/store.h"

namespace hostwatch::storage {

/// What every kind of store is opened with.
struct StoreOptions {
  std::string database;  ///< a path: SQLite's file, made if it is not there
  Retention retention;
  /// What the database may hold, bytes: beyond it the hosts that hold most lose their oldest, readings before
  /// roll-ups. 0: as much as comes.
  std::uint64_t max_database_bytes = 0;
  /// For readings that the operator imports: the names of a host are reckoned by the days of its readings,
  /// and not bounded by the hour.
  bool trusts_readings = false;
};

/// Opens or creates the store that `options.database` names; it is the only one on that database until it is
/// destroyed. Throws StoreError: a kind that is not built in, or what the text tells the operator to mend.
std::unique_ptr<Store> open_store(const StoreOptions& options);

}  // namespace hostwatch::storage
