#pragma once

#include <cstdint>
#include <functional>
#include <unordered_set>

#include "server/storage/chunk/chunk.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// Looks at everything that is stored, a small piece at a time, and notes in the codec's NamesInUse to which
/// series and layouts it refers. It looks in the order in which readings move (journal, tail, chunks of
/// readings, of minutes, of hours, what is set aside as damaged), so that nothing passes it by between two
/// pieces. The journal counts though its readings may be filed: after a start they are compared with it. What
/// cannot be read refers to nothing: a number never comes to mean something else. Not thread-safe.
class ReferenceScan {
 public:
  ReferenceScan(Connection& connection, ReadingCodec& codec) : connection_(connection), codec_(codec) {}

  /// One piece; false once all has been looked at. Throws SQLite::Exception.
  bool next();

 private:
  enum class Place : std::uint8_t { journal, tail, filed, raw, minute, hour, damaged, end };
  std::size_t scan_journal();
  std::size_t scan_tail();
  std::size_t scan_blocks(const char* sql, const std::function<bool(std::int64_t host)>& counts);
  std::size_t scan_filed();
  std::size_t scan_chunks(Level level);
  std::size_t scan_damaged();
  void note_columns(const ChunkHead& head, bool are_roll_ups);

  Connection& connection_;
  ReadingCodec& codec_;
  std::unordered_set<std::int64_t> hosts_;  ///< ids: what the journal has of others is never read any more
  Place place_ = Place::journal;
  std::int64_t after_ = -1;  ///< id of the last row of the place that was looked at
};

}  // namespace hostwatch::storage::sqlite
