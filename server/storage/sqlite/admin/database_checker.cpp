#include "server/storage/sqlite/admin/database_checker.h"

#include <algorithm>

#include "server/storage/chunk/chunk.h"
#include "server/storage/chunk/column_table.h"
#include "server/storage/chunk/roll_up.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/sqlite/database/dictionaries.h"
#include "server/storage/sqlite/database/schema.h"
#include "util/text/counted.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kMostProblems = 100;
constexpr int kVersionOfAllRollUps = 4;  ///< see begin_of()

std::string name_of(Level level, std::int64_t id) {
  return std::string(table_of(level)) + " of host " + std::to_string(host_of_row(id)) + " from " +
         std::to_string(low_of_row(id)) + " on";
}

bool is_same(const ColumnTable& a, const ColumnTable& b) {
  const auto same_column = [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.values == y.second.values && x.second.present == y.second.present;
  };
  return a.times == b.times &&
         std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), same_column);
}

/// How many readings a damaged chunk had; 0: its head is damaged, too.
std::uint64_t rows_kept_apart(std::string_view chunk) {
  try {
    const auto head = ChunkHead::parse(chunk);
    return head ? head->rows() : 0;
  } catch (const ColumnDamaged&) {
    return 0;
  }
}

using Periods = std::vector<std::pair<std::int64_t, std::int64_t>>;

bool is_in(const Periods& periods, std::int64_t time) {
  return std::any_of(periods.begin(), periods.end(),
                     [time](const auto& period) { return time >= period.first && time < period.second; });
}

/// The rows of `table` from `begin` on, without those at which `stored` stands for more readings: some that
/// are gone; and without those of `unknown` periods.
ColumnTable comparable(const ColumnTable& table, const ColumnTable& stored, const Periods& unknown,
                       std::int64_t begin) {
  const std::vector<double> counts = reading_counts(table);
  const std::vector<double> stored_counts = reading_counts(stored);
  std::vector<bool> wanted;
  for (std::size_t row = 0; row < table.times.size(); ++row) {
    const auto at = std::lower_bound(stored.times.begin(), stored.times.end(), table.times[row]);
    const bool is_there = at != stored.times.end() && *at == table.times[row];
    const double known = is_there ? stored_counts[static_cast<std::size_t>(at - stored.times.begin())] : 0;
    wanted.push_back(table.times[row] >= begin && known <= counts[row] && !is_in(unknown, table.times[row]));
  }
  return select_rows(table, wanted);
}

/// The rows of `table` of the times of `other`.
ColumnTable rows_of(const ColumnTable& table, const ColumnTable& other) {
  std::vector<bool> wanted;
  for (const std::int64_t time : table.times) {
    wanted.push_back(std::binary_search(other.times.begin(), other.times.end(), time));
  }
  return select_rows(table, wanted);
}

}  // namespace

CheckReport DatabaseChecker::run() {
  check_pages();
  if (!report_.problems.empty()) return report_;  // what the rows say means nothing then
  load_dictionaries();
  load_hosts();
  const int version = database_.execAndGet("PRAGMA user_version").getInt();
  if (version < 2) {
    check_rows_of_version1();
  } else {
    check_kept_apart();
    expects_all_ = version >= kVersionOfAllRollUps &&
                   database_.execAndGet("SELECT count(*) FROM roll_up_check").getInt() == 0;
    check_blocks("SELECT id, block FROM tail ORDER BY id", "tail", report_.filed);
    for (const Level level : {Level::raw, Level::minute, Level::hour}) check_level(level);
    BookkeepingReport noted = check_bookkeeping(database_, codec_, hosts_);
    report_.bookkeeping = std::move(noted.to_be_mended);
    for (const std::string& text : noted.problems) problem(text);
  }
  check_blocks("SELECT sequence, readings FROM journal ORDER BY sequence", "journal", report_.journal);
  return report_;
}

void DatabaseChecker::problem(const std::string& text) {
  if (report_.problems.size() < kMostProblems) report_.problems.push_back(text);
}

