#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/storage/chunk/chunk.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// Reads chunks of one table in part (sqlite3_blob_open): the head, the times, and the columns that are
/// wanted. Within a transaction. Not thread-safe.
class ChunkBlob {
 public:
  ChunkBlob(Connection& connection, const char* table) : connection_(connection), table_(table) {}
  ~ChunkBlob();
  ChunkBlob(const ChunkBlob&) = delete;
  ChunkBlob& operator=(const ChunkBlob&) = delete;

  /// Turns to the chunk of that id and reads its head. Throws ColumnDamaged, SQLite::Exception.
  const ChunkHead& open(std::int64_t id);

  /// The open chunk's times. Throws ColumnDamaged, SQLite::Exception.
  void read_times(std::vector<std::int64_t>& times);

  /// Rows of one column of the open chunk. Throws ColumnDamaged, SQLite::Exception.
  void read_column(const ChunkHead::Place& place, RowRange rows, Column& column);

 private:
  std::string_view bytes(std::size_t offset, std::size_t size);
  void check(int result) const;

  Connection& connection_;
  const char* table_;
  sqlite3_blob* handle_ = nullptr;
  std::size_t size_ = 0;
  ChunkHead head_;
  std::string front_;  ///< the first bytes of the open chunk
  std::string part_;
};

}  // namespace hostwatch::storage::sqlite
