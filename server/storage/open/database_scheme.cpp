#include "server/storage/open/database_scheme.h"

#include "server/storage/store.h"

namespace hostwatch::storage {

StoreKind kind_of_store(const std::string& database) {
  const std::size_t scheme = database.find("://");
  if (scheme == std::string::npos) return StoreKind::sqlite;
  throw StoreError("--database: only SQLite (a path) is built in; '" + database.substr(0, scheme) +
                   "' is not");
}

}  // namespace hostwatch::storage
