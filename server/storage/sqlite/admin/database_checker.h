#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/storage/check_report.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/admin/bookkeeping_check.h"
#include "server/storage/sqlite/chunks/chunk_tables.h"

namespace hostwatch::storage::sqlite {

/// Looks at every page, every reading and every chunk of a database of any version, and at whether the
/// roll-ups are what the readings make them: those that are still there, where a roll-up stands for no more.
/// Within a transaction that reads. Not thread-safe.
class DatabaseChecker {
 public:
  explicit DatabaseChecker(SQLite::Database& database) : database_(database) {}

  /// Throws SQLite::Exception where the database cannot be read at all.
  CheckReport run();

 private:
  struct ChunkRow {
    Level level;
    std::int64_t id;
    std::int64_t period;
    std::int64_t rows;
    bool rolled;
  };
  void problem(const std::string& text);
  void check_pages();
  void load_dictionaries();
  void check_reading(std::int64_t host, std::int64_t timestamp, std::string_view packed);
  void check_rows_of_version1();
  void check_blocks(const char* sql, const char* what, std::uint64_t& count);
  void load_hosts();
  void check_level(Level level);
  void check_chunk(const ChunkRow& row, std::string_view bytes);
  void expect_roll_ups(const ColumnTable& expected, Level level, std::int64_t host);
  void check_kept_apart();
  std::int64_t begin_of(Level level, std::int64_t host);
  /// Rows of a level, and the periods of chunks that cannot be read: what is there is not known.
  struct StoredRows {
    ColumnTable table;
    std::vector<std::pair<std::int64_t, std::int64_t>> unknown;
  };
  StoredRows stored_rows(Level level, std::int64_t host, std::int64_t from, std::int64_t to);

  SQLite::Database& database_;
  CheckReport report_;
  ReadingCodec codec_;
  ColumnCodec columns_;
  std::vector<StoredValue> values_;
  HostNames hosts_;
  std::map<std::pair<Level, std::int64_t>, std::int64_t> begins_;
  /// Earlier versions deleted roll-ups whose readings they kept; those are made anew after the first start.
  bool expects_all_ = false;
};

}  // namespace hostwatch::storage::sqlite
