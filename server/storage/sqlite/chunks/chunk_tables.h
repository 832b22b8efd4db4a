#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/column.h"
#include "server/storage/sqlite/database/connection.h"

namespace hostwatch::storage::sqlite {

/// The beginning of the step that the time lies in; times are not negative. INT64_MAX, which is after all of
/// them, stays what it is.
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  return time == INT64_MAX ? time : time - time % step;
}

/// Raw readings, and their roll-ups.
enum class Level : std::uint8_t { raw, minute, hour };

/// Seconds that a row of the level stands for; 0: it is a reading.
std::int64_t step_of(Level level);
/// The table of the level.
const char* table_of(Level level);
/// The lengths that the level's chunks can have, the longest first: each a multiple of the next, each chunk
/// beginning at a multiple of its length.
std::span<const std::int64_t> periods_of(Level level);

/// The length that a chunk of the level which begins at `start` says it has, where it can have it; else,
/// since its row is damaged then, the longest there is: its rows say what is in it.
std::int64_t likely_period(Level level, std::int64_t start, std::int64_t period);
/// Whether it can.
bool is_period(Level level, std::int64_t start, std::int64_t period);

/// More values than this are split into chunks of the next shorter period: so the work on one chunk stays
/// within milliseconds. Fewer for roll-ups: a chunk of theirs is written anew with every one of readings.
std::size_t most_values(Level level);

using DecimalsOf = std::function<int(std::uint32_t series)>;

/// Chunks do not tell the decimals of their series; sums are exact, and chunks small, only with them.
void restore_decimals(Level level, const DecimalsOf& decimals_of, ColumnTable& table);

/// Where in a level a time belongs.
struct Leaf {
  Level level = Level::raw;
  std::int64_t host = 0;
  std::int64_t start = 0;
  std::int64_t period = 0;  ///< seconds
  bool exists = false;      ///< there is a chunk
  bool rolled = false;      ///< see the column of that name
  std::int64_t end() const { return start + period; }
};

/// Reads and changes the tables of chunks, within the transaction of the caller. How a level's time is cut
/// into chunks depends on its readings alone, not on their order of arrival. Not thread-safe.
class ChunkTables {
 public:
  /// Told of what is kept apart as damaged.
  using DamageReport = std::function<void(Level level, std::int64_t id)>;

  ChunkTables(Connection& connection, DecimalsOf decimals_of, DamageReport report = {})
      : connection_(connection), decimals_of_(std::move(decimals_of)), report_(std::move(report)) {}

  /// The chunk that a row of that time is in, or would be in. Chunks on the way to it that cannot have the
  /// length which they say they have are put right: see mend_period().
  Leaf find_leaf(Level level, std::int64_t host, std::int64_t time);

  /// Where the level's first chunk begins; INT64_MAX: there is none.
  std::int64_t begin(Level level, std::int64_t host);
  /// The time of the level's first row, where that matters: where its first chunk ends by `from`, only where
  /// that chunk begins. INT64_MAX: there is none.
  std::int64_t first_row(Level level, std::int64_t host, std::int64_t from = INT64_MIN);
  /// The time of the chunk's first row; its beginning if it is damaged.
  std::int64_t first_row(const Leaf& leaf);
  struct Span {
    std::int64_t begin;
    std::int64_t end;
  };
  /// From the chunk's first row to the end of its last; all of its period if it is damaged.
  Span filled(const Leaf& leaf);
  /// The level's first chunk that ends after `from`; nothing: there is none.
  std::optional<Span> first_after(Level level, std::int64_t host, std::int64_t from);

  /// What the chunks hold that begin from `from` on, and before `to`.
  std::uint64_t bytes(Level level, std::int64_t host, std::int64_t from, std::int64_t to);

  /// The rows of a leaf; none if there is no chunk. One that is damaged is copied to `damaged_chunk`, logged,
  /// and reported; of roll-ups those rows come in its place that can be made of finer levels.
  struct Loaded {
    ColumnTable table;
    bool remade = false;  ///< of finer levels, as they are now
  };
  Loaded load(const Leaf& leaf);

  /// The same, but nothing of a damaged one, which stays.
  ColumnTable peek(const Leaf& leaf);

  /// Puts `table` in the place of what the leaf held, split where it is too large. Its rows must be of the
  /// leaf's period.
  void replace(const Leaf& leaf, const ColumnTable& table, bool rolled);

  /// Merges roll-ups into their level. `rows`: of all readings that there are of those times; `fresh`: the
  /// readings among them that the level does not stand for yet. A new row takes the place of an old one; but
  /// where the old one stands for readings that are gone, what is fresh is added to it. Calls `visit` with
  /// each leaf that it changed and all its rows.
  void put_roll_ups(Level level, std::int64_t host, const ColumnTable& rows, const ColumnTable& fresh,
                    const std::function<void(const Leaf& leaf, const ColumnTable& merged)>& visit);

  /// Gives a chunk the longest period that its beginning, its rows and its neighbours allow; where none does,
  /// or it is damaged, it is kept apart. Logs it.
  void mend_period(Level level, std::int64_t id);

  /// Keeps what is damaged for a rescue, and reports it. `found_in`: its table; `id`: of its row there.
  void keep_apart(Level level, const char* found_in, std::int64_t id, std::string_view bytes);

  /// Of roll-ups made of all readings that there are, those that stand for more than what the level has.
  ColumnTable beyond_stored(Level level, std::int64_t host, const ColumnTable& rows);

 private:
  ColumnTable remake(const Leaf& leaf);
  std::optional<std::int64_t> period_by_rows(Level level, std::int64_t id);
  std::vector<Leaf> leaves(Level level, std::int64_t host, std::int64_t from, std::int64_t end);
  template <typename OnDamage>
  ColumnTable read(const Leaf& leaf, const OnDamage& on_damage);
  void write(Level level, std::int64_t host, std::int64_t start, std::size_t period_index,
             const ColumnTable& table, bool rolled);

  Connection& connection_;
  DecimalsOf decimals_of_;
  DamageReport report_;
};

}  // namespace hostwatch::storage::sqlite
