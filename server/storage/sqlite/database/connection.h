#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/storage/chunk/column_codec.h"
#include "util/mutex.h"

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

  using Connections = std::list<Connection>;  // they go from one to another without memory

  class Lease {
   public:
    /// `connection`: one.
    Lease(ReaderPool& pool, Connections connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() { return connection_.front(); }
    Connection* operator->() { return &connection_.front(); }

   private:
    ReaderPool* pool_;
    Connections connection_;
  };

  /// Throws StoreError.
  Lease lend();

  /// Closes the connections that nobody is using.
  void close_idle();

 private:
  const std::string path_;
  util::Mutex mutex_;
  Connections idle_ GUARDED_BY(mutex_);
};

/// The bytes of a column of the present row; valid until the statement goes on.
inline std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace hostwatch::storage::sqlite
