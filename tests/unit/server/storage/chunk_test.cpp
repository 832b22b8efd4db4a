// Chunks: tables of columns as bytes and back, a column at a time; roll-ups of them.
#include "server/storage/chunk/chunk.h"
#include "server/storage/chunk/column_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "server/storage/chunk/roll_up.h"

namespace hostwatch::storage {
namespace {

using Rows = std::map<std::int64_t, std::map<std::uint32_t, double>>;

ColumnTable table_of(const Rows& rows) {
  ColumnTable table;
  for (const auto& [time, values] : rows) {
    for (const auto& [series, value] : values) table.columns[series].decimals = series % 2 == 0 ? 2 : 1;
    table.times.push_back(time);
  }
  for (auto& [series, column] : table.columns) {
    for (const auto& [time, values] : rows) {
      const auto found = values.find(series);
      column.present.push_back(found != values.end());
      if (found != values.end()) column.values.push_back(found->second);
    }
    if (std::find(column.present.begin(), column.present.end(), false) == column.present.end())
      column.present.clear();
  }
  return table;
}

Rows rows_of(const ColumnTable& table) {
  Rows rows;
  for (const std::int64_t time : table.times) rows[time];
  for (const auto& [series, column] : table.columns) {
    std::size_t next = 0;
    for (std::size_t row = 0; row < table.times.size(); ++row) {
      if (!column.present.empty() && !column.present[row]) continue;
      rows[table.times[row]][series] = column.values[next++];
    }
  }
  return rows;
}

class ChunkTest : public ::testing::Test {
 protected:
  /// Ten seconds apart or so; series 1 to 3 always, others come and go.
  Rows some_rows(std::size_t count) {
    Rows rows;
    std::int64_t time = 1'763'884'800;
    for (std::size_t i = 0; i < count; ++i) {
      time += 8 + static_cast<std::int64_t>(random() % 5);
      auto& values = rows[time];
      for (std::uint32_t series = 1; series <= 3; ++series)
        values[series] = static_cast<double>(random() % 1'000) / 10;
      for (std::uint32_t series = 7; series < 40; series += 1 + series % 3) {
        if (random() % 4 != 0)
          values[series] = static_cast<double>(random() % 100'000) / (series % 2 == 0 ? 100 : 10);
      }
    }
    return rows;
  }

  ColumnCodec codec;
  std::mt19937 random{7};
};

TEST_F(ChunkTest, ATableComesBackAsItWas) {
  for (const std::size_t count : {0U, 1U, 2U, 500U}) {
    const Rows rows = some_rows(count);
    EXPECT_EQ(rows_of(read_chunk(write_chunk(table_of(rows), codec), codec)), rows);
  }
}

TEST_F(ChunkTest, TheSameTableGivesTheSameBytes) {
  const Rows rows = some_rows(300);
  ColumnCodec other;
  EXPECT_EQ(write_chunk(table_of(rows), codec), write_chunk(table_of(rows), other));
}

TEST_F(ChunkTest, OneColumnIsReadWithoutTheOthers) {
  const Rows rows = some_rows(300);
  const std::string bytes = write_chunk(table_of(rows), codec);
  const auto head = ChunkHead::parse(std::string_view(bytes).substr(0, ChunkHead::enough_bytes(40)));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->rows(), 300U);
  EXPECT_EQ(head->first(), rows.begin()->first);
  EXPECT_EQ(head->last(), rows.rbegin()->first);
  EXPECT_EQ(head->find(6), nullptr);
  const ChunkHead::Place* place = head->find(2);
  ASSERT_NE(place, nullptr);
  Column column;
  read_column(*head, *place,
              std::string_view(bytes).substr(place->offset, place->presence_bytes + place->value_bytes),
              {0, 300}, codec, column);
  std::vector<double> expected;
  for (const auto& [time, values] : rows) expected.push_back(values.at(2));
  EXPECT_EQ(column.values, expected);
}

TEST_F(ChunkTest, ARangeOfRowsIsReadWithoutTheOthers) {
  const Rows rows = some_rows(300);
  const std::string bytes = write_chunk(table_of(rows), codec);
  const auto head = ChunkHead::parse(bytes);
  ASSERT_TRUE(head);
  for (const auto& place : head->places()) {
    const auto part = std::string_view(bytes).substr(place.offset, place.presence_bytes + place.value_bytes);
    for (const auto& [begin, end] :
         {std::pair<std::size_t, std::size_t>{0, 300}, {0, 0}, {299, 300}, {17, 218}}) {
      Column column;
      read_column(*head, place, part, {begin, end}, codec, column);
      std::size_t row = 0;
      std::size_t value = 0;
      for (const auto& [time, values] : rows) {
        if (row >= begin && row < end) {
          EXPECT_EQ(values.contains(place.series), has_value(column, row - begin));
          if (values.contains(place.series)) {
            EXPECT_EQ(column.values.at(value++), values.at(place.series));
          }
        }
        ++row;
      }
      EXPECT_EQ(column.values.size(), value);
    }
    Column column;
    EXPECT_THROW(read_column(*head, place, part, {0, 301}, codec, column), ColumnDamaged);
  }
}

TEST_F(ChunkTest, AHeadThatIsNotAllThereIsNone) {
  const std::string bytes = write_chunk(table_of(some_rows(50)), codec);
  const auto head = ChunkHead::parse(bytes);
  ASSERT_TRUE(head);
  for (std::size_t length = 0; length < head->times_offset(); ++length) {
    EXPECT_FALSE(ChunkHead::parse(std::string_view(bytes).substr(0, length)));
  }
}

TEST_F(ChunkTest, DamageIsRefusedAndNeverChangesAValue) {
  const Rows rows = some_rows(60);
  const std::string whole = write_chunk(table_of(rows), codec);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(read_chunk(std::string_view(whole).substr(0, length), codec), ColumnDamaged);
  }
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << (random() % 8)));
    try {
      if (rows_of(read_chunk(bytes, codec)) != rows) ++unnoticed;
    } catch (const ColumnDamaged&) {
    }
  }
  EXPECT_EQ(unnoticed, 0U);
}

