#include "server/storage/sqlite/chunks/filed_readings.h"

#include <algorithm>

#include "server/storage/chunk/chunk.h"
#include "server/storage/chunk/column_table.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/chunk_blob.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kMaxKnownTimes = 1'000'000;

/// The values of one row, ascending by series.
std::vector<StoredValue> row_values(const ColumnTable& table, std::size_t row) {
  std::vector<StoredValue> values;
  for (const auto& [series, column] : table.columns) {
    if (!has_value(column, row)) continue;
    const auto end = column.present.begin() + static_cast<std::ptrdiff_t>(column.present.empty() ? 0 : row);
    const auto at = column.present.empty()
                        ? row
                        : static_cast<std::size_t>(std::count(column.present.begin(), end, true));
    values.push_back({series, column.values[at]});
  }
  return values;
}

}  // namespace

Stored FiledReadings::find(std::int64_t host, const std::vector<TailRow>& tail, std::int64_t timestamp,
                           std::string_view packed) {
  for (const TailRow& row : tail) {
    if (timestamp < row.first || timestamp > row.last) continue;
    const std::int64_t id = row_id(host, row.number);
    const auto& times = times_of({true, id});
    if (std::binary_search(times.begin(), times.end(), timestamp))
      return compare_in_tail(id, timestamp, packed);
  }
  if (timestamp > newest_in_chunks(host)) return Stored::no;
  const auto chunk = chunk_at(host, timestamp);
  if (!chunk) return Stored::no;
  const auto& times = times_of({false, *chunk});
  if (!std::binary_search(times.begin(), times.end(), timestamp)) return Stored::no;
  return compare_in_chunk(*chunk, timestamp, packed);
}

std::optional<std::string> FiledReadings::reading_at(std::int64_t host, const std::vector<TailRow>& tail,
                                                     std::int64_t timestamp) {
  std::optional<std::string> packed;
  for (const TailRow& row : tail) {
    if (timestamp < row.first || timestamp > row.last) continue;
    visit_tail_row(row_id(host, row.number), [&](std::int64_t time, std::string_view stored) {
      if (time == timestamp) packed.emplace(stored);
    });
  }
  const auto chunk = packed ? std::nullopt : chunk_at(host, timestamp);
  if (!chunk) return packed;
  SQLite::Statement& select = connection_.statement("SELECT chunk FROM raw_chunk WHERE id = ?");
  select.bind(1, *chunk);
  if (!select.executeStep()) return std::nullopt;
  try {
    const ColumnTable table = read_chunk(blob(select.getColumn(0)), connection_.codec());
    const auto at = std::lower_bound(table.times.begin(), table.times.end(), timestamp);
    if (at == table.times.end() || *at != timestamp) return std::nullopt;
    return codec_.encode_values(row_values(table, static_cast<std::size_t>(at - table.times.begin())));
  } catch (const ColumnDamaged&) {
    return std::nullopt;
  }
}

TailRow FiledReadings::reckon(std::int64_t host, const TailRow& row) {
  SQLite::Statement& select = connection_.statement("SELECT block FROM tail WHERE id = ?");
  select.bind(1, row_id(host, row.number));
  if (!select.executeStep()) return row;
  TailRow found{row.number, INT64_MAX, INT64_MIN, 0, row.bytes};
  try {
    read_journal_block(blob(select.getColumn(0)),
                       [&](std::int64_t, std::int64_t timestamp, std::string_view) {
                         found.first = std::min(found.first, timestamp);
                         found.last = std::max(found.last, timestamp);
                         ++found.readings;
                       });
  } catch (const StoreError&) {
    return row;
  }
  return found.first < row.first || found.last > row.last ? row : found;
}

std::optional<std::int64_t> FiledReadings::chunk_at(std::int64_t host, std::int64_t timestamp) {
  SQLite::Statement& select = connection_.statement(
      "SELECT id, period FROM raw_chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  select.bind(1, row_id(host, 0));
  select.bind(2, row_id(host, std::clamp<std::int64_t>(timestamp, 0, kGreatestLow)));
  if (!select.executeStep()) return std::nullopt;
  const std::int64_t id = select.getColumn(0).getInt64();
  const std::int64_t start = low_of_row(id);
  if (start + likely_period(Level::raw, start, select.getColumn(1).getInt64()) <= timestamp) {
    return std::nullopt;
  }
  return id;
}

std::int64_t FiledReadings::newest_in_chunks(std::int64_t host) {
  if (const auto found = newest_in_chunks_.find(host); found != newest_in_chunks_.end()) return found->second;
  SQLite::Statement& select = connection_.statement("SELECT max(id) FROM raw_chunk WHERE id BETWEEN ? AND ?");
  select.bind(1, row_id(host, 0));
  select.bind(2, row_id(host, kGreatestLow));
  std::int64_t newest = INT64_MIN;
  if (select.executeStep() && !select.getColumn(0).isNull()) {
    const std::int64_t last = select.getColumn(0).getInt64();
    select.tryReset();
    const std::vector<std::int64_t> times = read_times({false, last});
    newest = times.empty() ? INT64_MAX : times.back();
  }
  newest_in_chunks_[host] = newest;
  return newest;
}

const std::vector<std::int64_t>& FiledReadings::times_of(const Key& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    known_.splice(known_.begin(), known_, found->second);
    return known_.front().times;
  }
  std::list<Known> one;
  one.push_front({key, read_times(key)});
  by_key_.emplace(key, one.begin());
  known_.splice(known_.begin(), one);
  known_times_ += known_.front().times.size();
  while (known_times_ > kMaxKnownTimes && known_.size() > 1) {
    known_times_ -= known_.back().times.size();
    by_key_.erase(known_.back().key);
    known_.pop_back();
  }
  return known_.front().times;
}

