#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <string>

namespace hostwatch::storage::sqlite {

/// How long one connection waits for what another one holds.
inline constexpr int kBusyTimeoutMilliseconds = 5000;

/// Holds an advisory lock (flock(2)) on `PATH.lock` for as long as it lives: one program a database.
class DatabaseLock {
 public:
  /// Throws StoreError naming the program that holds it.
  explicit DatabaseLock(const std::string& database_path);
  ~DatabaseLock();
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;

 private:
  int fd_;
};

/// Opens the one connection that writes and checkpoints: WAL, synchronous=FULL, schema brought up to date.
/// Creates the file and its folder, readable by the owner alone. Throws StoreError saying what to do: folder
/// not writable, not a database of ours, written by a newer version, locked by another program.
std::unique_ptr<SQLite::Database> open_for_writing(const std::string& path);

/// Brings everything from the write-ahead log into the database file, synced, and empties the log. Waits for
/// readers up to the busy timeout. Throws StoreError or SQLite::Exception.
void empty_write_ahead_log(SQLite::Database& writer);

/// Opens a connection that can only read and never checkpoints (SQLite before 3.51.3 can corrupt a WAL
/// database when two connections do). Throws StoreError.
std::unique_ptr<SQLite::Database> open_for_reading(const std::string& path);

}  // namespace hostwatch::storage::sqlite