void DatabaseChecker::check_pages() {
  SQLite::Statement pages(database_, "PRAGMA integrity_check");
  while (pages.executeStep()) {
    const std::string line = pages.getColumn(0).getString();
    if (line != "ok") problem(line);
  }
}

void DatabaseChecker::load_dictionaries() {
  read_dictionaries(database_, codec_);
  report_.series = codec_.series.size();
}

void DatabaseChecker::load_hosts() {
  SQLite::Statement hosts(database_, "SELECT id, name FROM host");
  while (hosts.executeStep()) {
    hosts_.emplace(hosts.getColumn(0).getInt64(), hosts.getColumn(1).getString());
  }
  report_.hosts = hosts_.size();
}

void DatabaseChecker::check_reading(std::int64_t host, std::int64_t timestamp, std::string_view packed) {
  try {
    codec_.decode(packed, values_);
  } catch (const StoreError& error) {
    problem("the reading of host " + std::to_string(host) + " at " + std::to_string(timestamp) + ": " +
            error.what());
  }
}

void DatabaseChecker::check_rows_of_version1() {
  SQLite::Statement rows(database_, "SELECT host, timestamp, packed FROM reading");
  while (rows.executeStep()) {
    ++report_.filed;
    check_reading(rows.getColumn(0), rows.getColumn(1), blob(rows.getColumn(2)));
  }
}

void DatabaseChecker::check_blocks(const char* sql, const char* what, std::uint64_t& count) {
  SQLite::Statement rows(database_, sql);
  while (rows.executeStep()) {
    try {
      read_journal_block(blob(rows.getColumn(1)),
                         [&](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
                           // Of a host that was forgotten nothing is read any more, and its names may be
                           // gone.
                           if (!hosts_.contains(host)) return;
                           ++count;
                           check_reading(host, timestamp, packed);
                         });
    } catch (const StoreError& error) {
      problem("row " + std::to_string(rows.getColumn(0).getInt64()) + " of the " + what + ": " +
              error.what());
    }
  }
}

void DatabaseChecker::check_level(Level level) {
  SQLite::Statement rows(database_, std::string("SELECT id, period, rows, rolled, chunk FROM ") +
                                        table_of(level) + " ORDER BY id");
  while (rows.executeStep()) {
    ++report_.chunks;
    const ChunkRow row{level, rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(),
                       rows.getColumn(2).getInt64(), rows.getColumn(3).getInt() != 0};
    try {
      check_chunk(row, blob(rows.getColumn(4)));
    } catch (const ColumnDamaged& error) {
      problem(name_of(level, row.id) + ": " + error.what());
    }
  }
}

void DatabaseChecker::check_chunk(const ChunkRow& row, std::string_view bytes) {
  ColumnTable table = read_chunk(bytes, columns_);
  restore_decimals(
      row.level, [this](std::uint32_t series) { return codec_.decimals(series); }, table);
  const std::int64_t start = low_of_row(row.id);
  if (static_cast<std::int64_t>(table.times.size()) != row.rows || table.times.empty() ||
      table.times.front() < start ||
      table.times.back() >= start + likely_period(row.level, start, row.period)) {
    problem(name_of(row.level, row.id) + ": its rows are not those of its period");
    return;
  }
  const std::int64_t host = host_of_row(row.id);
  for (const auto& [number, column] : table.columns) {
    const std::uint32_t series = row.level == Level::raw ? number : series_of_roll_up(number);
    if (hosts_.contains(host) && codec_.metric_of(series).empty()) {
      problem(name_of(row.level, row.id) + ": series " + std::to_string(series) + " has no name");
      break;
    }
  }
  if (row.level == Level::raw) {
    report_.filed += table.times.size();
    if (row.rolled) {
      expect_roll_ups(roll_up(table, kMinute), Level::minute, host);
    } else {
      expect_roll_ups(roll_up(table, kHour), Level::hour, host);
    }
  } else if (row.level == Level::minute) {
    expect_roll_ups(roll_up_again(table, kHour), Level::hour, host);
  }
}

