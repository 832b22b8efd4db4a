#include "server/storage/sqlite/chunks/history_reader.h"

#include <algorithm>
#include <array>

#include "server/storage/chunk/column_table.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/chunk_blob.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::array<Level, 3> kLevels{Level::raw, Level::minute, Level::hour};
constexpr std::array<const char*, 3> kSelectChunks{
    "SELECT id, period, rows, rolled FROM raw_chunk WHERE id BETWEEN ? AND ? ORDER BY id",
    "SELECT id, period, rows, rolled FROM minute_chunk WHERE id BETWEEN ? AND ? ORDER BY id",
    "SELECT id, period, rows, rolled FROM hour_chunk WHERE id BETWEEN ? AND ? ORDER BY id"};
/// Readings in no chunk that are in memory at a time: bytes of them packed, and times and values unpacked
/// (some 2 MiB). While readings come faster than they are compacted a host may have any number of them.
constexpr std::size_t kLooseBytes = 4UL << 20U;
constexpr std::size_t kLoosePart = 1U << 17U;

std::int64_t clamp_low(std::int64_t time) {
  return std::clamp<std::int64_t>(time, 0, kGreatestLow);
}

}  // namespace

void HistoryReader::plan_level(Level level, std::int64_t from, std::int64_t to, bool unrolled_only,
                               std::vector<Chunk>& chunks) {
  if (from > to) return;
  const std::int64_t longest = periods_of(level).front();
  SQLite::Statement& select = connection_.statement(kSelectChunks.at(static_cast<std::size_t>(level)));
  select.bind(1, row_id(host_, clamp_low(clamp_low(from) - longest)));
  select.bind(2, row_id(host_, clamp_low(to)));
  while (select.executeStep()) {
    const std::int64_t id = select.getColumn(0).getInt64();
    const Chunk chunk{level,
                      id,
                      likely_period(level, low_of_row(id), select.getColumn(1).getInt64()),
                      select.getColumn(2).getInt64(),
                      from,
                      to};
    const bool rolled = select.getColumn(3).getInt() != 0;
    if (low_of_row(chunk.id) + chunk.period > from && !(unrolled_only && rolled)) chunks.push_back(chunk);
  }
}

/// A level whose readings, or finer roll-ups, are gone serves the times before the first of those that are
/// there. Of a chunk that was cut that is its first row, not its beginning.
std::vector<HistoryReader::Chunk> HistoryReader::plan(std::int64_t from, std::int64_t to,
                                                      std::int64_t resolution) {
  std::vector<Chunk> chunks;
  if (resolution >= kHour) {
    plan_level(Level::hour, from, to, false, chunks);
    return chunks;
  }
  const std::int64_t first_raw = floor_to(tables_.first_row(Level::raw, host_, from), kMinute);
  const std::int64_t first_minute = tables_.first_row(Level::minute, host_, from);
  const std::int64_t hours_end = floor_to(std::min(first_raw, first_minute), kHour);
  plan_level(Level::hour, from, std::min(to, hours_end - 1), false, chunks);
  if (resolution >= kMinute) {
    plan_level(Level::minute, from, to, false, chunks);
    // An earlier version deleted minutes whose readings it kept.
    plan_level(Level::raw, from, std::min(to, first_minute - 1), false, chunks);
    plan_level(Level::raw, std::max(from, first_minute), to, true, chunks);
  } else {
    plan_level(Level::minute, from, std::min(to, first_raw - 1), false, chunks);
    plan_level(Level::raw, from, to, false, chunks);
  }
  return chunks;
}

void HistoryReader::for_each_loose(std::int64_t from, std::int64_t to, std::vector<LooseReading> pending,
                                   const LooseVisitor& visit) {
  std::vector<LooseReading> readings = std::move(pending);
  std::erase_if(readings,
                [&](const LooseReading& one) { return one.timestamp < from || one.timestamp > to; });
  std::size_t bytes = 0;
  for (const LooseReading& reading : readings) bytes += reading.packed->size();
  const auto hand_out = [&] {
    const auto by_time = [](const LooseReading& a, const LooseReading& b) {
      return a.timestamp < b.timestamp;
    };
    if (!std::is_sorted(readings.begin(), readings.end(), by_time)) {
      std::sort(readings.begin(), readings.end(), by_time);
    }
    const bool more = readings.empty() || visit(readings);
    readings.clear();
    bytes = 0;
    return more;
  };
  SQLite::Statement& select = connection_.statement(
      "SELECT block FROM tail WHERE id BETWEEN ?1 AND ?2 AND first <= ?4 AND last >= ?3 ORDER BY id");
  select.bind(1, row_id(host_, 0));
  select.bind(2, row_id(host_, kGreatestLow));
  select.bind(3, from);
  select.bind(4, to);
  while (select.executeStep()) {
    if (bytes > kLooseBytes && !hand_out()) return;
    read_journal_block(blob(select.getColumn(0)),
                       [&](std::int64_t, std::int64_t timestamp, std::string_view packed) {
                         if (timestamp < from || timestamp > to) return;
                         bytes += packed.size();
                         readings.push_back({timestamp, std::make_shared<const std::string>(packed)});
                       });
  }
  hand_out();
}

