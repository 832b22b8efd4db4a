#include "server/storage/sqlite/chunks/reference_scan.h"

#include <array>
#include <string>
#include <vector>

#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/chunk_blob.h"

namespace hostwatch::storage::sqlite {
namespace {

/// Of one piece: a few milliseconds.
constexpr std::size_t kBlockBytes = 1UL << 20U;
constexpr std::int64_t kRows = 100;

constexpr std::array<const char*, 3> kSelectIds{
    "SELECT id FROM raw_chunk WHERE id > ? ORDER BY id LIMIT ?",
    "SELECT id FROM minute_chunk WHERE id > ? ORDER BY id LIMIT ?",
    "SELECT id FROM hour_chunk WHERE id > ? ORDER BY id LIMIT ?"};

}  // namespace

bool ReferenceScan::next() {
  std::size_t rows = 0;
  switch (place_) {
    case Place::journal:
      rows = scan_journal();
      break;
    case Place::tail:
      rows = scan_tail();
      break;
    case Place::filed:
      rows = scan_filed();
      break;
    case Place::raw:
      rows = scan_chunks(Level::raw);
      break;
    case Place::minute:
      rows = scan_chunks(Level::minute);
      break;
    case Place::hour:
      rows = scan_chunks(Level::hour);
      break;
    case Place::damaged:
      rows = scan_damaged();
      break;
    case Place::end:
      return false;
  }
  if (rows == 0) {
    place_ = static_cast<Place>(static_cast<std::uint8_t>(place_) + 1);
    after_ = -1;
  }
  return place_ != Place::end;
}

std::size_t ReferenceScan::scan_journal() {
  if (after_ < 0) {
    SQLite::Statement& hosts = connection_.statement("SELECT id FROM host");
    while (hosts.executeStep()) hosts_.insert(hosts.getColumn(0).getInt64());
  }
  return scan_blocks("SELECT sequence, readings FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?",
                     [this](std::int64_t host) { return hosts_.contains(host); });
}

std::size_t ReferenceScan::scan_tail() {
  return scan_blocks("SELECT id, block FROM tail WHERE id > ? ORDER BY id LIMIT ?",
                     [](std::int64_t) { return true; });
}

std::size_t ReferenceScan::scan_blocks(const char* sql,
                                       const std::function<bool(std::int64_t host)>& counts) {
  SQLite::Statement& select = connection_.statement(sql);
  select.bind(1, after_);
  select.bind(2, kRows);
  std::size_t rows = 0;
  std::size_t bytes = 0;
  while (bytes < kBlockBytes && select.executeStep()) {
    ++rows;
    after_ = select.getColumn(0).getInt64();
    const std::string_view block = blob(select.getColumn(1));
    bytes += block.size();
    try {
      read_journal_block(block, [&](std::int64_t host, std::int64_t, std::string_view packed) {
        if (counts(host)) codec_.note_use(packed);
      });
    } catch (const StoreError&) {
      continue;  // damaged: what could be read of it is noted
    }
  }
  select.tryReset();
  return rows;
}

std::size_t ReferenceScan::scan_filed() {
  SQLite::Statement& select =
      connection_.statement("SELECT host, latest FROM filed WHERE host > ? ORDER BY host LIMIT ?");
  select.bind(1, after_);
  select.bind(2, kRows);
  std::size_t rows = 0;
  for (; select.executeStep(); ++rows) {
    after_ = select.getColumn(0).getInt64();
    codec_.note_use(blob(select.getColumn(1)));
  }
  return rows;
}

std::size_t ReferenceScan::scan_chunks(Level level) {
  SQLite::Statement& select = connection_.statement(kSelectIds.at(static_cast<std::size_t>(level)));
  select.bind(1, after_);
  select.bind(2, kRows);
  std::vector<std::int64_t> ids;
  while (select.executeStep()) ids.push_back(select.getColumn(0).getInt64());
  ChunkBlob chunk(connection_, table_of(level));
  for (const std::int64_t id : ids) {
    after_ = id;
    try {
      note_columns(chunk.open(id), level != Level::raw);
    } catch (const ColumnDamaged&) {
      continue;
    }
  }
  return ids.size();
}

std::size_t ReferenceScan::scan_damaged() {
  SQLite::Statement& select = connection_.statement(
      "SELECT number, found_in, chunk FROM damaged_chunk WHERE number > ? ORDER BY number LIMIT ?");
  select.bind(1, after_);
  select.bind(2, kRows);
  std::size_t rows = 0;
  for (; select.executeStep(); ++rows) {
    after_ = select.getColumn(0).getInt64();
    try {
      const auto head = ChunkHead::parse(blob(select.getColumn(2)));
      if (head) note_columns(*head, select.getColumn(1).getString() != table_of(Level::raw));
    } catch (const ColumnDamaged&) {
      continue;
    }
  }
  return rows;
}

void ReferenceScan::note_columns(const ChunkHead& head, bool are_roll_ups) {
  for (const ChunkHead::Place& column : head.places()) {
    codec_.in_use.use_series(are_roll_ups ? series_of_roll_up(column.series) : column.series);
  }
}

}  // namespace hostwatch::storage::sqlite