/// What is damaged has no readings any more: they may come again.
std::vector<std::int64_t> FiledReadings::read_times(const Key& key) {
  std::vector<std::int64_t> times;
  if (!key.first) {
    try {
      ChunkBlob chunk(connection_, table_of(Level::raw));
      chunk.open(key.second);
      chunk.read_times(times);
    } catch (const ColumnDamaged&) {
      times.clear();
    }
    return times;
  }
  visit_tail_row(key.second, [&](std::int64_t timestamp, std::string_view) { times.push_back(timestamp); });
  return times;
}

/// Of a damaged row what comes before the damage: that will be compacted.
void FiledReadings::visit_tail_row(
    std::int64_t id, const std::function<void(std::int64_t timestamp, std::string_view packed)>& visit) {
  SQLite::Statement& select = connection_.statement("SELECT block FROM tail WHERE id = ?");
  select.bind(1, id);
  if (!select.executeStep()) return;
  try {
    read_journal_block(blob(select.getColumn(0)), [&](std::int64_t, std::int64_t timestamp,
                                                      std::string_view packed) { visit(timestamp, packed); });
  } catch (const StoreError&) {
    return;
  }
}

Stored FiledReadings::compare_in_tail(std::int64_t id, std::int64_t timestamp, std::string_view packed) {
  Stored result = Stored::no;
  visit_tail_row(id, [&](std::int64_t time, std::string_view stored) {
    if (time == timestamp) result = codec_.is_same(stored, packed) ? Stored::same : Stored::different;
  });
  return result;
}

Stored FiledReadings::compare_in_chunk(std::int64_t id, std::int64_t timestamp, std::string_view packed) {
  if (!open_chunk_ || open_chunk_->first != id) {
    SQLite::Statement& select = connection_.statement("SELECT chunk FROM raw_chunk WHERE id = ?");
    select.bind(1, id);
    if (!select.executeStep()) return Stored::no;
    try {
      open_chunk_.emplace(id, read_chunk(blob(select.getColumn(0)), connection_.codec()));
    } catch (const ColumnDamaged&) {
      return Stored::same;  // its time is there, its values cannot be told
    }
  }
  const ColumnTable& table = open_chunk_->second;
  const auto at = std::lower_bound(table.times.begin(), table.times.end(), timestamp);
  if (at == table.times.end() || *at != timestamp) return Stored::no;
  std::vector<StoredValue> values;
  codec_.decode(packed, values);
  const auto stored = row_values(table, static_cast<std::size_t>(at - table.times.begin()));
  const bool same = std::equal(
      values.begin(), values.end(), stored.begin(), stored.end(),
      [](const StoredValue& a, const StoredValue& b) { return a.series == b.series && a.value == b.value; });
  return same ? Stored::same : Stored::different;
}

FiledReadings::ByKey::iterator FiledReadings::drop(ByKey::iterator known) {
  known_times_ -= known->second->times.size();
  known_.erase(known->second);
  return by_key_.erase(known);
}

void FiledReadings::drop_chunks(std::int64_t host) {
  const auto end = by_key_.upper_bound({false, row_id(host, kGreatestLow)});
  for (auto at = by_key_.lower_bound({false, row_id(host, 0)}); at != end;) at = drop(at);
  if (open_chunk_ && host_of_row(open_chunk_->first) == host) open_chunk_.reset();
}

void FiledReadings::forget(std::int64_t host) {
  drop_chunks(host);
  const auto end = by_key_.upper_bound({true, row_id(host, kGreatestLow)});
  for (auto at = by_key_.lower_bound({true, row_id(host, 0)}); at != end;) at = drop(at);
  newest_in_chunks_.erase(host);
}

void FiledReadings::note_compaction(std::int64_t host, const std::vector<std::int64_t>& rows,
                                    std::int64_t newest) {
  drop_chunks(host);
  for (const std::int64_t row : rows) {
    if (const auto at = by_key_.find({true, row_id(host, row)}); at != by_key_.end()) drop(at);
  }
  const auto known = newest_in_chunks_.find(host);
  if (known != newest_in_chunks_.end()) known->second = std::max(known->second, newest);
}

}  // namespace hostwatch::storage::sqlite
