#include "server/storage/sqlite/chunks/compactor.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/storage/chunk/column_table.h"
#include "server/storage/chunk/roll_up.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/chunk_blob.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

/// Packed readings that one piece takes: with this, and what it is merged into, it stays within milliseconds.
constexpr std::int64_t kPieceBytes = 192L * 1024;

/// Of readings that come more rarely, the minutes would take nearly as much space as the readings; they are
/// rolled up when the readings are no longer kept.
constexpr std::size_t kDenseReadingsAMinute = 8;
/// A minute's sum, minimum and maximum take as much as three readings, its count hardly anything: where there
/// are fewer than so many readings a minute, their minutes take as much, or more.
constexpr std::size_t kFewReadingsAMinute = 4;

std::size_t count_buckets(const std::vector<std::int64_t>& times, std::int64_t step) {
  std::size_t count = 0;
  std::int64_t previous = -1;
  for (const std::int64_t time : times) {
    const std::int64_t bucket = floor_to(time, step);
    if (bucket != previous) ++count;
    previous = bucket;
  }
  return count;
}

/// Chunks shorter than an hour need it: the hour's roll-up is made from the minutes then.
bool may_split_an_hour(const ColumnTable& table) {
  std::size_t rows = 0;
  std::int64_t hour = -1;
  for (const std::int64_t time : table.times) {
    rows = floor_to(time, kHour) == hour ? rows + 1 : 1;
    hour = floor_to(time, kHour);
    if (rows * table.columns.size() > most_values(Level::raw)) return true;
  }
  return false;
}

bool rolls_minutes(const Leaf& leaf, const ColumnTable& merged) {
  if (leaf.rolled || leaf.period < kHour) return true;
  return merged.times.size() >= kDenseReadingsAMinute * count_buckets(merged.times, kMinute) ||
         may_split_an_hour(merged);
}

/// Which rows of `table` are in a bucket in which `touched` has a row. Both ascend.
std::vector<bool> rows_touched(const ColumnTable& table, const std::vector<std::int64_t>& touched,
                               std::int64_t step) {
  std::vector<bool> wanted;
  wanted.reserve(table.times.size());
  auto next = touched.begin();
  for (const std::int64_t time : table.times) {
    const std::int64_t bucket = floor_to(time, step);
    while (next != touched.end() && floor_to(*next, step) < bucket) ++next;
    wanted.push_back(next != touched.end() && floor_to(*next, step) == bucket);
  }
  return wanted;
}

ColumnTable touched_buckets(const ColumnTable& table, const std::vector<std::int64_t>& touched,
                            std::int64_t step) {
  // Nearly always the newest ones.
  const std::int64_t from = floor_to(touched.front(), step);
  ColumnTable part = slice_rows(table, from, INT64_MAX);
  const std::vector<bool> wanted = rows_touched(part, touched, step);
  if (std::find(wanted.begin(), wanted.end(), false) == wanted.end()) return part;
  return select_rows(part, wanted);
}

}  // namespace

Compactor::Compactor(Connection& connection, const ReadingCodec& codec, ChunkTables::DamageReport report)
    : connection_(connection),
      codec_(codec),
      tables_(
          connection, [&codec](std::uint32_t series) { return codec.decimals(series); }, std::move(report)) {}

CompactionPiece Compactor::compact(std::int64_t host, const std::vector<TailRow>& tail,
                                   std::int64_t next_number) {
  CompactionPiece piece;
  piece.next_number = next_number;
  if (tail.empty()) return piece;
  const TailRow& oldest = *std::min_element(tail.begin(), tail.end(),
                                            [](const auto& a, const auto& b) { return a.first < b.first; });
  const Leaf leaf = tables_.find_leaf(Level::raw, host, oldest.first);
  piece.leaf_period = leaf.period;
  if (oldest.last >= leaf.end()) {
    split_row(host, oldest, leaf, piece);
    return piece;
  }
  std::vector<const TailRow*> rows;
  std::int64_t bytes = 0;
  for (const TailRow& row : tail) {
    if (row.first < leaf.start || row.last >= leaf.end()) continue;
    if (!rows.empty() && bytes + row.bytes > kPieceBytes) break;
    bytes += row.bytes;
    rows.push_back(&row);
    piece.removed.push_back(row.number);
    piece.readings += row.readings;
  }
  const ColumnTable fresh = columns_of(host, take_rows(host, rows));
  if (fresh.times.empty()) return piece;  // all were damaged
  const ColumnTable merged = merge_tables(fresh, tables_.load(leaf).table);
  const bool rolled = rolls_minutes(leaf, merged);
  tables_.replace(leaf, merged, rolled);
  roll_up_readings(leaf, fresh, merged, rolled);
  piece.leaf_rows = static_cast<std::int64_t>(merged.times.size());
  piece.newest = merged.times.back();
  return piece;
}

