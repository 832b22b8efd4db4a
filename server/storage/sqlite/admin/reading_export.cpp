#include "server/storage/sqlite/admin/reading_export.h"

#include <algorithm>
#include <map>

#include "server/storage/chunk/reading_rows.h"
#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/chunks/history_reader.h"
#include "server/storage/sqlite/chunks/tail.h"
#include "server/storage/sqlite/database/connection.h"
#include "server/storage/sqlite/database/dictionaries.h"
#include "server/storage/sqlite/database/resting_database.h"
#include "server/storage/sqlite/database/schema.h"
#include "server/storage/store.h"
#include "server/storage/transfer/reading_csv.h"
#include "util/sqlite/sqlite_transaction.h"

namespace hostwatch::storage::sqlite {
namespace {

class Exporter {
 public:
  Exporter(const std::string& path, const std::function<void(std::string_view)>& write)
      : leftovers_(path), connection_(open_resting_database(path)), write_(write) {}

  std::uint64_t run(const ExportRequest& request) {
    check_is_ours();
    const util::SqliteTransaction one_moment(connection_.database(),
                                             util::SqliteTransaction::Begin::deferred);
    read_dictionaries(connection_.database(), codec_);
    load_hosts(request.hostnames);
    load_journal();
    write_(std::string(kCsvHeader) + "\n");
    for (const auto& [name, id] : hosts_) export_host(name, id, request);
    return readings_;
  }

 private:
  void check_is_ours() {
    const int version = connection_.database().execAndGet("PRAGMA user_version").getInt();
    if (connection_.database().execAndGet("PRAGMA application_id").getInt() != kApplicationId ||
        version != kSchemaVersion) {
      throw StoreError(
          "it is not a database of this version; start the server on it once, which brings it up to date");
    }
  }

  void load_hosts(const std::vector<std::string>& wanted) {
    SQLite::Statement rows(connection_.database(), "SELECT name, id FROM host");
    while (rows.executeStep()) hosts_.emplace(rows.getColumn(0).getString(), rows.getColumn(1).getInt64());
    if (wanted.empty()) return;
    for (const std::string& name : wanted) {
      if (!hosts_.contains(name)) throw StoreError("there is no host '" + name + "'");
    }
    std::erase_if(hosts_, [&](const auto& host) {
      return std::find(wanted.begin(), wanted.end(), host.first) == wanted.end();
    });
  }

  void load_journal() {
    SQLite::Statement rows(connection_.database(), "SELECT readings FROM journal ORDER BY sequence");
    while (rows.executeStep()) {
      read_journal_block(blob(rows.getColumn(0)),
                         [this](std::int64_t host, std::int64_t timestamp, std::string_view packed) {
                           journal_[host].emplace(timestamp, std::make_shared<const std::string>(packed));
                         });
    }
  }

  /// From the first to the last reading that the host may have.
  std::pair<std::int64_t, std::int64_t> span_of(std::int64_t host) {
    std::int64_t first = INT64_MAX;
    std::int64_t last = INT64_MIN;
    for (const char* sql :
         {"SELECT min(first), max(last) FROM tail WHERE id BETWEEN ? AND ?",
          "SELECT min(id & 4294967295), max((id & 4294967295) + max(period, 345600)) FROM raw_chunk "
          "WHERE id BETWEEN ? AND ?"}) {
      SQLite::Statement& range = connection_.statement(sql);
      range.bind(1, row_id(host, 0));
      range.bind(2, row_id(host, kGreatestLow));
      if (!range.executeStep() || range.getColumn(0).isNull()) continue;
      first = std::min(first, range.getColumn(0).getInt64());
      last = std::max(last, range.getColumn(1).getInt64());
      range.tryReset();
    }
    const auto journal = journal_.find(host);
    if (journal != journal_.end()) {
      first = std::min(first, journal->second.begin()->first);
      last = std::max(last, journal->second.rbegin()->first);
    }
    return {first, last};
  }

  void export_host(const std::string& name, std::int64_t id, const ExportRequest& request) {
    auto [first, last] = span_of(id);
    first = std::max(first, request.from);
    last = std::min(last, request.to);
    for (std::int64_t from = first; from <= last; from += kDay) {
      export_range(name, id, from, std::min(from + kDay - 1, last));
    }
  }

  void export_range(const std::string& name, std::int64_t id, std::int64_t from, std::int64_t to) {
    HistoryReader reader(connection_, codec_, id,
                         [](Level level, std::int64_t chunk, const std::string& what) {
                           throw StoreError(what + ": " + table_of(level) + " from " +
                                            std::to_string(low_of_row(chunk)) + " on");
                         });
    const PartReader parts = [&](const ReadRequest& asked, const PartVisitor& visit) {
      reader.read(asked, journal_of(id, from, to), visit);
    };
    std::string text;
    std::int64_t previous = INT64_MIN;
    read_readings(parts, {name, from, to, true, {}},
                  [&](std::int64_t time, std::span<const StoredValue> values) {
                    // While a server files what is in the journal, it is in both for a moment.
                    if (time == previous) return;
                    previous = time;
                    ++readings_;
                    for (const StoredValue& value : values) {
                      const SeriesName series = codec_.series_name(value.series);
                      append_csv_value(text, name, time, series.metric, series.instance, value.value);
                    }
                    constexpr std::size_t kPiece = 1U << 16U;
                    if (text.size() < kPiece) return;
                    write_(text);
                    text.clear();
                  });
    write_(text);
  }

  std::vector<LooseReading> journal_of(std::int64_t host, std::int64_t from, std::int64_t to) const {
    std::vector<LooseReading> readings;
    const auto found = journal_.find(host);
    if (found == journal_.end()) return readings;
    for (auto at = found->second.lower_bound(from); at != found->second.end() && at->first <= to; ++at) {
      readings.push_back({at->first, at->second});
    }
    return readings;
  }

  LeftoverFiles leftovers_;  ///< before the connection, which ends first
  Connection connection_;
  const std::function<void(std::string_view)>& write_;
  ReadingCodec codec_;
  std::map<std::string, std::int64_t> hosts_;
  std::map<std::int64_t, std::map<std::int64_t, SharedPacked>> journal_;  ///< by host and time
  std::uint64_t readings_ = 0;
};

}  // namespace

std::uint64_t export_readings(const std::string& path, const ExportRequest& request,
                              const std::function<void(std::string_view)>& write) {
  try {
    return Exporter(path, write).run(request);
  } catch (const std::exception& error) {
    throw StoreError("cannot export the database '" + path + "': " + error.what());
  }
}

}  // namespace hostwatch::storage::sqlite
