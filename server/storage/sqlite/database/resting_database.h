#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

namespace hostwatch::storage::sqlite {

/// For commands that only read a database, on which a server may be running or none: what SQLite puts beside
/// it for the reader alone (-wal, -shm) is removed at the end, as a connection that only reads leaves it
/// there. To be destroyed after the connection. Not thread-safe.
class LeftoverFiles {
 public:
  explicit LeftoverFiles(std::string path);
  ~LeftoverFiles();
  LeftoverFiles(const LeftoverFiles&) = delete;
  LeftoverFiles& operator=(const LeftoverFiles&) = delete;

 private:
  std::string path_;
  bool had_log_;
  bool had_index_;
};

/// Opens a connection that can only read and never checkpoints, also where the folder cannot be written: a
/// copy on a medium, or somebody else's. A database in WAL mode needs files beside it; where they cannot be
/// made and there is no log, nobody writes to it and it is read as a file that does not change. Throws
/// StoreError: with what to do if there is a log, which would be missed then.
std::unique_ptr<SQLite::Database> open_resting_database(const std::string& path);

}  // namespace hostwatch::storage::sqlite
