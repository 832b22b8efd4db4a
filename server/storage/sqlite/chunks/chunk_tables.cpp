#include "server/storage/sqlite/chunks/chunk_tables.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "server/storage/chunk/chunk.h"
#include "server/storage/chunk/column_table.h"
#include "server/storage/chunk/roll_up.h"
#include "server/storage/sqlite/chunks/chunk_blob.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

struct LevelTexts {
  const char* table;
  const char* first_of_node;
  const char* load;
  const char* remove;
  const char* insert;
  const char* bytes;
  const char* last;
};

#define HOSTWATCH_LEVEL(table)                                                                      \
  {                                                                                                 \
    table, "SELECT id, period, rolled FROM " table " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1", \
        "SELECT chunk FROM " table " WHERE id = ?", "DELETE FROM " table " WHERE id = ?",           \
        "INSERT INTO " table " (id, period, rows, rolled, chunk) VALUES (?, ?, ?, ?, ?)",           \
        "SELECT total(length(chunk)) FROM " table " WHERE id BETWEEN ? AND ?",                      \
        "SELECT id, period FROM " table " WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"        \
  }
constexpr std::array<LevelTexts, 3> kTexts{
    {HOSTWATCH_LEVEL("raw_chunk"), HOSTWATCH_LEVEL("minute_chunk"), HOSTWATCH_LEVEL("hour_chunk")}};
#undef HOSTWATCH_LEVEL

constexpr std::array<std::int64_t, 7> kRawPeriods{4 * 86400, 86400, 21600, 3600, 900, 300, 60};
constexpr std::array<std::int64_t, 3> kMinutePeriods{86400, 21600, 3600};
constexpr std::array<std::int64_t, 3> kHourPeriods{32 * 86400, 8 * 86400, 86400};

const LevelTexts& texts_of(Level level) {
  return kTexts.at(static_cast<std::size_t>(level));
}

ColumnTable rows_at(const ColumnTable& table, const std::vector<std::int64_t>& times) {
  std::vector<bool> wanted;
  for (const std::int64_t time : table.times) {
    wanted.push_back(std::binary_search(times.begin(), times.end(), time));
  }
  return select_rows(table, wanted);
}

/// The times at which `old` stands for readings that are not among those of `rows`: for more than those that
/// are not fresh.
std::vector<std::int64_t> times_with_lost(const ColumnTable& old, const ColumnTable& rows,
                                          const ColumnTable& fresh, std::int64_t step) {
  std::vector<std::int64_t> lost;
  const std::vector<double> old_counts = reading_counts(old);
  const std::vector<double> counts = reading_counts(rows);
  auto reading = fresh.times.begin();
  auto row_before = old.times.begin();
  for (std::size_t row = 0; row < rows.times.size(); ++row) {
    const std::int64_t time = rows.times[row];
    row_before = std::lower_bound(row_before, old.times.end(), time);
    if (row_before == old.times.end()) break;
    if (*row_before != time) continue;
    reading = std::lower_bound(reading, fresh.times.end(), time);
    const auto end = std::lower_bound(reading, fresh.times.end(), time + step);
    const auto known = old_counts[static_cast<std::size_t>(row_before - old.times.begin())];
    if (known + static_cast<double>(end - reading) > counts[row]) lost.push_back(time);
  }
  return lost;
}

}  // namespace

std::int64_t step_of(Level level) {
  switch (level) {
    case Level::minute:
      return kMinute;
    case Level::hour:
      return kHour;
    case Level::raw:
      break;
  }
  return 0;
}

const char* table_of(Level level) {
  return texts_of(level).table;
}

std::span<const std::int64_t> periods_of(Level level) {
  switch (level) {
    case Level::minute:
      return kMinutePeriods;
    case Level::hour:
      return kHourPeriods;
    case Level::raw:
      break;
  }
  return kRawPeriods;
}

std::size_t most_values(Level level) {
  switch (level) {
    case Level::minute:
    case Level::hour:
      return 1U << 16U;
    case Level::raw:
      break;
  }
  return 1U << 17U;
}

