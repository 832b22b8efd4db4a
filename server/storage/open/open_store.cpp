#include "server/storage/open/open_store.h"

#include "server/storage/open/database_scheme.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage {
namespace {

std::unique_ptr<Store> open_sqlite(const StoreOptions& options) {
  sqlite::SqliteOptions file;
  file.path = options.database;
  file.retention = options.retention;
  file.max_database_bytes = options.max_database_bytes;
  file.trusts_readings = options.trusts_readings;
  return std::make_unique<sqlite::SqliteStore>(std::move(file));
}

}  // namespace

std::unique_ptr<Store> open_store(const StoreOptions& options) {
  switch (kind_of_store(options.database)) {
    case StoreKind::sqlite:
      break;
  }
  return open_sqlite(options);
}

}  // namespace hostwatch::storage