/// The roll-ups of the expected times must be the expected ones, from where they must be there.
void DatabaseChecker::expect_roll_ups(const ColumnTable& expected, Level level, std::int64_t host) {
  const auto [stored, unknown] = stored_rows(level, host, expected.times.front(), expected.times.back());
  const ColumnTable compared = comparable(expected, stored, unknown, begin_of(level, host));
  if (is_same(rows_of(stored, compared), compared)) return;
  if (report_.wrong_roll_ups.size() >= kMostProblems) return;
  report_.wrong_roll_ups.push_back(std::string(table_of(level)) + " of host " + std::to_string(host) +
                                   " from " + std::to_string(expected.times.front()) + " to " +
                                   std::to_string(expected.times.back()) +
                                   ": the roll-ups are not those of the readings");
}

/// From when on the level has a roll-up of all that is finer: always, since nothing coarser goes before what
/// is finer; after an earlier version, from its first one on.
std::int64_t DatabaseChecker::begin_of(Level level, std::int64_t host) {
  if (expects_all_) return 0;
  const auto [known, is_new] = begins_.try_emplace({level, host}, INT64_MAX);
  if (!is_new) return known->second;
  SQLite::Statement first(database_, std::string("SELECT chunk FROM ") + table_of(level) +
                                         " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1");
  first.bind(1, row_id(host, 0));
  first.bind(2, row_id(host, kGreatestLow));
  if (!first.executeStep()) return known->second;
  try {
    known->second = read_chunk(blob(first.getColumn(0)), columns_).times.front();
  } catch (const ColumnDamaged&) {
    known->second = 0;  // which is told of that chunk, and its period is not compared
  }
  return known->second;
}

DatabaseChecker::StoredRows DatabaseChecker::stored_rows(Level level, std::int64_t host, std::int64_t from,
                                                         std::int64_t to) {
  const std::int64_t longest = periods_of(level).front();
  SQLite::Statement rows(database_, std::string("SELECT id, period, chunk FROM ") + table_of(level) +
                                        " WHERE id BETWEEN ? AND ? ORDER BY id");
  rows.bind(1, row_id(host, std::max<std::int64_t>(from - longest, 0)));
  rows.bind(2, row_id(host, to));
  StoredRows stored;
  while (rows.executeStep()) {
    try {
      stored.table = merge_tables(std::move(stored.table),
                                  slice_rows(read_chunk(blob(rows.getColumn(2)), columns_), from, to + 1));
    } catch (const ColumnDamaged&) {
      const std::int64_t start = low_of_row(rows.getColumn(0).getInt64());
      stored.unknown.emplace_back(start, start + rows.getColumn(1).getInt64());
    }
  }
  return stored;
}

/// Readings that are kept apart are nowhere else; minutes and hours were made anew of what there is.
void DatabaseChecker::check_kept_apart() {
  SQLite::Statement rows(database_, "SELECT found_in, id, chunk FROM damaged_chunk ORDER BY number");
  while (rows.executeStep()) {
    const std::string found_in = rows.getColumn(0).getString();
    const std::int64_t id = rows.getColumn(1).getInt64();
    const std::string host = found_in + " of host " + std::to_string(host_of_row(id));
    const std::string from = " from " + std::to_string(low_of_row(id)) + " on";
    std::string what;
    if (found_in == table_of(Level::raw)) {
      const std::uint64_t missing = rows_kept_apart(blob(rows.getColumn(2)));
      report_.missing += missing;
      what = host + from + ": " + (missing == 0 ? "readings" : util::counted(missing, "reading")) +
             " of it are missing from the raw readings; its minutes and hours stand for them";
    } else if (found_in == "journal") {
      what = "row " + std::to_string(id) + " of the journal: readings of it are missing from the history";
    } else if (found_in == "tail") {
      what = host + ": readings of it that were not in a chunk yet are missing from the history";
    } else {
      what = host + from + ": it was made anew of what is finer, as far as that is there";
    }
    if (report_.kept_apart.size() < kMostProblems) report_.kept_apart.push_back(what);
  }
}

}  // namespace hostwatch::storage::sqlite
