#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hostwatch::storage::sqlite {

/// "HWdb": tells our files from other SQLite databases.
inline constexpr std::int32_t kApplicationId = 0x48576462;

/// The schema this program writes. Raise it together with a new step in migrate().
inline constexpr int kSchemaVersion = 1;

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

/// Lends out reading connections, as many as are used at once. Thread-safe.
class ReaderPool {
 public:
  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<SQLite::Database> database)
        : pool_(&pool), database_(std::move(database)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    SQLite::Database& operator*() const { return *database_; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<SQLite::Database> database_;
  };

  Lease lend();

  /// Closes the connections that nobody is using.
  void close_idle();

 private:
  std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SQLite::Database>> idle_;
};

}  // namespace hostwatch::storage::sqlite