void restore_decimals(Level level, const DecimalsOf& decimals_of, ColumnTable& table) {
  for (auto& [number, column] : table.columns) {
    if (level == Level::raw) {
      column.decimals = decimals_of(number);
    } else {
      const bool is_count = number % 4 == static_cast<std::uint32_t>(RollUpPart::count);
      column.decimals = is_count ? 0 : decimals_of(number / 4);
    }
  }
}

std::int64_t likely_period(Level level, std::int64_t start, std::int64_t period) {
  return is_period(level, start, period) ? period : periods_of(level).front();
}

bool is_period(Level level, std::int64_t start, std::int64_t period) {
  const auto periods = periods_of(level);
  return std::find(periods.begin(), periods.end(), period) != periods.end() && start % period == 0;
}

Leaf ChunkTables::find_leaf(Level level, std::int64_t host, std::int64_t time) {
  while (true) {
    std::int64_t damaged = 0;  // id of a chunk that cannot be where it is
    for (const std::int64_t period : periods_of(level)) {
      Leaf leaf{level, host, floor_to(time, period), period, false, false};
      SQLite::Statement& first = connection_.statement(texts_of(level).first_of_node);
      first.bind(1, row_id(host, leaf.start));
      first.bind(2, row_id(host, leaf.end() - 1));
      if (!first.executeStep()) return leaf;  // nothing here: it may begin as one chunk
      const std::int64_t id = first.getColumn(0).getInt64();
      const std::int64_t length = first.getColumn(1).getInt64();
      leaf.exists = true;
      leaf.rolled = first.getColumn(2).getInt() != 0;
      first.tryReset();
      const bool is_possible = is_period(level, low_of_row(id), length);
      if (is_possible && length == period) return leaf;
      if (is_possible && length < period) continue;
      damaged = id;
      break;
    }
    mend_period(level, damaged);
  }
}

std::int64_t ChunkTables::begin(Level level, std::int64_t host) {
  SQLite::Statement& first = connection_.statement(texts_of(level).first_of_node);
  first.bind(1, row_id(host, 0));
  first.bind(2, row_id(host, kGreatestLow));
  const std::int64_t begin = first.executeStep() ? low_of_row(first.getColumn(0).getInt64()) : INT64_MAX;
  first.tryReset();
  return begin;
}

std::int64_t ChunkTables::first_row(Level level, std::int64_t host, std::int64_t from) {
  SQLite::Statement& first = connection_.statement(texts_of(level).first_of_node);
  first.bind(1, row_id(host, 0));
  first.bind(2, row_id(host, kGreatestLow));
  if (!first.executeStep()) return INT64_MAX;
  const std::int64_t start = low_of_row(first.getColumn(0).getInt64());
  const Leaf leaf{level, host, start, likely_period(level, start, first.getColumn(1).getInt64()),
                  true,  false};
  first.tryReset();
  return leaf.end() <= from ? leaf.start : first_row(leaf);
}

std::int64_t ChunkTables::first_row(const Leaf& leaf) {
  return filled(leaf).begin;
}

ChunkTables::Span ChunkTables::filled(const Leaf& leaf) {
  try {
    ChunkBlob chunk(connection_, table_of(leaf.level));
    const ChunkHead& head = chunk.open(row_id(leaf.host, leaf.start));
    const std::int64_t length = std::max<std::int64_t>(step_of(leaf.level), 1);
    return {std::max(leaf.start, head.first()), std::min(leaf.end(), head.last() + length)};
  } catch (const ColumnDamaged&) {
    return {leaf.start, leaf.end()};
  }
}

std::optional<ChunkTables::Span> ChunkTables::first_after(Level level, std::int64_t host, std::int64_t from) {
  from = std::clamp<std::int64_t>(from, 0, kGreatestLow);
  const auto step = [level](SQLite::Statement& select) -> std::optional<Span> {
    if (!select.executeStep()) return std::nullopt;
    const std::int64_t begin = low_of_row(select.getColumn(0).getInt64());
    const Span span{begin, begin + likely_period(level, begin, select.getColumn(1).getInt64())};
    select.tryReset();
    return span;
  };
  SQLite::Statement& before = connection_.statement(texts_of(level).last);
  before.bind(1, row_id(host, 0));
  before.bind(2, row_id(host, from));
  const std::optional<Span> around = step(before);
  if (around && around->end > from) return around;
  SQLite::Statement& after = connection_.statement(texts_of(level).first_of_node);
  after.bind(1, row_id(host, from));
  after.bind(2, row_id(host, kGreatestLow));
  return step(after);
}

