#include "server/storage/sqlite/database/sqlite_errors.h"

#include <sqlite3.h>

namespace hostwatch::storage::sqlite {

std::string explain(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return "the disk with the database is full; free some space";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has the database locked";
    case SQLITE_READONLY:
      return "the database cannot be written: " + std::string(error.what());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the database is damaged: " + std::string(error.what()) + "; restore a backup";
    case SQLITE_IOERR:
      return "the disk with the database fails: " + std::string(error.what());
    default:
      return "the database failed: " + std::string(error.what());
  }
}

bool is_beyond_trust(const SQLite::Exception& error) {
  const int code = error.getErrorCode();
  return code == SQLITE_IOERR || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

}  // namespace hostwatch::storage::sqlite
