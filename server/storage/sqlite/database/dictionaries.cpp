#include "server/storage/sqlite/database/dictionaries.h"

#include <string>
#include <utility>
#include <vector>

#include "server/storage/sqlite/database/connection.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

namespace {

constexpr int kVersionWithHosts = 3;  ///< of the schema: names that have gaps, and whose they are

void read_series(SQLite::Database& database, bool with_hosts, SeriesDictionary& dictionary) {
  SQLite::Statement rows(database, with_hosts
                                       ? "SELECT id, metric, instance, decimals, host FROM series ORDER BY id"
                                       : "SELECT id, metric, instance, decimals, 0 FROM series ORDER BY id");
  while (rows.executeStep()) {
    constexpr int kMostDecimals = 6;
    const int decimals = rows.getColumn(3);
    if (decimals < 0 || decimals > kMostDecimals) {
      throw StoreError("the database is damaged: its list of series cannot be read; restore a backup");
    }
    dictionary.restore(rows.getColumn(0).getUInt(),
                       {{rows.getColumn(1).getString(), rows.getColumn(2).getString()},
                        decimals,
                        rows.getColumn(4).getInt64()});
  }
}

void read_layouts(SQLite::Database& database, const SeriesDictionary& series, LayoutDictionary& dictionary) {
  SQLite::Statement rows(database, "SELECT id, series FROM layout ORDER BY id");
  while (rows.executeStep()) {
    std::string packed(blob(rows.getColumn(1)));
    std::vector<PackedSeries> list;
    for (const std::uint32_t number : unpack_series(packed)) {
      const SeriesEntry* entry = series.entry(number);
      if (entry == nullptr) {
        throw StoreError(
            "the database is damaged: a layout names a series that is not there; restore a backup");
      }
      list.push_back({number, entry->decimals});
    }
    dictionary.restore(rows.getColumn(0).getUInt(), std::move(packed), std::move(list));
  }
}

}  // namespace

void read_dictionaries(SQLite::Database& database, ReadingCodec& codec) {
  SeriesDictionary series;
  LayoutDictionary layouts;
  const bool with_hosts = database.execAndGet("PRAGMA user_version").getInt() >= kVersionWithHosts;
  read_series(database, with_hosts, series);
  read_layouts(database, series, layouts);
  if (with_hosts) {
    SQLite::Statement last(database, "SELECT last_series, last_layout FROM state");
    if (last.executeStep()) {
      series.set_last(last.getColumn(0).getUInt());
      layouts.set_last(last.getColumn(1).getUInt());
    }
  }
  codec.replace_dictionaries(std::move(series), std::move(layouts));
}

}  // namespace hostwatch::storage::sqlite
