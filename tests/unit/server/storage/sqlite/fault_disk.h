#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace hostwatch::storage {

/// The disk under SQLite, for as long as it lives: an SQLite VFS in front of the real one that can fail its
/// operations, and that knows what a power cut would leave. Nothing is really synced: it keeps account.
/// One at a time.
class FaultDisk {
 public:
  FaultDisk();
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  /// Writes, truncations and syncs: the `nth` from now on (1: the next) and the `count` - 1 after it fail
  /// with `code`. A write fails half done.
  void fail(std::int64_t nth, std::int64_t count, int code);
  void heal() { fail(0, 0, SQLITE_OK); }
  bool has_failed() const;

  std::int64_t operations() const;

  /// Calls `then` when that many operations from now on have been done, before the next one. Reads nothing
  /// and writes nothing through SQLite.
  void after(std::int64_t operations, std::function<void()> then);

  /// What a power cut at this moment leaves of a file: all that was synced, and any part of what was not, in
  /// pieces of 512 bytes.
  std::string survives(const std::string& path, std::mt19937& random) const;

 private:
  struct Operation {
    bool is_truncation = false;
    std::size_t offset = 0;
    std::string bytes;
  };
  struct FileState {
    std::string synced;
    std::vector<Operation> since;
  };
  struct File;

  static FaultDisk& of(sqlite3_file* file);
  static sqlite3_file* real(sqlite3_file* file);
  static const sqlite3_io_methods& methods();
  static void apply(std::string& content, const Operation& operation);

  int open(const char* path, sqlite3_file* file, int flags, int* out_flags);
  int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset);
  int truncate(sqlite3_file* file, sqlite3_int64 size);
  int sync(sqlite3_file* file);
  /// SQLITE_OK, or what the next operation fails with.
  int next_operation();
  void record(const std::string& path, Operation operation);

  sqlite3_vfs* real_vfs_;
  sqlite3_vfs vfs_;
  mutable std::mutex mutex_;
  std::map<std::string, FileState> files_;
  std::int64_t operations_ = 0;
  std::int64_t fail_from_ = 0;
  std::int64_t fail_until_ = 0;
  int code_ = SQLITE_OK;
  bool has_failed_ = false;
  std::int64_t call_after_ = -1;
  std::function<void()> then_;
};

}  // namespace hostwatch::storage
