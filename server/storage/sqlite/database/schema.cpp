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

/// Alarms: rules, where each stands, what fired, who was told. Texts are server/alerts' business. Alarms name
/// their host by its name, so that they stay when it is deleted. Tables and types are those that another
/// database can have, too; a REAL that is NULL is no number.
constexpr const char* kSchemaOfVersion5 = R"(
CREATE TABLE alert_rule (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,             -- grows with each change
  source TEXT NOT NULL,                  -- page, file, shipped
  definition TEXT NOT NULL,              -- JSON
  changed INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alarm_state (               -- where a rule stands for an instance of a host, if that is not ok
  rule TEXT NOT NULL,
  host TEXT NOT NULL,                    -- name; empty: the server itself
  instance TEXT NOT NULL,
  state TEXT NOT NULL,                   -- pending, firing, clearing
  severity TEXT NOT NULL,
  since INTEGER NOT NULL,                -- time of the reading with which it began
  held INTEGER NOT NULL,                 -- seconds of covered time beyond the lower severity's limits
  held_high INTEGER NOT NULL,            -- beyond the higher one's
  cleared INTEGER NOT NULL,              -- beyond what ends it
  cleared_high INTEGER NOT NULL,         -- beyond what ends the higher severity
  alarm INTEGER NOT NULL,                -- 0: none yet
  measured INTEGER NOT NULL,             -- the last reading that had its series
  value REAL,
  PRIMARY KEY (rule, host, instance)
) STRICT, WITHOUT ROWID;
CREATE TABLE alarm (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: people have links to it
  rule TEXT NOT NULL,
  host TEXT NOT NULL,
  instance TEXT NOT NULL,
  severity TEXT NOT NULL,                -- as it is now
  highest TEXT NOT NULL,                 -- that it had
  started INTEGER NOT NULL,              -- time of the first reading that breached
  fired INTEGER NOT NULL,                -- of the one that fulfilled "for"
  ended INTEGER NOT NULL,                -- of the one that ended it; 0: it is open
  end_reason TEXT NOT NULL,
  value_fired REAL,
  value_worst REAL,
  value_ended REAL,
  limit_value REAL,                      -- that it went beyond
  late INTEGER NOT NULL,                 -- 1: found in a backlog
  flapping INTEGER NOT NULL,
  ack_by TEXT NOT NULL,
  ack_until INTEGER NOT NULL,            -- 0: until it ends
  ack_note TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_by_time ON alarm (fired);
CREATE INDEX alarm_by_host ON alarm (host, fired);
CREATE INDEX alarm_open ON alarm (fired) WHERE ended = 0;
CREATE INDEX alarm_ended ON alarm (ended) WHERE ended <> 0;
CREATE TABLE alarm_event (               -- what happened to an alarm, in order
  id INTEGER PRIMARY KEY,
  alarm INTEGER NOT NULL,
  at INTEGER NOT NULL,                   -- the reading's time
  decided INTEGER NOT NULL,              -- the server's clock
  kind TEXT NOT NULL,
  value REAL,
  detail TEXT NOT NULL                   -- text for people
) STRICT;
CREATE INDEX alarm_event_by_alarm ON alarm_event (alarm, decided);
CREATE TABLE alarm_told (                -- what a channel was told last of an alarm
  alarm INTEGER NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  delivery TEXT NOT NULL,                -- id of the message
  PRIMARY KEY (alarm, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_told_open ON alarm_told (alarm) WHERE state <> 'ended';
CREATE TABLE alarm_delivery (            -- every message that told of an alarm; it may be gone already
  alarm INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  PRIMARY KEY (alarm, delivery)
) STRICT, WITHOUT ROWID;
CREATE TABLE alert_delivery (            -- messages to channels
  number INTEGER PRIMARY KEY,            -- in order of their making
  id TEXT NOT NULL UNIQUE,               -- 128 random bits, for ever the message's
  channel TEXT NOT NULL,
  body TEXT NOT NULL,                    -- JSON of what is told, not rendered
  created INTEGER NOT NULL,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  state TEXT NOT NULL,                   -- waiting, sent, dead, merged
  status INTEGER NOT NULL,               -- HTTP's or SMTP's, of the last attempt
  error TEXT NOT NULL
) STRICT;
CREATE INDEX alert_delivery_by_channel ON alert_delivery (channel, number);
CREATE INDEX alert_delivery_waiting ON alert_delivery (due) WHERE state = 'waiting';
CREATE INDEX alert_delivery_dead ON alert_delivery (number) WHERE state = 'dead';
CREATE INDEX alert_delivery_done ON alert_delivery (created) WHERE state IN ('sent', 'merged');
CREATE TABLE alert_silence (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again
  definition TEXT NOT NULL,              -- JSON
  author TEXT NOT NULL,
  created INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
CREATE TABLE alert_route (               -- one row, or none
  id INTEGER PRIMARY KEY CHECK (id = 1),
  definition TEXT NOT NULL               -- JSON of all routes, in their order
) STRICT;
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
  if (version < 4) database.exec(kSchemaOfVersion4);
  if (version > 0 && version < 4) database.exec("INSERT INTO roll_up_check VALUES (0, 0, 0)");
  database.exec(kSchemaOfVersion5);
  if (version == 1) {
    file_rows_of_version1(database);
    database.exec("DROP TABLE reading");
  }
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

}  // namespace hostwatch::storage::sqlite
