#include "server/storage/chunk/reading_rows.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "server/storage/chunk/column_table.h"

namespace hostwatch::storage {
namespace {

struct Row {
  std::int64_t time;
  const ColumnTable* table;
  std::size_t row;
};

/// The values of one table row by row, which must be asked for in order.
class RowReader {
 public:
  explicit RowReader(const ColumnTable& table) {
    for (const auto& [series, column] : table.columns) columns_.push_back({series, &column, 0});
  }
  void read(std::size_t row, std::vector<StoredValue>& values) {
    values.clear();
    for (Cursor& cursor : columns_) {
      if (has_value(*cursor.column, row))
        values.push_back({cursor.series, cursor.column->values[cursor.next++]});
    }
  }

 private:
  struct Cursor {
    std::uint32_t series;
    const Column* column;
    std::size_t next;
  };
  std::vector<Cursor> columns_;
};

}  // namespace

void read_readings(const Store& store, ReadRequest request, const RowVisitor& visit) {
  const PartReader read = [&store](const ReadRequest& asked, const PartVisitor& parts) {
    store.read(asked, parts);
  };
  read_readings(read, std::move(request), visit);
}

void read_readings(const PartReader& read, ReadRequest request, const RowVisitor& visit) {
  request.resolution = 0;
  std::deque<ColumnTable> tables;
  read(request, [&](const HistoryPart& part) {
    if (part.step == 0) tables.push_back(part.table);
    return true;
  });
  std::vector<Row> rows;
  std::map<const ColumnTable*, RowReader> readers;
  for (const ColumnTable& table : tables) {
    readers.emplace(&table, RowReader(table));
    for (std::size_t row = 0; row < table.times.size(); ++row)
      rows.push_back({table.times[row], &table, row});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  std::vector<StoredValue> values;
  for (const Row& row : rows) {
    readers.at(row.table).read(row.row, values);
    visit(row.time, values);
  }
}

}  // namespace hostwatch::storage
