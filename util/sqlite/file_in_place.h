#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

namespace hostwatch::util {

/// False if the file of an open database was moved or removed, or another was put in its place: what is
/// written goes on to be written, to a file that no start will find (SQLITE_FCNTL_HAS_MOVED). As thread-safe
/// as the connection.
inline bool is_file_in_place(SQLite::Database& database) {
  int has_moved = 0;
  const int result = sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  return result != SQLITE_OK || has_moved == 0;
}

}  // namespace hostwatch::util
