#include "server/storage/sqlite/admin/bookkeeping_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "server/storage/chunk/chunk.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kMostLines = 100;

class BookkeepingChecker {
 public:
  BookkeepingChecker(SQLite::Database& database, const ReadingCodec& codec, const HostNames& hosts)
      : database_(database), codec_(codec), hosts_(hosts) {}

  BookkeepingReport run() {
    read_tail();
    for (const Level level : {Level::raw, Level::minute, Level::hour}) read_chunks(level);
    read_filed();
    for (const auto& [id, rows] : rows_) {
      if (!rows.is_filed) mended(id, "nothing is noted of what is stored of it (table filed)");
    }
    return std::move(report_);
  }

 private:
  /// What the rows of a host say.
  struct HostRows {
    std::int64_t readings = 0;  ///< in its tail, as its rows say
    std::int64_t next_tail = 0;
    std::int64_t newest = INT64_MIN;
    bool is_filed = false;
  };
  using Lines = std::vector<std::string>;

  static void add(Lines& lines, std::string text) {
    if (lines.size() < kMostLines) lines.push_back(std::move(text));
  }
  void mended(std::int64_t host, const std::string& text) {
    add(report_.to_be_mended, "host '" + hosts_.at(host) + "' (" + std::to_string(host) + "): " + text);
  }
  void wrong(std::int64_t host, const std::string& text) {
    add(report_.problems, "host '" + hosts_.at(host) + "' (" + std::to_string(host) + "): " + text);
  }

  void read_tail() {
    SQLite::Statement rows(database_, "SELECT id, first, last, readings, block FROM tail ORDER BY id");
    while (rows.executeStep()) {
      const std::int64_t id = rows.getColumn(0).getInt64();
      const std::int64_t host = host_of_row(id);
      if (!hosts_.contains(host)) continue;
      HostRows& known = rows_[host];
      known.readings += rows.getColumn(3).getInt64();
      known.next_tail = low_of_row(id) + 1;
      check_tail_row(
          host, low_of_row(id),
          {rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64(), rows.getColumn(3).getInt64()},
          blob(rows.getColumn(4)));
    }
  }

  struct Noted {
    std::int64_t first;
    std::int64_t last;
    std::int64_t readings;
  };
  void check_tail_row(std::int64_t host, std::int64_t number, const Noted& noted, std::string_view block) {
    Noted found{INT64_MAX, INT64_MIN, 0};
    try {
      read_journal_block(block, [&](std::int64_t, std::int64_t timestamp, std::string_view) {
        found.first = std::min(found.first, timestamp);
        found.last = std::max(found.last, timestamp);
        ++found.readings;
      });
    } catch (const StoreError&) {
      return;  // which is told of the block
    }
    const std::string row = "row " + std::to_string(number) + " of its tail ";
    if (found.first < noted.first || found.last > noted.last) {
      wrong(host, row + "has readings from " + std::to_string(found.first) + " to " +
                      std::to_string(found.last) + ", and says from " + std::to_string(noted.first) + " to " +
                      std::to_string(noted.last));
      return;
    }
    rows_[host].newest = std::max(rows_[host].newest, found.last);
    if (found.first != noted.first || found.last != noted.last) {
      mended(host, row + "says that it is from " + std::to_string(noted.first) + " to " +
                       std::to_string(noted.last) + ", and is from " + std::to_string(found.first) + " to " +
                       std::to_string(found.last));
    }
    if (found.readings != noted.readings) {
      mended(host,
             row + "says that it has " + counted(noted.readings) + ", and has " + counted(found.readings));
    }
  }

  void read_chunks(Level level) {
    SQLite::Statement rows(database_,
                           std::string("SELECT id, period FROM ") + table_of(level) + " ORDER BY id");
    std::int64_t before = -1;  // host of the chunk before, and where it ends
    std::int64_t end = 0;
    std::int64_t last = 0;
    while (rows.executeStep()) {
      const std::int64_t id = rows.getColumn(0).getInt64();
      const std::int64_t host = host_of_row(id);
      if (!hosts_.contains(host)) continue;
      if (host != before && level == Level::raw) note_newest(last);
      last = id;
      const std::int64_t start = low_of_row(id);
      const std::int64_t period = rows.getColumn(1).getInt64();
      const std::string chunk = std::string(table_of(level)) + " from " + std::to_string(start) + " on ";
      if (!is_period(level, start, period)) {
        mended(host, chunk + "says that it spans " + std::to_string(period) + " seconds, as no chunk does");
      } else if (host == before && start < end) {
        wrong(host, chunk + "lies in the chunk before it");
      }
      end = is_period(level, start, period) ? start + period : start;
      before = host;
    }
    if (level == Level::raw) note_newest(last);
  }

  /// `id`: of the last chunk of readings of a host; 0: none.
  void note_newest(std::int64_t id) {
    if (id == 0) return;
    HostRows& known = rows_[host_of_row(id)];
    SQLite::Statement chunk(database_, "SELECT chunk FROM raw_chunk WHERE id = ?");
    chunk.bind(1, id);
    if (!chunk.executeStep()) return;
    try {
      const auto head = ChunkHead::parse(blob(chunk.getColumn(0)));
      if (head) known.newest = std::max(known.newest, head->last());
    } catch (const ColumnDamaged&) {
      return;
    }
  }

  void read_filed() {
    SQLite::Statement rows(database_,
                           "SELECT host, newest, next_tail, uncompacted, series, latest FROM filed");
    while (rows.executeStep()) {
      const std::int64_t host = rows.getColumn(0).getInt64();
      if (!hosts_.contains(host)) continue;
      HostRows& known = rows_[host];
      known.is_filed = true;
      const std::int64_t newest = rows.getColumn(1).getInt64();
      const std::int64_t next_tail = rows.getColumn(2).getInt64();
      const std::int64_t uncompacted = rows.getColumn(3).getInt64();
      if (newest < known.newest) {
        mended(host, "filed.newest is " + std::to_string(newest) + ", and its newest reading is of " +
                         std::to_string(known.newest));
      }
      if (next_tail < known.next_tail || next_tail > kGreatestLow) {
        mended(host, "filed.next_tail is " + std::to_string(next_tail) + ", and its next row would be " +
                         std::to_string(known.next_tail));
      }
      if (uncompacted != known.readings) {
        mended(host, "filed.uncompacted is " + std::to_string(uncompacted) + ", and its tail has " +
                         counted(known.readings));
      }
      try {
        HostSeries::unpack(blob(rows.getColumn(4)));
      } catch (const StoreError&) {
        mended(host, "filed.series cannot be read");
      }
      try {
        if (!blob(rows.getColumn(5)).empty()) codec_.decode(blob(rows.getColumn(5)), values_);
      } catch (const StoreError&) {
        mended(host, "filed.latest cannot be read");
      }
    }
  }

  static std::string counted(std::int64_t readings) {
    return std::to_string(readings) + (readings == 1 ? " reading" : " readings");
  }

  SQLite::Database& database_;
  const ReadingCodec& codec_;
  const HostNames& hosts_;
  BookkeepingReport report_;
  std::map<std::int64_t, HostRows> rows_;  ///< by host
  std::vector<StoredValue> values_;
};

}  // namespace

BookkeepingReport check_bookkeeping(SQLite::Database& database, const ReadingCodec& codec,
                                    const HostNames& hosts) {
  return BookkeepingChecker(database, codec, hosts).run();
}

}  // namespace hostwatch::storage::sqlite
