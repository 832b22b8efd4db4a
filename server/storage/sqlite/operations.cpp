#include "server/storage/sqlite/operations.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>

#include "server/storage/reading_codec.h"
#include "server/storage/sqlite/database.h"
#include "server/storage/sqlite/journal_block.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kMostProblems = 100;

std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

/// One that reads, never checkpoints, and knows that the file is ours.
std::unique_ptr<SQLite::Database> open_ours(const std::string& path) {
  if (!std::filesystem::exists(path)) throw StoreError("there is no database '" + path + "'");
  try {
    constexpr int kBusyTimeoutMilliseconds = 5000;
    auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, kBusyTimeoutMilliseconds);
    database->exec("PRAGMA wal_autocheckpoint = 0");
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

/// Collects problems, and what the readings are decoded with.
class Checker {
 public:
  explicit Checker(SQLite::Database& database) : database_(database) {}

  CheckReport run() {
    check_pages();
    if (!report_.problems.empty()) return report_;  // what the rows say means nothing then
    load_dictionaries();
    check_filed();
    check_journal();
    return report_;
  }

 private:
  void problem(const std::string& text) {
    if (report_.problems.size() < kMostProblems) report_.problems.push_back(text);
  }

  void check_pages() {
    SQLite::Statement pages(database_, "PRAGMA integrity_check");
    while (pages.executeStep()) {
      const std::string line = pages.getColumn(0).getString();
      if (line != "ok") problem(line);
    }
  }

  void load_dictionaries() {
    SQLite::Statement series(database_, "SELECT metric, instance, decimals FROM series ORDER BY id");
    while (series.executeStep()) {
      codec_.series.add(series.getColumn(0).getString(), series.getColumn(1).getString(),
                        series.getColumn(2));
    }
    report_.series = codec_.series.size();
    SQLite::Statement layouts(database_, "SELECT series FROM layout ORDER BY id");
    while (layouts.executeStep()) codec_.layouts.add(std::string(blob(layouts.getColumn(0))));
    SQLite::Statement hosts(database_, "SELECT count(*) FROM host");
    hosts.executeStep();
    report_.hosts = static_cast<std::uint64_t>(hosts.getColumn(0).getInt64());
  }

  void check_reading(std::int64_t host, std::int64_t timestamp, std::string_view packed) {
    try {
      codec_.decode(packed, values_);
    } catch (const StoreError& error) {
      problem("the reading of host " + std::to_string(host) + " at " + std::to_string(timestamp) + ": " +
              error.what());
    }
  }

  void check_filed() {
    SQLite::Statement rows(database_, "SELECT host, timestamp, packed FROM reading");
    while (rows.executeStep()) {
      ++report_.filed;
      check_reading(rows.getColumn(0), rows.getColumn(1), blob(rows.getColumn(2)));
    }
  }

  void check_journal() {
    SQLite::Statement rows(database_, "SELECT sequence, readings FROM journal ORDER BY sequence");
    while (rows.executeStep()) {
      try {
        read_journal_block(blob(rows.getColumn(1)),
                           [this](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
                             ++report_.journal;
                             check_reading(host, timestamp, packed);
                           });
      } catch (const StoreError& error) {
        problem("row " + std::to_string(rows.getColumn(0).getInt64()) + " of the journal: " + error.what());
      }
    }
  }

  SQLite::Database& database_;
  CheckReport report_;
  ReadingCodec codec_;
  std::vector<StoredValue> values_;
};

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
  const auto database = open_ours(path);
  try {
    SQLite::Transaction one_moment(*database);  // a server may be writing
    return Checker(*database).run();
  } catch (const SQLite::Exception& error) {
    CheckReport report;
    report.problems.push_back(error.what());
    return report;
  }
}

void backup_database(const std::string& path, const std::string& copy) {
  const auto database = open_ours(path);
  // Made here, so that nobody else can read it even while it grows; SQLite takes an empty file for a new one.
  const int fd = ::open(copy.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) throw StoreError("cannot write the backup '" + copy + "': " + std::strerror(errno));
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

void restore_database(const std::string& backup, const std::string& path) {
  const CheckReport report = check_database(backup);
  if (!report.problems.empty()) {
    throw StoreError("the backup '" + backup + "' is damaged: " + report.problems.front());
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
