#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "server/storage/store.h"

namespace hostwatch::storage {

/// What became of an import.
struct ImportReport {
  std::uint64_t accepted = 0;         ///< readings that are stored now
  std::uint64_t duplicates = 0;       ///< that were stored already
  std::uint64_t refused = 0;          ///< lines and readings that cannot be taken
  std::vector<std::string> problems;  ///< why; the first of them, with their lines
};

/// Stores the readings of an export (reading_csv.h): lines of one host and time that follow each other are
/// one reading, held to the same rules as one that is posted. `now`: Unix seconds. Throws StoreError: what
/// was counted until then is stored.
ImportReport import_readings(std::istream& in, Store& store, std::int64_t now);

}  // namespace hostwatch::storage
