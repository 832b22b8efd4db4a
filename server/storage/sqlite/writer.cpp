#include "server/storage/sqlite/writer.h"

#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <string>

#include "server/storage/sqlite/database/database.h"
#include "server/storage/sqlite/database/sqlite_errors.h"
#include "util/sqlite/file_in_place.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr int kLogPages = 1000;

/// Device and inode; none if it is not there.
std::optional<std::pair<dev_t, ino_t>> number_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

StoreError file_is_gone(const std::string& path) {
  return StoreError("the database '" + path +
                    "' or its -wal was moved or removed while the server runs; put both back, or restart the "
                    "server to go on without what was stored");
}

}  // namespace

Writer::Writer(std::string path, const ReadingCodec& codec, DamageLog& damages)
    : path_(std::move(path)), codec_(codec), damages_(damages) {
  open();
}

void Writer::open() {
  connection_ = std::make_unique<Connection>(open_for_writing(path_));
  filed_readings_ = std::make_unique<FiledReadings>(*connection_, codec_);
  compactor_ = std::make_unique<Compactor>(
      *connection_, codec_, [this](Level level, std::int64_t id) { damages_.note(level, id); });
  log_file_ = number_of_file(path_ + "-wal");
  looked_for_file_ = INT64_MIN / 2;
  sync_ = Sync::at_once;
  log_pages_ = 0;
  const auto note = [](void* pages, sqlite3*, const char*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection_->database().getHandle(), note, &log_pages_);
}

void Writer::require_file() const {
  if (!number_of_file(path_)) throw file_is_gone(path_);
}

/// After an I/O error nothing that is believed in memory can be trusted: a transaction whose sync failed may
/// be in the file all the same. So start afresh from the file, as after a kill. And after a failed sync the
/// kernel takes the write-ahead log's pages for written though they are not: what is in it is written anew,
/// to the database file, before anything else is acknowledged, or a power cut could take all that follows the
/// hole.
void Writer::reopen() {
  compactor_.reset();
  filed_readings_.reset();
  connection_.reset();
  open();
  try {
    empty_write_ahead_log(connection_->database());
  } catch (const SQLite::Exception& error) {
    throw StoreError(explain(error));
  }
}

void Writer::note_error(const SQLite::Exception& error) {
  is_broken_ = is_beyond_trust(error);
}

/// Everything would go on well, and be lost with the next start. A connection that is opened later makes a
/// write-ahead log of its own where there is none, so that its number tells.
void Writer::look_for_file() const {
  if (util::is_file_in_place(connection_->database()) && number_of_file(path_ + "-wal") == log_file_) return;
  throw file_is_gone(path_);
}

void Writer::look_for_file_now_and_then(std::int64_t now) {
  if (now == looked_for_file_) return;
  look_for_file();
  looked_for_file_ = now;
}

void Writer::in_transaction(Sync sync, const std::function<void()>& work) {
  if (sync == Sync::later) may_have_free_pages_ = true;  // what keeps house is what deletes
  try {
    // NORMAL leaves the sync out. The WAL is one sequence: a later transaction that is on disk has this one
    // before it, so that what is dropped from the journal is never dropped without what was filed in its
    // place.
    if (sync != sync_)
      connection_->database().exec(sync == Sync::later ? "PRAGMA synchronous = NORMAL"
                                                       : "PRAGMA synchronous = FULL");
    sync_ = sync;
    statement("BEGIN IMMEDIATE").exec();
    work();
    // A statement half way would keep the connection reading when the transaction is over, and the log from
    // being emptied.
    connection_->reset_statements();
    statement("COMMIT").exec();
  } catch (const SQLite::Exception& error) {
    // Before anything that may fail for want of memory.
    is_broken_ = is_beyond_trust(error);
    // What the rows contradict is of the host whose they are; all else would fail for any.
    const bool is_of_rows = error.getErrorCode() == SQLITE_CONSTRAINT;
    roll_back();
    if (is_of_rows) throw StoreError(explain(error));
    throw DiskError(explain(error));
  } catch (...) {
    roll_back();
    throw;
  }
}

/// Some errors roll back by themselves; only SQLite knows. Where it cannot be done for want of memory, the
/// connection goes, and the transaction with it.
void Writer::roll_back() {
  sqlite3* handle = connection_->database().getHandle();
  connection_->reset_statements();
  if (sqlite3_get_autocommit(handle) == 0) connection_->database().tryExec("ROLLBACK");
  if (sqlite3_get_autocommit(handle) == 0) is_broken_ = true;
}

bool Writer::checkpoint() {
  if (log_pages_ < kLogPages) return false;
  log_pages_ = 0;
  connection_->reset_statements();
  try {
    connection_->database().exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch (const SQLite::Exception& error) {
    is_broken_ = true;
    throw StoreError(std::string("the disk with the database fails: ") + error.what());
  }
  return true;
}

std::int64_t Writer::query_integer(const char* sql) {
  SQLite::Statement& pragma = statement(sql);
  const std::int64_t value = pragma.executeStep() ? pragma.getColumn(0).getInt64() : 0;
  pragma.tryReset();
  return value;
}

}  // namespace hostwatch::storage::sqlite
