#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/compactor.h"
#include "server/storage/sqlite/chunks/filed_readings.h"
#include "server/storage/sqlite/damage_log.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// The one connection that writes, with what works on it; its transactions, and whether it can still be
/// trusted. For one thread.
class Writer {
 public:
  /// When a transaction must be on disk.
  enum class Sync : std::uint8_t {
    at_once,  ///< when it returns
    later     ///< with the next one that must: for work that the journal can do over again
  };

  /// Opens or creates the database. Throws StoreError.
  Writer(std::string path, const ReadingCodec& codec, DamageLog& damages);

  Connection& connection() { return *connection_; }
  SQLite::Database& database() { return connection_->database(); }
  FiledReadings& filed_readings() { return *filed_readings_; }
  Compactor& compactor() { return *compactor_; }
  SQLite::Statement& statement(const char* sql) { return connection_->statement(sql); }

  /// Does the work as one transaction; if it throws, nothing of it is in the database. Throws DiskError,
  /// StoreError and what the work throws.
  void in_transaction(Sync sync, const std::function<void()>& work);

  /// Brings memory up to what is in the file by now. Where memory is wanting for that, what is known is not
  /// what is stored: it is read anew before anything else is written.
  template <typename Work>
  void after_commit(const Work& work) {
    try {
      work();
    } catch (...) {
      is_broken_ = true;
      throw;
    }
  }

  /// Of an error outside a transaction.
  void note_error(const SQLite::Exception& error);

  /// After an I/O error, or where memory is not what the file is: to be opened again before the next piece of
  /// work, and what is in memory read anew.
  bool is_broken() const { return is_broken_; }
  /// Throws StoreError if the file is gone: an empty one would be made in its place.
  void require_file() const;
  /// Opens the database again and brings everything from the write-ahead log into the file. Throws
  /// StoreError.
  void reopen();
  /// What is in memory is what is in the file.
  void trust_again() { is_broken_ = false; }

  /// Throws StoreError if the file, or its write-ahead log, is not in its place any more.
  void look_for_file() const;
  /// The same, once a second.
  void look_for_file_now_and_then(std::int64_t now);

  /// A passive checkpoint, if the write-ahead log is long: between transactions, so that it is a piece of its
  /// own and no commit waits for it. True if there was any.
  bool checkpoint();

  /// The first value of the first row; 0 if there is none. `sql`: a literal.
  std::int64_t query_integer(const char* sql);

  /// There may be more free pages than when that was set to false: something may have been deleted since.
  bool may_have_free_pages() const { return may_have_free_pages_; }
  void set_no_free_pages() { may_have_free_pages_ = false; }

 private:
  void open();
  void roll_back();

  const std::string path_;
  const ReadingCodec& codec_;
  DamageLog& damages_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<FiledReadings> filed_readings_;
  std::unique_ptr<Compactor> compactor_;
  Sync sync_ = Sync::at_once;                        ///< what the connection is set to
  std::optional<std::pair<dev_t, ino_t>> log_file_;  ///< device and inode of the write-ahead log
  std::int64_t looked_for_file_ = INT64_MIN / 2;
  int log_pages_ = 0;  ///< in the write-ahead log
  bool is_broken_ = false;
  bool may_have_free_pages_ = true;
};

}  // namespace hostwatch::storage::sqlite
