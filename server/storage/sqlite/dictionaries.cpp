#include "server/storage/sqlite/dictionaries.h"

#include <string>

#include "server/storage/sqlite/connection.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

void read_dictionaries(SQLite::Database& database, ReadingCodec& codec) {
  SeriesDictionary new_series;
  LayoutDictionary new_layouts;
  SQLite::Statement series(database, "SELECT id, metric, instance, decimals FROM series ORDER BY id");
  while (series.executeStep()) {
    const std::uint32_t number =
        new_series.add(series.getColumn(1).getString(), series.getColumn(2).getString(), series.getColumn(3));
    const int decimals = series.getColumn(3);
    if (number != series.getColumn(0).getUInt() || decimals < 0 || decimals > 6) {
      throw StoreError("the database is damaged: its list of series has gaps");
    }
  }
  SQLite::Statement layouts(database, "SELECT id, series FROM layout ORDER BY id");
  while (layouts.executeStep()) {
    if (new_layouts.add(std::string(blob(layouts.getColumn(1)))) != layouts.getColumn(0).getUInt()) {
      throw StoreError("the database is damaged: its list of layouts has gaps");
    }
    const auto& list = new_layouts.series(static_cast<std::uint32_t>(new_layouts.size()));
    if (!list.empty() && list.back() > new_series.size()) {
      throw StoreError("the database is damaged: a layout names a series that is not there");
    }
  }
  codec.replace_dictionaries(std::move(new_series), std::move(new_layouts));
}

}  // namespace hostwatch::storage::sqlite