/// Reads the rows and deletes them. Of one that is damaged what comes before the damage is taken.
std::vector<Compactor::Reading> Compactor::take_rows(std::int64_t host,
                                                     const std::vector<const TailRow*>& rows) {
  std::vector<Reading> readings;
  for (const TailRow* row : rows) {
    SQLite::Statement& select = connection_.statement("SELECT block FROM tail WHERE id = ?");
    select.bind(1, row_id(host, row->number));
    if (select.executeStep()) {
      const std::string_view block = blob(select.getColumn(0));
      try {
        read_journal_block(block, [&](std::int64_t, std::int64_t timestamp, std::string_view packed) {
          if (timestamp < row->first || timestamp > row->last) throw StoreError("a time is wrong");
          readings.push_back({timestamp, std::string(packed), row->number});
        });
      } catch (const StoreError&) {
        keep_apart(host, row->number, block);
      }
    }
    select.tryReset();
    SQLite::Statement& remove = connection_.statement("DELETE FROM tail WHERE id = ?");
    remove.bind(1, row_id(host, row->number));
    remove.exec();
  }
  const auto by_time = [](const Reading& a, const Reading& b) { return a.timestamp < b.timestamp; };
  if (!std::is_sorted(readings.begin(), readings.end(), by_time)) {
    std::stable_sort(readings.begin(), readings.end(), by_time);
  }
  return readings;
}

/// No host waits for what is damaged of another.
void Compactor::keep_apart(std::int64_t host, std::int64_t number, std::string_view bytes) {
  spdlog::error("readings of host number {} cannot be read: they are kept apart, in damaged_chunk", host);
  tables_.keep_apart(Level::raw, "tail", row_id(host, number), bytes);
}

void Compactor::split_row(std::int64_t host, const TailRow& row, const Leaf& leaf, CompactionPiece& piece) {
  const std::vector<Reading> readings = take_rows(host, {&row});
  piece.removed.push_back(row.number);
  piece.readings = row.readings - static_cast<std::int64_t>(readings.size());  // those that were damaged
  TailWriter writer(connection_.statement(TailWriter::kInsert), host, piece.next_number, leaf.period);
  for (const Reading& reading : readings) writer.add(reading.timestamp, reading.packed);
  writer.flush();
  piece.added = writer.rows();
  piece.next_number = writer.next_number();
}

ColumnTable Compactor::columns_of(std::int64_t host, const std::vector<Reading>& readings) {
  ColumnTableBuilder builder([this](std::uint32_t series) { return codec_.decimals(series); });
  std::vector<StoredValue> values;
  std::int64_t previous = INT64_MIN;
  for (const Reading& reading : readings) {
    if (reading.timestamp == previous) continue;  // never, but a unique time is what a chunk stands on
    previous = reading.timestamp;
    try {
      codec_.decode(reading.packed, values);
    } catch (const StoreError&) {
      keep_apart(host, reading.row, reading.packed);
      continue;
    }
    builder.add(reading.timestamp, values);
  }
  return builder.finish();
}

/// Hours are made of the minutes where there are minutes: those also stand for readings that were deleted.
void Compactor::roll_up_readings(const Leaf& leaf, const ColumnTable& fresh, const ColumnTable& merged,
                                 bool rolled) {
  if (!rolled) {
    tables_.put_roll_ups(Level::hour, leaf.host, roll_up(touched_buckets(merged, fresh.times, kHour), kHour),
                         fresh, {});
    return;
  }
  const bool are_minutes_new = !leaf.rolled;  // of the whole chunk
  const ColumnTable minutes = are_minutes_new
                                  ? roll_up(merged, kMinute)
                                  : roll_up(touched_buckets(merged, fresh.times, kMinute), kMinute);
  tables_.put_roll_ups(
      Level::minute, leaf.host, minutes, are_minutes_new ? merged : fresh,
      [&](const Leaf& minute_leaf, const ColumnTable& all) {
        const ColumnTable changed = slice_rows(minutes, minute_leaf.start, minute_leaf.end());
        tables_.put_roll_ups(Level::hour, leaf.host,
                             roll_up_again(touched_buckets(all, changed.times, kHour), kHour), fresh, {});
      });
}

