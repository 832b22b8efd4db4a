#include "server/storage/sqlite/admin/operations.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "server/storage/sqlite/admin/database_checker.h"
#include "server/storage/sqlite/database/database.h"
#include "server/storage/sqlite/database/resting_database.h"
#include "server/storage/sqlite/database/schema.h"
#include "server/storage/store.h"
#include "util/sqlite/sqlite_transaction.h"

namespace hostwatch::storage::sqlite {
namespace {

/// One that reads, never checkpoints, and knows that the file is ours.
std::unique_ptr<SQLite::Database> open_ours(const std::string& path) {
  if (!std::filesystem::exists(path)) throw StoreError("there is no database '" + path + "'");
  try {
    auto database = open_resting_database(path);
    if (database->execAndGet("PRAGMA application_id").getInt() != kApplicationId) {
      throw StoreError("'" + path + "' is a database of another program");
    }
    if (database->execAndGet("PRAGMA user_version").getInt() > kSchemaVersion) {
      throw StoreError("the database '" + path + "' was written by a newer hostwatch-server");
    }
    return database;
  } catch (const SQLite::Exception& error) {
    throw StoreError("cannot read the database '" + path + "': " + error.what());
  }
}

void sync_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) throw StoreError("cannot sync '" + path + "': " + std::strerror(error));
}

void sync_with_folder(const std::string& path) {
  sync_file(path);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  sync_file(folder.empty() ? "." : folder);
}

}  // namespace

CheckReport check_database(const std::string& path) {
  const LeftoverFiles leftovers(path);
  const auto database = open_ours(path);
  try {
    const util::SqliteTransaction one_moment(
        *database, util::SqliteTransaction::Begin::deferred);  // a server may be writing
    return DatabaseChecker(*database).run();
  } catch (const SQLite::Exception& error) {
    CheckReport report;
    report.problems.push_back(error.what());
    return report;
  }
}

void backup_database(const std::string& path, const std::string& copy) {
  const LeftoverFiles leftovers(path);
  const auto database = open_ours(path);
  // Made here, so that nobody else can read it even while it grows; SQLite takes an empty file for a new one.
  const int fd = ::open(copy.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw StoreError("cannot write the backup '" + copy + "': " + std::strerror(errno) +
                     (errno == EEXIST ? "; choose another name" : ""));
  }
  ::close(fd);
  try {
    SQLite::Statement into(*database, "VACUUM INTO ?");
    into.bind(1, copy);
    into.exec();
    sync_with_folder(copy);
  } catch (const std::exception& error) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    throw StoreError("cannot write the backup '" + copy + "': " + error.what());
  }
}

void restore_database(const std::string& backup, const std::string& path, bool accept_roll_ups) {
  const CheckReport report = check_database(backup);
  if (!report.problems.empty()) {
    throw StoreError("the backup '" + backup + "' is damaged: " + report.problems.front());
  }
  if (!report.wrong_roll_ups.empty() && !accept_roll_ups) {
    throw StoreError("the backup '" + backup + "' has wrong roll-ups, and nothing else is wrong with it: " +
                     report.wrong_roll_ups.front() + "; --accept-roll-ups restores it as it is");
  }
  const DatabaseLock lock(path);
  const std::string fresh = path + ".restoring";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  backup_database(backup, fresh);  // whole, synced, and the owner's alone, before anything is touched
  try {
    const std::string before = path + ".before-restore";
    // Its write-ahead log belongs to it and goes with it.
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::remove(before + suffix);
      if (std::filesystem::exists(path + suffix)) std::filesystem::rename(path + suffix, before + suffix);
    }
    std::filesystem::remove(path + "-shm");
    std::filesystem::rename(fresh, path);
    sync_with_folder(path);
  } catch (const std::filesystem::filesystem_error& error) {
    throw StoreError(std::string("cannot put the backup in place: ") + error.what());
  }
}

}  // namespace hostwatch::storage::sqlite
