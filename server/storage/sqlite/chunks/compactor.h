#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/chunks/tail.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// What one piece of compaction did to a host's tail.
struct CompactionPiece {
  std::vector<std::int64_t> removed;  ///< numbers of rows of the tail
  std::vector<TailRow> added;         ///< rows that were split at the borders of chunks
  std::int64_t next_number = 0;       ///< of the host's next row
  std::int64_t readings = 0;          ///< that are in the tail no more
  std::int64_t leaf_rows = 0;         ///< rows of the chunk that they are in
  std::int64_t newest = INT64_MIN;    ///< its last reading's time
  std::int64_t leaf_period = kDay;
};

/// Turns readings of the tail into chunks and roll-ups, and chunks that are no longer kept into nothing,
/// within the transaction of the caller. Every piece is small, and a reading is in the tail or in a chunk,
/// never in both. Not thread-safe.
class Compactor {
 public:
  /// `report`: see ChunkTables.
  Compactor(Connection& connection, const ReadingCodec& codec, ChunkTables::DamageReport report);

  /// One piece of the host's tail: the oldest readings and what lies in the same chunk. Nothing of an empty
  /// one.
  CompactionPiece compact(std::int64_t host, const std::vector<TailRow>& tail, std::int64_t next_number);

  /// What expire() has done.
  struct Expiry {
    std::size_t chunks = 0;  ///< that were deleted or cut
    std::int64_t end = 0;    ///< the level has nothing any more before this; if there are chunks
  };

  /// Deletes up to `most` chunks of a level whose period ends by `before`, or by `cut`; of the chunk in which
  /// `cut` lies, what is before it (at whole hours, where another level continues in hours). Readings whose
  /// minutes are not rolled up yet are so first, from `minutes_from` on. No reading of a time that is deleted
  /// may be in the tail or in memory.
  Expiry expire(Level level, std::int64_t host, std::int64_t before, std::int64_t cut, std::size_t most,
                std::int64_t minutes_from = 0);

  /// Whether minutes would take less than the readings of the chunk that they were made of.
  bool are_minutes_smaller(const Leaf& readings);

  /// Makes those roll-ups of the chunk's rows (readings, or minutes) anew that stand for less than them.
  /// Returns how many.
  std::size_t mend_roll_ups(const Leaf& leaf);

  ChunkTables& tables() { return tables_; }

 private:
  struct Reading {
    std::int64_t timestamp;
    std::string packed;
    std::int64_t row;  ///< number of the row of the tail that it was in
  };
  std::vector<Reading> take_rows(std::int64_t host, const std::vector<const TailRow*>& rows);
  void split_row(std::int64_t host, const TailRow& row, const Leaf& leaf, CompactionPiece& piece);
  void keep_apart(std::int64_t host, std::int64_t number, std::string_view bytes);
  ColumnTable columns_of(std::int64_t host, const std::vector<Reading>& readings);
  std::vector<Leaf> chunks_until(Level level, std::int64_t host, std::int64_t end, std::size_t most);
  void roll_up_readings(const Leaf& leaf, const ColumnTable& fresh, const ColumnTable& merged, bool rolled);
  void delete_rows(const Leaf& leaf, std::int64_t before, std::int64_t minutes_from);

  Connection& connection_;
  const ReadingCodec& codec_;
  ChunkTables tables_;
};

}  // namespace hostwatch::storage::sqlite
