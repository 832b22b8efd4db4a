#include "server/storage/sqlite/database/resting_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "server/storage/sqlite/database/database.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {
namespace {

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool is_empty_or_missing(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error || size == 0;
}

/// Reads a first page, which is when SQLite wants its other files.
void touch(SQLite::Database& database) {
  database.exec("PRAGMA wal_autocheckpoint = 0");
  database.execAndGet("PRAGMA schema_version");
}

/// "/a b?.db" -> "file:///a%20b%3F.db?immutable=1" (sqlite.org/uri.html).
std::string immutable_uri(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "/-_.~";
  std::string uri = "file://";
  for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          kPlain.find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) {
      uri += c;
    } else {
      uri.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return uri + "?immutable=1";
}

/// Holds the lock that a server would take first, if there has ever been one; false if one is running.
class NoServer {
 public:
  explicit NoServer(const std::string& path) : fd_(::open((path + ".lock").c_str(), O_RDWR | O_CLOEXEC)) {
    is_sure_ = fd_ >= 0 ? ::flock(fd_, LOCK_EX | LOCK_NB) == 0 : errno == ENOENT;
  }
  ~NoServer() {
    if (fd_ >= 0) ::close(fd_);
  }
  NoServer(const NoServer&) = delete;
  NoServer& operator=(const NoServer&) = delete;
  bool is_sure() const { return is_sure_; }

 private:
  int fd_;
  bool is_sure_ = false;
};

}  // namespace

LeftoverFiles::LeftoverFiles(std::string path)
    : path_(std::move(path)), had_log_(is_there(path_ + "-wal")), had_index_(is_there(path_ + "-shm")) {}

LeftoverFiles::~LeftoverFiles() {
  if (had_index_) return;
  const bool is_log_ours = !had_log_ && is_there(path_ + "-wal");
  if (!is_log_ours && !is_there(path_ + "-shm")) return;
  const NoServer no_server(path_);  // one that has started meanwhile uses them
  if (!no_server.is_sure() || (is_log_ours && !is_empty_or_missing(path_ + "-wal"))) return;
  std::error_code ignored;
  std::filesystem::remove(path_ + "-shm", ignored);
  if (is_log_ours) std::filesystem::remove(path_ + "-wal", ignored);
}

std::unique_ptr<SQLite::Database> open_resting_database(const std::string& path) {
  try {
    try {
      auto database =
          std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, kBusyTimeoutMilliseconds);
      touch(*database);
      return database;
    } catch (const SQLite::Exception& error) {
      const int code = error.getErrorCode();
      if ((code != SQLITE_READONLY && code != SQLITE_CANTOPEN) || !is_there(path)) throw;
    }
    if (!is_empty_or_missing(path + "-wal")) {
      throw StoreError("cannot read the database '" + path + "' here: what is in '" + path +
                       "-wal' needs a folder that can be written; copy both "
                       "files to one");
    }
    auto database = std::make_unique<SQLite::Database>(
        immutable_uri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, kBusyTimeoutMilliseconds);
    touch(*database);
    return database;
  } catch (const SQLite::Exception& error) {
    throw StoreError("cannot read the database '" + path + "': " + error.what());
  }
}

}  // namespace hostwatch::storage::sqlite
