#include "server/storage/sqlite/database/schema.h"

#include <spdlog/spdlog.h>

#include <string>

#include "server/storage/sqlite/chunks/tail.h"
#include "server/storage/sqlite/database/connection.h"
#include "util/sqlite/sqlite_transaction.h"

namespace hostwatch::storage::sqlite {
namespace {

/// What stayed as version 1 made it. Times are Unix seconds.
constexpr const char* kSchemaOfVersion1 = R"(
CREATE TABLE host (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: readings of a forgotten host stay strangers
  name TEXT NOT NULL UNIQUE,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,            -- brought up to date when readings are filed
  facts TEXT NOT NULL                    -- JSON object
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  metric TEXT NOT NULL,
  instance TEXT NOT NULL,
  decimals INTEGER NOT NULL,
  UNIQUE (metric, instance)
) STRICT;
CREATE TABLE layout (
  id INTEGER PRIMARY KEY,
  series BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE journal (                   -- what was accepted, in order of arrival, a row a transaction
  sequence INTEGER PRIMARY KEY,
  readings BLOB NOT NULL
) STRICT;
CREATE TABLE forgotten_host (            -- whose readings are still to be deleted
  id INTEGER PRIMARY KEY
) STRICT;
)";

/// A blob comes last in its row: what is before it is read without it.
constexpr const char* kSchemaOfVersion2 = R"(
CREATE TABLE filed (                     -- of each host: what of it is in `tail` and in the chunks
  host INTEGER PRIMARY KEY,
  newest INTEGER NOT NULL,               -- greatest timestamp filed
  interval INTEGER NOT NULL,             -- seconds between it and the one before; 0: there was none
  next_tail INTEGER NOT NULL,            -- lower half of the next id in `tail`
  uncompacted INTEGER NOT NULL,          -- readings in `tail`
  series BLOB NOT NULL,                  -- the series of the host and the days they were last met
  latest BLOB NOT NULL                   -- the reading at `newest`, packed
) STRICT;
CREATE TABLE tail (                      -- readings as they came, filed by host, not compacted yet
  id INTEGER PRIMARY KEY,                -- host << 32 | number
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  readings INTEGER NOT NULL,             -- how many
  block BLOB NOT NULL
) STRICT;
CREATE TABLE raw_chunk (                 -- readings as columns
  id INTEGER PRIMARY KEY,                -- host << 32 | beginning of its period, which is a multiple of its length
  period INTEGER NOT NULL,               -- seconds
  rows INTEGER NOT NULL,
  rolled INTEGER NOT NULL,               -- 1: its minutes are in minute_chunk
  chunk BLOB NOT NULL
) STRICT;
CREATE TABLE minute_chunk (
  id INTEGER PRIMARY KEY,
  period INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  rolled INTEGER NOT NULL,
  chunk BLOB NOT NULL
) STRICT;
CREATE TABLE hour_chunk (
  id INTEGER PRIMARY KEY,
  period INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  rolled INTEGER NOT NULL,
  chunk BLOB NOT NULL
) STRICT;
CREATE TABLE damaged_chunk (             -- that could not be read when they were to be changed, kept for a rescue
  number INTEGER PRIMARY KEY,
  found_in TEXT NOT NULL,
  id INTEGER NOT NULL,
  chunk BLOB NOT NULL
) STRICT;
CREATE TABLE state (                     -- one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  filings INTEGER NOT NULL,              -- transactions that filed: tells readers which they see
  filing_up_to INTEGER NOT NULL,         -- of the journal's rows up to here some are filed already; 0: of none
  earliest_reading INTEGER NOT NULL,     -- older readings were deleted to save space
  earliest_minute INTEGER NOT NULL,
  earliest_hour INTEGER NOT NULL
) STRICT;
CREATE TABLE size_history (              -- what the database held, once an hour: for the forecast
  time INTEGER PRIMARY KEY,
  used_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 0, 0, 0, 0, 0);
)";

/// Names are given back, and never under a number that another had; hosts lose history one by one.
constexpr const char* kSchemaOfVersion3 = R"(
CREATE TABLE kept_from (                 -- of hosts that lost history to save space: where it begins now
  host INTEGER PRIMARY KEY,
  reading INTEGER NOT NULL,              -- Unix seconds; 0: that level lost nothing
  minute INTEGER NOT NULL,
  hour INTEGER NOT NULL
) STRICT;
ALTER TABLE series ADD COLUMN host INTEGER NOT NULL DEFAULT 0;       -- that brought the name; 0: not known
ALTER TABLE state ADD COLUMN last_series INTEGER NOT NULL DEFAULT 0; -- numbers up to here are not given again
ALTER TABLE state ADD COLUMN last_layout INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN names_left INTEGER NOT NULL DEFAULT 0;  -- 1: history was deleted, and its names are not searched for yet
)";

