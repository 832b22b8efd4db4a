// ChunkTables: chunks whose row says what cannot be.
#include <spdlog/spdlog.h>

#include "server/storage/sqlite/chunks/chunk_blob.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {

void ChunkTables::mend_period(Level level, std::int64_t id) {
  const std::string table = table_of(level);
  if (const auto period = period_by_rows(level, id)) {
    spdlog::error(
        "a chunk in {} of host number {} from {} on had a length that no chunk has: it is set anew, to {} "
        "seconds, as its rows are",
        table, host_of_row(id), low_of_row(id), *period);
    SQLite::Statement update(connection_.database(), "UPDATE " + table + " SET period = ? WHERE id = ?");
    update.bind(1, *period);
    update.bind(2, id);
    update.exec();
    return;
  }
  spdlog::error(
      "{} of host number {} from {} on cannot be where it is, or cannot be read: it is kept apart, in "
      "damaged_chunk",
      table, host_of_row(id), low_of_row(id));
  {
    SQLite::Statement select(connection_.database(), "SELECT chunk FROM " + table + " WHERE id = ?");
    select.bind(1, id);
    if (select.executeStep()) keep_apart(level, table_of(level), id, blob(select.getColumn(0)));
  }
  SQLite::Statement remove(connection_.database(), "DELETE FROM " + table + " WHERE id = ?");
  remove.bind(1, id);
  remove.exec();
}

/// Nothing: no length fits.
std::optional<std::int64_t> ChunkTables::period_by_rows(Level level, std::int64_t id) {
  std::int64_t end = 0;
  try {
    ChunkBlob chunk(connection_, table_of(level));
    const ChunkHead& head = chunk.open(id);
    if (head.rows() == 0 || head.first() < low_of_row(id)) return std::nullopt;
    end = head.last() + 1;
  } catch (const ColumnDamaged&) {
    return std::nullopt;
  }
  const std::string table = table_of(level);
  SQLite::Statement before(connection_.database(), "SELECT id, period FROM " + table +
                                                       " WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  before.bind(1, row_id(host_of_row(id), 0));
  before.bind(2, id - 1);
  if (before.executeStep()) {
    const std::int64_t start = low_of_row(before.getColumn(0).getInt64());
    const std::int64_t period = before.getColumn(1).getInt64();
    if (is_period(level, start, period) && start + period > low_of_row(id)) return std::nullopt;
  }
  SQLite::Statement after(connection_.database(),
                          "SELECT id FROM " + table + " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1");
  after.bind(1, id + 1);
  after.bind(2, row_id(host_of_row(id), kGreatestLow));
  const std::int64_t next = after.executeStep() ? low_of_row(after.getColumn(0).getInt64()) : INT64_MAX;
  for (const std::int64_t period : periods_of(level)) {
    const std::int64_t start = low_of_row(id);
    if (start % period == 0 && end <= start + period && next >= start + period) return period;
  }
  return std::nullopt;
}

}  // namespace hostwatch::storage::sqlite
