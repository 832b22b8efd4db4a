#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/chunks/tail.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// Whether a reading of that time is stored, and if so, with the same values.
enum class Stored : std::uint8_t { no, same, different };

/// Looks readings up in the tail and in the chunks, for exactly-once. Times that were looked at stay in
/// memory, up to a bound: an agent that brings a backlog asks for one after the other. Not thread-safe.
class FiledReadings {
 public:
  FiledReadings(Connection& connection, const ReadingCodec& codec) : connection_(connection), codec_(codec) {}

  /// `tail`: the host's rows of the tail. Throws SQLite::Exception, StoreError.
  Stored find(std::int64_t host, const std::vector<TailRow>& tail, std::int64_t timestamp,
              std::string_view packed);

  /// The time of the host's last reading in chunks: INT64_MIN if there is none, INT64_MAX if it cannot be
  /// read. Throws SQLite::Exception.
  std::int64_t newest_in_chunks(std::int64_t host);

  /// The reading of that time, packed; nothing: it is not stored, or damaged. Throws SQLite::Exception.
  std::optional<std::string> reading_at(std::int64_t host, const std::vector<TailRow>& tail,
                                        std::int64_t timestamp);

  /// What the row of the tail says of its readings, reckoned anew; as it is where they cannot be read, or lie
  /// outside the times that it says: it is damaged then. Throws SQLite::Exception.
  TailRow reckon(std::int64_t host, const TailRow& row);

  /// The host's rows have changed.
  void forget(std::int64_t host);

  /// Rows of the tail with these numbers have gone into a chunk, whose readings end at `newest` now.
  void note_compaction(std::int64_t host, const std::vector<std::int64_t>& rows, std::int64_t newest);

 private:
  using Key = std::pair<bool, std::int64_t>;  ///< whether it is of the tail, and the row's id
  struct Known {
    Key key;
    std::vector<std::int64_t> times;
  };
  using ByKey = std::map<Key, std::list<Known>::iterator>;

  const std::vector<std::int64_t>& times_of(const Key& key);
  std::vector<std::int64_t> read_times(const Key& key);
  void visit_tail_row(std::int64_t id,
                      const std::function<void(std::int64_t timestamp, std::string_view packed)>& visit);
  Stored compare_in_tail(std::int64_t id, std::int64_t timestamp, std::string_view packed);
  Stored compare_in_chunk(std::int64_t id, std::int64_t timestamp, std::string_view packed);
  std::optional<std::int64_t> chunk_at(std::int64_t host, std::int64_t timestamp);
  ByKey::iterator drop(ByKey::iterator known);
  void drop_chunks(std::int64_t host);

  Connection& connection_;
  const ReadingCodec& codec_;
  std::list<Known> known_;  ///< the last used first
  ByKey by_key_;
  std::size_t known_times_ = 0;
  /// No chunk of the host has a later reading, so that what only comes out of its order is looked for in no
  /// chunk. As far as known.
  std::unordered_map<std::int64_t, std::int64_t> newest_in_chunks_;
  std::optional<std::pair<std::int64_t, ColumnTable>>
      open_chunk_;  ///< the last that values were compared with
};

}  // namespace hostwatch::storage::sqlite
