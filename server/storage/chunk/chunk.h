#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/chunk/column_codec.h"
#include "server/storage/column.h"

namespace hostwatch::storage {

/// A chunk: a host's rows of some period as bytes. A head (with its checksum) says where each column lies, so
/// that a query reads the columns that it wants and no others.
///
///   version (1 byte), rows, columns, first time, last time, bytes of the times' column (varints),
///   for each column: series (difference to the one before), bytes of presence, bytes of values (varints);
///   CRC-32 of all this; then the times' column, then each series' presence and values (ColumnCodec).
std::string write_chunk(const ColumnTable& table, ColumnCodec& codec);

/// The head of a chunk.
class ChunkHead {
 public:
  struct Place {
    std::uint32_t series = 0;
    std::size_t offset = 0;          ///< from the chunk's first byte: presence, then values
    std::size_t presence_bytes = 0;  ///< 0: every row has a value
    std::size_t value_bytes = 0;
  };

  /// How many bytes from the front are enough for any head of so many columns.
  static std::size_t enough_bytes(std::size_t columns) { return 64 + columns * 15; }

  /// Reads it off the front of a chunk. Nothing if `front` is too short for it. Throws ColumnDamaged.
  static std::optional<ChunkHead> parse(std::string_view front);

  std::size_t rows() const { return rows_; }
  std::int64_t first() const { return first_; }
  std::int64_t last() const { return last_; }
  std::size_t times_offset() const { return times_offset_; }
  std::size_t times_bytes() const { return times_bytes_; }
  const std::vector<Place>& places() const { return places_; }  ///< ascending by series
  const Place* find(std::uint32_t series) const;

 private:
  std::size_t rows_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  std::size_t times_offset_ = 0;
  std::size_t times_bytes_ = 0;
  std::vector<Place> places_;
};

/// The times of a chunk, given the bytes of that column. Throws ColumnDamaged if they are not ascending or
/// not as many as the head says.
void read_times(const ChunkHead& head, std::string_view bytes, ColumnCodec& codec,
                std::vector<std::int64_t>& times);

/// Rows of a chunk, from number `begin` up to, not including, `end`.
struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The rows of one column, given its bytes (presence, then values). Throws ColumnDamaged.
void read_column(const ChunkHead& head, const ChunkHead::Place& place, std::string_view bytes, RowRange rows,
                 ColumnCodec& codec, Column& column);

/// A whole chunk. Throws ColumnDamaged.
ColumnTable read_chunk(std::string_view bytes, ColumnCodec& codec);

}  // namespace hostwatch::storage