TEST_F(ChunkTest, RollUpsAreCountSumMinimumAndMaximumOfTheirReadings) {
  const Rows rows = some_rows(400);
  const ColumnTable minutes = roll_up(table_of(rows), 60);
  std::map<std::pair<std::int64_t, std::uint32_t>, std::vector<double>> expected;
  for (const auto& [time, values] : rows) {
    for (const auto& [series, value] : values) expected[{time / 60 * 60, series}].push_back(value);
  }
  const Rows found = rows_of(minutes);
  std::size_t compared = 0;
  for (const auto& [key, values] : expected) {
    const auto& row = found.at(key.first);
    EXPECT_EQ(row.at(roll_up_column(key.second, RollUpPart::count)), static_cast<double>(values.size()));
    EXPECT_EQ(row.at(roll_up_column(key.second, RollUpPart::minimum)),
              *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(row.at(roll_up_column(key.second, RollUpPart::maximum)),
              *std::max_element(values.begin(), values.end()));
    double sum = 0;
    for (const double value : values) sum += value;
    EXPECT_NEAR(row.at(roll_up_column(key.second, RollUpPart::sum)), sum, 1e-6);
    ++compared;
  }
  std::size_t there = 0;
  for (const auto& [time, values] : found) there += values.size();
  EXPECT_EQ(there, compared * 4);
}

TEST_F(ChunkTest, HoursOverMinutesAreTheSameAsHoursAtOnce) {
  const ColumnTable readings = table_of(some_rows(2'000));
  EXPECT_EQ(rows_of(roll_up_again(roll_up(readings, 60), 3'600)), rows_of(roll_up(readings, 3'600)));
}

TEST_F(ChunkTest, ASpikeOfOneReadingStaysTheMaximumOfItsHour) {
  Rows rows;
  for (std::int64_t time = 0; time < 3'600; ++time) rows[time][1] = time == 1'234 ? 99.9 : 0.1;
  const Rows hours = rows_of(roll_up_again(roll_up(table_of(rows), 60), 3'600));
  EXPECT_EQ(hours.at(0).at(roll_up_column(1, RollUpPart::maximum)), 99.9);
  EXPECT_EQ(hours.at(0).at(roll_up_column(1, RollUpPart::count)), 3'600);
  EXPECT_EQ(hours.at(0).at(roll_up_column(1, RollUpPart::sum)), (359.9 * 10 + 999) / 10) << "exactly";
}

}  // namespace
}  // namespace hostwatch::storage