/// The first chunks of the level, up to `most`, that begin by `end`.
std::vector<Leaf> Compactor::chunks_until(Level level, std::int64_t host, std::int64_t end,
                                          std::size_t most) {
  std::vector<Leaf> chunks;
  std::vector<std::int64_t> damaged;
  {
    SQLite::Statement select(connection_.database(), std::string("SELECT id, period, rolled FROM ") +
                                                         table_of(level) +
                                                         " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?");
    select.bind(1, row_id(host, 0));
    select.bind(2, row_id(host, std::clamp<std::int64_t>(end, 0, kGreatestLow)));
    select.bind(3, static_cast<std::int64_t>(most));
    while (select.executeStep()) {
      const std::int64_t id = select.getColumn(0).getInt64();
      const std::int64_t period = select.getColumn(1).getInt64();
      if (!is_period(level, low_of_row(id), period)) damaged.push_back(id);
      chunks.push_back({level, host, low_of_row(id), period, true, select.getColumn(2).getInt() != 0});
    }
  }
  if (damaged.empty()) return chunks;
  for (const std::int64_t id : damaged) tables_.mend_period(level, id);
  return chunks_until(level, host, end, most);  // all of them have a length now
}

Compactor::Expiry Compactor::expire(Level level, std::int64_t host, std::int64_t before, std::int64_t cut,
                                    std::size_t most, std::int64_t minutes_from) {
  Expiry result;
  for (const Leaf& leaf : chunks_until(level, host, std::max(before, cut), most)) {
    std::int64_t end = leaf.end();
    if (end > std::max(before, cut)) {
      const bool at_hours = level == Level::minute || (level == Level::raw && !leaf.rolled);
      end = floor_to(cut, at_hours ? kHour : kMinute);
      if (end <= leaf.start || tables_.first_row(leaf) >= end) break;
    }
    delete_rows(leaf, end, minutes_from);
    ++result.chunks;
    result.end = end;
    if (end < leaf.end()) break;
  }
  return result;
}

std::size_t Compactor::mend_roll_ups(const Leaf& leaf) {
  const bool of_minutes = leaf.level == Level::minute;
  const Level to = leaf.level == Level::raw && leaf.rolled ? Level::minute : Level::hour;
  const ColumnTable table = tables_.peek(leaf);
  const ColumnTable rows = of_minutes ? roll_up_again(table, kHour) : roll_up(table, step_of(to));
  const ColumnTable wrong = tables_.beyond_stored(to, leaf.host, rows);
  tables_.put_roll_ups(to, leaf.host, wrong, {}, {});
  return wrong.times.size();
}

bool Compactor::are_minutes_smaller(const Leaf& readings) {
  try {
    ChunkBlob chunk(connection_, table_of(Level::raw));
    chunk.open(row_id(readings.host, readings.start));
    std::vector<std::int64_t> times;
    chunk.read_times(times);
    return times.size() >= kFewReadingsAMinute * count_buckets(times, kMinute);
  } catch (const ColumnDamaged&) {
    return false;
  }
}

void Compactor::delete_rows(const Leaf& leaf, std::int64_t before, std::int64_t minutes_from) {
  const bool needs_minutes = leaf.level == Level::raw && !leaf.rolled && before > minutes_from;
  const bool is_cut = before < leaf.end();
  const ColumnTable table = needs_minutes || is_cut ? tables_.load(leaf).table : ColumnTable{};
  if (needs_minutes) {
    const ColumnTable gone = slice_rows(table, std::max(leaf.start, minutes_from), before);
    tables_.put_roll_ups(Level::minute, leaf.host, roll_up(gone, kMinute), gone, {});
  }
  tables_.replace(leaf, is_cut ? slice_rows(table, before, leaf.end()) : ColumnTable{}, leaf.rolled);
}

}  // namespace hostwatch::storage::sqlite
