#include "server/storage/sqlite/database/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "server/storage/sqlite/database/schema.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {
namespace {

void create_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw StoreError("cannot create the folder '" + folder.string() +
                     "' for the database: " + error.message());
  }
}

/// Creates the file, if it is not there, for its owner alone; SQLite gives its -wal and -shm the same mode. A
/// file that is there is not opened: closing it again would drop the locks of every connection of this
/// process (fcntl(2)).
void create_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw StoreError("cannot write the database '" + path + "': " + std::strerror(errno) +
                     "; choose another with --database (DATABASE_PATH)");
  }
  ::close(fd);
}

int pragma_number(SQLite::Database& database, const char* pragma) {
  return database.execAndGet(std::string("PRAGMA ") + pragma).getInt();
}

void check_is_ours(SQLite::Database& database, const std::string& path) {
  const int version = pragma_number(database, "user_version");
  const bool is_empty = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (!is_empty && pragma_number(database, "application_id") != kApplicationId) {
    throw StoreError("'" + path + "' is a database of another program; choose another file with --database");
  }
  if (version > kSchemaVersion) {
    throw StoreError("the database '" + path + "' was written by a newer hostwatch-server (schema " +
                     std::to_string(version) + ", this one knows " + std::to_string(kSchemaVersion) +
                     "); run that version, or choose another file with --database");
  }
}

}  // namespace

DatabaseLock::DatabaseLock(const std::string& database_path) : fd_(-1) {
  create_folder_of(database_path);
  const std::string path = database_path + ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    throw StoreError("cannot write '" + path + "': " + std::strerror(errno) +
                     "; choose another database with --database (DATABASE_PATH)");
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t length = ::pread(fd_, holder.data(), holder.size() - 1, 0);
    ::close(fd_);
    const std::string who = length > 0 ? " (process " + std::string(holder.data()) + ")" : "";
    throw StoreError("the database '" + database_path + "' is in use by another hostwatch-server" + who);
  }
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(fd_, 0) == 0) {
    // Only a hint for people: on a full disk the lock holds without it.
    [[maybe_unused]] const ssize_t written = ::pwrite(fd_, self.data(), self.size(), 0);
  }
}

DatabaseLock::~DatabaseLock() {
  ::close(fd_);
}

std::unique_ptr<SQLite::Database> open_for_writing(const std::string& path) {
  create_folder_of(path);
  create_file(path);
  try {
    auto database =
        std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, kBusyTimeoutMilliseconds);
    check_is_ours(*database, path);
    database->exec("PRAGMA auto_vacuum = INCREMENTAL");  // has effect in a new file alone
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = FULL");
    database->exec("PRAGMA secure_delete = OFF");
    database->exec("PRAGMA journal_size_limit = 67108864");
    database->exec("PRAGMA cache_size = -16384");
    database->exec("PRAGMA foreign_keys = OFF");
    migrate(*database, pragma_number(*database, "user_version"));
    // The writer does it between transactions, never within one: see Writer::checkpoint().
    database->exec("PRAGMA wal_autocheckpoint = 0");
    return database;
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    const std::string hint = code == SQLITE_BUSY     ? "another program has it locked"
                             : code == SQLITE_NOTADB ? "it is not an SQLite database"
                             : code == SQLITE_READONLY || code == SQLITE_CANTOPEN
                                 ? "it, or its folder, cannot be written"
                                 : error.what();
    throw StoreError("cannot open the database '" + path + "': " + hint);
  }
}

void empty_write_ahead_log(SQLite::Database& writer) {
  SQLite::Statement checkpoint(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
  if (!checkpoint.executeStep() || checkpoint.getColumn(0).getInt() != 0) {
    throw StoreError("the database is being read, and cannot be brought in order before that ends");
  }
}

std::unique_ptr<SQLite::Database> open_for_reading(const std::string& path) {
  try {
    auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, kBusyTimeoutMilliseconds);
    database->exec("PRAGMA query_only = ON");
    database->exec("PRAGMA wal_autocheckpoint = 0");
    database->exec("PRAGMA cache_size = -4096");
    return database;
  } catch (const SQLite::Exception& error) {
    throw StoreError("cannot read the database '" + path + "': " + error.what());
  }
}

}  // namespace hostwatch::storage::sqlite