bool HistoryReader::wants(const ReadRequest& request, std::uint32_t series) {
  if (request.all_metrics) return true;
  const auto [at, added] = wanted_.try_emplace(series, false);
  if (added) {
    const std::string metric = codec_.metric_of(series);
    at->second = std::find(request.metrics.begin(), request.metrics.end(), metric) != request.metrics.end();
  }
  return at->second;
}

bool HistoryReader::wants_column(const ReadRequest& request, Level level, std::uint32_t number) {
  if (level == Level::raw) return wants(request, number);
  const bool is_extreme = number % 4 >= static_cast<std::uint32_t>(RollUpPart::minimum);
  return (request.extremes || !is_extreme) && wants(request, number / 4);
}

bool HistoryReader::visit_chunks(const ReadRequest& request, Level level, const std::vector<Chunk>& chunks,
                                 const PartVisitor& visit) {
  ChunkBlob chunk_blob(connection_, table_of(level));
  ColumnTable table;  // its memory serves all chunks
  for (const Chunk& chunk : chunks) {
    if (chunk.level != level) continue;
    try {
      const ChunkHead& head = chunk_blob.open(chunk.id);
      if (head.first() > chunk.to || head.last() < chunk.from) continue;
      chunk_blob.read_times(table.times);
      const auto first = std::lower_bound(table.times.begin(), table.times.end(), chunk.from);
      const auto last = std::upper_bound(first, table.times.end(), chunk.to);
      const RowRange rows{static_cast<std::size_t>(first - table.times.begin()),
                          static_cast<std::size_t>(last - table.times.begin())};
      std::erase_if(table.columns, [&](const auto& column) { return head.find(column.first) == nullptr; });
      for (const ChunkHead::Place& place : head.places()) {
        if (wants_column(request, level, place.series))
          chunk_blob.read_column(place, rows, table.columns[place.series]);
      }
      table.times.erase(last, table.times.end());
      table.times.erase(table.times.begin(), table.times.begin() + static_cast<std::ptrdiff_t>(rows.begin));
    } catch (const ColumnDamaged& error) {
      report_(level, chunk.id, error.what());
      continue;
    }
    if (!visit({step_of(level), table})) return false;
  }
  return true;
}

bool HistoryReader::visit_loose(WantedValues& wanted, const std::vector<LooseReading>& readings,
                                const PartVisitor& visit) {
  ColumnTableBuilder builder([](std::uint32_t) { return 0; });
  const auto hand_out = [&] {
    const ColumnTable table = builder.finish();
    return visit({0, table});
  };
  std::vector<StoredValue> values;
  std::size_t size = 0;
  for (const LooseReading& reading : readings) {
    wanted.decode(codec_, *reading.packed, values);
    if (size > 0 && size + values.size() + 1 > kLoosePart) {
      if (!hand_out()) return false;
      size = 0;
    }
    builder.add(reading.timestamp, values);
    size += values.size() + 1;
  }
  return size == 0 || hand_out();
}

void HistoryReader::read(const ReadRequest& request, std::vector<LooseReading> pending,
                         const PartVisitor& visit) {
  const std::vector<Chunk> chunks = plan(request.from, request.to, request.resolution);
  for (const Level level : kLevels) {
    if (!visit_chunks(request, level, chunks, visit)) return;
  }
  WantedValues wanted(request);
  for_each_loose(request.from, request.to, std::move(pending),
                 [&](const auto& readings) { return visit_loose(wanted, readings, visit); });
}

std::uint64_t HistoryReader::count(std::int64_t from, std::int64_t to, std::vector<LooseReading> pending,
                                   std::uint64_t limit) {
  std::uint64_t count = 0;
  for_each_loose(from, to, std::move(pending), [&](const auto& readings) {
    count += readings.size();
    return count < limit;
  });
  std::vector<std::int64_t> times;
  for (const Chunk& chunk : plan(from, to, 0)) {
    if (count >= limit) break;
    const std::int64_t start = low_of_row(chunk.id);
    if (start >= chunk.from && start + chunk.period - 1 <= chunk.to) {
      count += static_cast<std::uint64_t>(chunk.rows);
      continue;
    }
    try {
      ChunkBlob chunk_blob(connection_, table_of(chunk.level));
      chunk_blob.open(chunk.id);
      chunk_blob.read_times(times);
    } catch (const ColumnDamaged& error) {
      report_(chunk.level, chunk.id, error.what());
      continue;
    }
    count += static_cast<std::uint64_t>(std::upper_bound(times.begin(), times.end(), chunk.to) -
                                        std::lower_bound(times.begin(), times.end(), chunk.from));
  }
  return std::min(count, limit);
}

}  // namespace hostwatch::storage::sqlite