std::uint64_t ChunkTables::bytes(Level level, std::int64_t host, std::int64_t from, std::int64_t to) {
  if (to <= from) return 0;
  SQLite::Statement& sum = connection_.statement(texts_of(level).bytes);
  sum.bind(1, row_id(host, std::clamp<std::int64_t>(from, 0, kGreatestLow)));
  sum.bind(2, row_id(host, std::clamp<std::int64_t>(to - 1, 0, kGreatestLow)));
  const auto bytes = sum.executeStep() ? static_cast<std::uint64_t>(sum.getColumn(0).getDouble()) : 0;
  sum.tryReset();
  return bytes;
}

template <typename OnDamage>
ColumnTable ChunkTables::read(const Leaf& leaf, const OnDamage& on_damage) {
  if (!leaf.exists) return {};
  SQLite::Statement& select = connection_.statement(texts_of(leaf.level).load);
  select.bind(1, row_id(leaf.host, leaf.start));
  if (!select.executeStep()) return {};
  const std::string_view bytes = blob(select.getColumn(0));
  try {
    ColumnTable table = read_chunk(bytes, connection_.codec());
    restore_decimals(leaf.level, decimals_of_, table);
    return table;
  } catch (const ColumnDamaged& error) {
    on_damage(error, bytes);
    return {};
  }
}

ChunkTables::Loaded ChunkTables::load(const Leaf& leaf) {
  Loaded loaded;
  loaded.table = read(leaf, [&](const ColumnDamaged& error, std::string_view bytes) {
    spdlog::error("{}: {} of host number {} from {} on is kept apart, in damaged_chunk", error.what(),
                  table_of(leaf.level), leaf.host, leaf.start);
    keep_apart(leaf.level, table_of(leaf.level), row_id(leaf.host, leaf.start), bytes);
    loaded.remade = leaf.level != Level::raw;
  });
  if (loaded.remade) loaded.table = remake(leaf);
  return loaded;
}

/// The level's chunks that have something of that time.
std::vector<Leaf> ChunkTables::leaves(Level level, std::int64_t host, std::int64_t from, std::int64_t end) {
  std::vector<Leaf> found;
  for (auto span = first_after(level, host, from); span && span->begin < end;
       span = first_after(level, host, span->end)) {
    found.push_back(find_leaf(level, host, span->begin));
  }
  return found;
}

/// Of minutes where there are minutes, as roll-ups are made at first.
ColumnTable ChunkTables::remake(const Leaf& leaf) {
  const bool of_hours = leaf.level == Level::hour;
  ColumnTable made;
  for (const Leaf& readings : leaves(Level::raw, leaf.host, leaf.start, leaf.end())) {
    if (readings.rolled == of_hours) continue;  // its minutes serve, or it has none
    made = merge_tables(std::move(made),
                        roll_up(slice_rows(peek(readings), leaf.start, leaf.end()), step_of(leaf.level)));
  }
  if (!of_hours) return made;
  for (const Leaf& minutes : leaves(Level::minute, leaf.host, leaf.start, leaf.end())) {
    made = merge_tables(std::move(made),
                        roll_up_again(slice_rows(peek(minutes), leaf.start, leaf.end()), kHour));
  }
  return made;
}

ColumnTable ChunkTables::peek(const Leaf& leaf) {
  return read(leaf, [](const ColumnDamaged&, std::string_view) {});
}

