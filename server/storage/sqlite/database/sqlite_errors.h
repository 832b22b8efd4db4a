#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// The disk, or the database as a whole, fails: nothing can be written, whichever host it is about. A
/// StoreError that is none is about the rows of one host.
class DiskError : public StoreError {
 public:
  using StoreError::StoreError;
};

/// What the operator is told, by SQLite's result code.
std::string explain(const SQLite::Exception& error);

/// The connection, or what is known of the file, can no longer be relied on.
bool is_beyond_trust(const SQLite::Exception& error);

}  // namespace hostwatch::storage::sqlite
