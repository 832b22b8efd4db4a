#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/storage/chunk/column_codec.h"

namespace hostwatch::storage::sqlite {

/// A connection to the database, the statements that were prepared on it, and a codec for the chunks that
/// come over it. Not thread-safe.
class Connection {
 public:
  explicit Connection(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}

  SQLite::Database& database() const { return *database_; }
  ColumnCodec& codec() { return codec_; }

  /// The prepared statement, reset. `sql` must be a literal: it is known by its address.
  SQLite::Statement& statement(const char* sql);

  /// Leaves no statement half way; for after an error.
  void reset_statements();

 private:
  std::unique_ptr<SQLite::Database> database_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
  ColumnCodec codec_;
};

/// Lends out reading connections, as many as are used at once. Thread-safe.
class ReaderPool {
 public:
  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  /// Throws StoreError.
  Lease lend();

  /// Closes the connections that nobody is using.
  void close_idle();

 private:
  std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

/// The bytes of a column of the present row; valid until the statement goes on.
inline std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace hostwatch::storage::sqlite