ColumnTable ChunkTables::beyond_stored(Level level, std::int64_t host, const ColumnTable& rows) {
  const std::vector<double> counts = reading_counts(rows);
  std::vector<bool> beyond(rows.times.size(), true);
  Leaf leaf;
  ColumnTable stored;
  std::vector<double> stored_counts;
  for (std::size_t row = 0; row < rows.times.size(); ++row) {
    const std::int64_t time = rows.times[row];
    if (time >= leaf.end()) {
      leaf = find_leaf(level, host, time);
      stored = peek(leaf);
      stored_counts = reading_counts(stored);
    }
    const auto at = std::lower_bound(stored.times.begin(), stored.times.end(), time);
    if (at == stored.times.end() || *at != time) continue;
    beyond[row] = counts[row] > stored_counts[static_cast<std::size_t>(at - stored.times.begin())];
  }
  return select_rows(rows, beyond);
}

void ChunkTables::keep_apart(Level level, const char* found_in, std::int64_t id, std::string_view bytes) {
  if (report_) report_(level, id);
  SQLite::Statement& keep =
      connection_.statement("INSERT INTO damaged_chunk (found_in, id, chunk) VALUES (?, ?, ?)");
  keep.bind(1, found_in);
  keep.bind(2, id);
  keep.bind(3, bytes.data(), static_cast<int>(bytes.size()));
  keep.exec();
}

void ChunkTables::replace(const Leaf& leaf, const ColumnTable& table, bool rolled) {
  if (leaf.exists) {
    SQLite::Statement& remove = connection_.statement(texts_of(leaf.level).remove);
    remove.bind(1, row_id(leaf.host, leaf.start));
    remove.exec();
  }
  const auto periods = periods_of(leaf.level);
  const auto index =
      static_cast<std::size_t>(std::find(periods.begin(), periods.end(), leaf.period) - periods.begin());
  write(leaf.level, leaf.host, leaf.start, index, table, rolled);
}

void ChunkTables::write(Level level, std::int64_t host, std::int64_t start, std::size_t period_index,
                        const ColumnTable& table, bool rolled) {
  if (table.times.empty()) return;
  const auto periods = periods_of(level);
  const std::int64_t period = periods[period_index];
  const bool is_shortest = period_index + 1 == periods.size();
  if (count_values(table) > most_values(level) && !is_shortest) {
    const std::int64_t shorter = periods[period_index + 1];
    for (std::int64_t part = start; part < start + period; part += shorter) {
      write(level, host, part, period_index + 1, slice_rows(table, part, part + shorter), rolled);
    }
    return;
  }
  const std::string bytes = write_chunk(table, connection_.codec());
  SQLite::Statement& insert = connection_.statement(texts_of(level).insert);
  insert.bind(1, row_id(host, start));
  insert.bind(2, period);
  insert.bind(3, static_cast<std::int64_t>(table.times.size()));
  insert.bind(4, rolled ? 1 : 0);
  insert.bindNoCopy(5, bytes.data(), static_cast<int>(bytes.size()));
  insert.exec();
  insert.reset();
}

void ChunkTables::put_roll_ups(
    Level level, std::int64_t host, const ColumnTable& rows, const ColumnTable& fresh,
    const std::function<void(const Leaf& leaf, const ColumnTable& merged)>& visit) {
  const std::int64_t step = step_of(level);
  std::int64_t from = rows.times.empty() ? 0 : rows.times.front();
  while (!rows.times.empty() && from <= rows.times.back()) {
    const Leaf leaf = find_leaf(level, host, from);
    ColumnTable part = slice_rows(rows, from, leaf.end());
    if (!part.times.empty()) {
      auto [old, remade] = load(leaf);
      // What is made anew has what is fresh, and nothing that is gone.
      const auto lost = remade ? std::vector<std::int64_t>() : times_with_lost(old, part, fresh, step);
      if (!lost.empty()) {
        const ColumnTable added = roll_up(slice_rows(fresh, lost.front(), lost.back() + step), step);
        part = merge_tables(std::move(part), add_roll_ups(rows_at(old, lost), rows_at(added, lost), step));
      }
      const ColumnTable merged = merge_tables(std::move(old), std::move(part));
      replace(leaf, merged, true);
      if (visit) visit(leaf, merged);
    }
    const auto next = std::lower_bound(rows.times.begin(), rows.times.end(), leaf.end());
    if (next == rows.times.end()) break;
    from = *next;
  }
}

}  // namespace hostwatch::storage::sqlite