/// Roll-ups that the versions before made of a part of their readings are looked for, in the background; and
/// a host's age is reckoned by the server's clock.
constexpr const char* kSchemaOfVersion4 = R"(
CREATE TABLE roll_up_check (             -- a row while it is under way
  level INTEGER NOT NULL,                -- 0: chunks of readings, 1: of minutes
  after INTEGER NOT NULL,                -- id of the last chunk that was looked at
  mended INTEGER NOT NULL                -- roll-ups made anew
) STRICT;
ALTER TABLE host ADD COLUMN known_since INTEGER NOT NULL DEFAULT 0;  -- Unix seconds; 0: long ago, or imported
)";

/// The rows of the first version's table become the tail, which is then compacted like what is new.
void file_rows_of_version1(SQLite::Database& database) {
  struct HostRows {
    std::int64_t host = 0;
    TailWriter writer;
    std::int64_t readings = 0;
    std::int64_t previous = 0;
    std::int64_t newest = 0;
    std::string latest;
  };
  SQLite::Statement insert_filed(database, "INSERT INTO filed VALUES (?, ?, ?, ?, ?, x'', ?)");
  SQLite::Statement rows(database, "SELECT host, timestamp, packed FROM reading ORDER BY host, timestamp");
  HostRows open;
  std::uint64_t count = 0;
  const auto close = [&] {
    if (open.host == 0) return;
    open.writer.flush();
    insert_filed.bind(1, open.host);
    insert_filed.bind(2, open.newest);
    insert_filed.bind(3, open.readings < 2 ? 0 : open.newest - open.previous);
    insert_filed.bind(4, open.writer.next_number());
    insert_filed.bind(5, open.readings);
    insert_filed.bind(6, open.latest.data(), static_cast<int>(open.latest.size()));
    insert_filed.exec();
    insert_filed.reset();
  };
  SQLite::Statement insert_tail(database, TailWriter::kInsert);
  while (rows.executeStep()) {
    const std::int64_t host = rows.getColumn(0).getInt64();
    if (host != open.host) {
      close();
      open = HostRows{host, TailWriter(insert_tail, host, 0, kDay), 0, 0, 0, {}};
    }
    const std::int64_t timestamp = rows.getColumn(1).getInt64();
    open.writer.add(timestamp, blob(rows.getColumn(2)));
    open.previous = open.newest;
    open.newest = timestamp;
    open.latest = std::string(blob(rows.getColumn(2)));
    ++open.readings;
    ++count;
  }
  close();
  if (count != 0) spdlog::info("brought {} readings into the present format", count);
}

}  // namespace

void migrate(SQLite::Database& database, int version) {
  if (version >= kSchemaVersion) return;
  util::SqliteTransaction transaction(database, util::SqliteTransaction::Begin::immediate);
  if (version < 1) {
    database.exec(kSchemaOfVersion1);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  }
  if (version < 2) database.exec(kSchemaOfVersion2);
  if (version < 3) database.exec(kSchemaOfVersion3);
  database.exec(kSchemaOfVersion4);
  if (version > 0) database.exec("INSERT INTO roll_up_check VALUES (0, 0, 0)");
  if (version == 1) {
    file_rows_of_version1(database);
    database.exec("DROP TABLE reading");
  }
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

}  // namespace hostwatch::storage::sqlite
