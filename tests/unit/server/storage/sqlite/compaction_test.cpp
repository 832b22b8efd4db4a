// Readings on their way into compressed chunks: what comes back is what was stored, whatever their order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::compaction_test {
namespace {

constexpr std::int64_t kDayStart = 1763856000;  // a multiple of a day
constexpr std::int64_t kNow = kDayStart + 3 * 86400;

using Values = std::map<std::string, double>;
using Rows = std::map<std::int64_t, Values>;

/// Everything that a host has, by time and "metric{instance}".
Rows rows_of(const Store& store, const std::string& host) {
  Rows rows;
  read_readings(store, {host, 0, INT64_MAX, true, {}},
                [&](std::int64_t time, std::span<const StoredValue> values) {
                  EXPECT_FALSE(rows.contains(time)) << "twice: " << time;
                  Values& row = rows[time];
                  for (const StoredValue& value : values) {
                    const SeriesName name = store.series_name(value.series);
                    row[name.metric + "{" + name.instance + "}"] = value.value;
                  }
                });
  return rows;
}

Rows rows_of(const std::vector<protocol::Reading>& readings) {
  Rows rows;
  for (const protocol::Reading& reading : readings) {
    Values& row = rows[reading.timestamp];
    row = {{"cpu{}", reading.cpu}, {"ram{}", reading.ram}, {"disk{}", reading.disk}};
    for (const auto& sample : reading.samples)
      row[sample.metric + "{" + sample.instance + "}"] = sample.value;
  }
  return rows;
}

class CompactionTest : public ::testing::Test {
 protected:
  CompactionTest() { prepare(fixture_); }
  static void prepare(StoreFixture& fixture) {
    fixture.options.compact_after_readings = 1;
    fixture.options.most_uncompacted = 0;
    fixture.options.file_after_readings = 1;
    fixture.reopen();
  }
  static std::vector<protocol::Reading> readings(int count, std::int64_t step, int samples = 0,
                                                 std::int64_t start = kDayStart) {
    std::mt19937 random(7);
    std::vector<protocol::Reading> result;
    for (int i = 0; i < count; ++i) {
      protocol::Reading reading = StoreFixture::reading("web-1", start + i * step, i % 1000 / 10.0);
      for (int k = 0; k < samples; ++k) {
        reading.samples.push_back({"gauge", std::to_string(k), static_cast<double>(random() % 1000) / 10});
      }
      result.push_back(std::move(reading));
    }
    return result;
  }
  /// In arrays of 1,000, and compacts everything every now and then.
  static void store(StoreFixture& fixture, const std::vector<protocol::Reading>& all) {
    for (std::size_t at = 0; at < all.size(); at += 1000) {
      fixture.append({all.begin() + static_cast<std::ptrdiff_t>(at),
                      all.begin() + static_cast<std::ptrdiff_t>(std::min(at + 1000, all.size()))},
                     kNow);
      if (at % 3000 == 0) fixture.maintain(kNow);
    }
    fixture.maintain(kNow);
  }
  static std::int64_t ask(const StoreFixture& fixture, const std::string& sql) {
    return SQLite::Database(fixture.path(), SQLite::OPEN_READONLY, 5000).execAndGet(sql).getInt64();
  }
  /// Every chunk: table, place, and bytes.
  static std::vector<std::string> chunks_of(const StoreFixture& fixture) {
    const SQLite::Database database(fixture.path(), SQLite::OPEN_READONLY, 5000);
    std::vector<std::string> chunks;
    for (const std::string table : {"raw_chunk", "minute_chunk", "hour_chunk"}) {
      SQLite::Statement rows(database,
                             "SELECT id, period, rows, rolled, hex(chunk) FROM " + table + " ORDER BY id");
      while (rows.executeStep()) {
        std::string chunk = table;
        for (int i = 0; i < 5; ++i) chunk += " " + rows.getColumn(i).getString();
        chunks.push_back(chunk);
      }
    }
    return chunks;
  }
  StoreFixture fixture_;
};

TEST_F(CompactionTest, EverythingComesBackAndNothingIsLeftInTheTail) {
  const auto all = readings(5000, 10, 5);
  store(fixture_, all);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM tail"), 0);
  EXPECT_EQ(ask(fixture_, "SELECT total(rows) FROM raw_chunk"), 5000);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1"), rows_of(all));
  fixture_.reopen();
  EXPECT_EQ(rows_of(fixture_.store(), "web-1"), rows_of(all));
}

TEST_F(CompactionTest, EveryDoubleComesBackBitForBit) {
  std::mt19937_64 random(11);
  std::vector<protocol::Reading> all;
  for (int i = 0; i < 2000; ++i) {
    protocol::Reading reading = StoreFixture::reading("web-1", kDayStart + i * 7, 12.5);
    for (int k = 0; k < 4; ++k) {
      double value = 0;
      do {
        value = std::bit_cast<double>(random());
      } while (!std::isfinite(value));
      // Now and then a series is missing, another appears.
      if (random() % 5 != 0) reading.samples.push_back({"anything", std::to_string(k + i / 500), value});
    }
    all.push_back(reading);
  }
  store(fixture_, all);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM tail"), 0);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1"), rows_of(all));
}

TEST_F(CompactionTest, ADaysBacklogInRandomOrderEndsAsTheSameBytesAsInOrder) {
  for (const int samples : {0, 60}) {
    StoreFixture in_order;
    StoreFixture shuffled;
    prepare(in_order);
    prepare(shuffled);
    auto all = readings(8640, 10, samples);
    shuffled.append({all.front()}, kNow);  // so that the series have the same numbers
    store(in_order, all);
    std::shuffle(all.begin(), all.end(), std::mt19937(3));
    store(shuffled, all);
    EXPECT_EQ(ask(shuffled, "SELECT count(*) FROM tail"), 0);
    EXPECT_EQ(chunks_of(shuffled), chunks_of(in_order)) << samples;
    EXPECT_EQ(shuffled.append({all.begin(), all.begin() + 500}, kNow).duplicates, 500U);
  }
}

TEST_F(CompactionTest, ManyValuesAreCutIntoShorterPeriods) {
  const auto all = readings(4000, 1, 200);
  store(fixture_, all);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM raw_chunk WHERE period = 300"), 12) << "of the full hour";
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM raw_chunk WHERE period = 3600"), 1) << "of what has begun";
  EXPECT_EQ(ask(fixture_, "SELECT total(rows) FROM raw_chunk"), 4000);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1"), rows_of(all));
  EXPECT_EQ(fixture_.append(all, kNow).duplicates, 4000U);
}

TEST_F(CompactionTest, ALateReadingIsMergedIntoAnOldChunkOnce) {
  auto all = readings(3000, 10);
  auto late = all[1234];
  all.erase(all.begin() + 1234);
  store(fixture_, all);
  EXPECT_EQ(fixture_.append({late}, kNow).accepted, 1U);
  fixture_.maintain(kNow + 100);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM tail"), 0);
  EXPECT_EQ(fixture_.append({late}, kNow).duplicates, 1U);
  late.cpu += 1;
  EXPECT_EQ(fixture_.append({late}, kNow).conflicts, 1U);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1").size(), 3000U);
}

TEST_F(CompactionTest, AStopAfterAnyPieceLosesAndDoublesNothing) {
  const auto all = readings(6000, 600, 3);
  for (std::size_t at = 0; at < all.size(); at += 1000) {
    fixture_.append(
        {all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at) + 1000},
        kNow);
  }
  const Rows expected = rows_of(all);
  int pieces = 0;
  for (; pieces < 100; ++pieces) {
    const bool more = fixture_.store().maintain(kNow + pieces * 1000);
    fixture_.reopen();
    ASSERT_EQ(rows_of(fixture_.store(), "web-1"), expected) << "after piece " << pieces;
    if (more &&
        ask(fixture_, "SELECT count(*) FROM tail") + ask(fixture_, "SELECT count(*) FROM journal") == 0)
      break;
  }
  EXPECT_GT(pieces, 5);
  EXPECT_LT(pieces, 100);
}

TEST_F(CompactionTest, HostsInTheSameDatabaseKeepApart) {
  std::vector<protocol::Reading> all;
  for (int host = 0; host < 20; ++host) {
    for (auto reading : readings(300, 10)) {
      reading.hostname = "host-" + std::to_string(host);
      reading.cpu = host;
      all.push_back(reading);
    }
  }
  store(fixture_, all);
  for (int host = 0; host < 20; ++host) {
    const auto cpu = fixture_.cpu_of("host-" + std::to_string(host));
    EXPECT_EQ(cpu.size(), 300U);
    EXPECT_TRUE(std::all_of(cpu.begin(), cpu.end(), [&](const auto& one) { return one.second == host; }));
  }
  fixture_.store().delete_host("host-3");
  fixture_.maintain(kNow + 1000);
  EXPECT_EQ(ask(fixture_, "SELECT total(rows) FROM raw_chunk"), 19 * 300);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM filed"), 19);
}

/// Turns one bit of the second chunk of readings around.
void damage_second_chunk(StoreFixture& fixture) {
  fixture.close();
  {
    SQLite::Database database(fixture.path(), SQLite::OPEN_READWRITE);
    SQLite::Statement rows(database, "SELECT id, chunk FROM raw_chunk ORDER BY id LIMIT 1 OFFSET 1");
    ASSERT_TRUE(rows.executeStep());
    std::string bytes = rows.getColumn(1).getString();
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    SQLite::Statement update(database, "UPDATE raw_chunk SET chunk = ? WHERE id = ?");
    update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    update.bind(2, rows.getColumn(0).getInt64());
    rows.reset();
    update.exec();
  }
  fixture.reopen();
}

TEST_F(CompactionTest, ADamagedChunkIsLeftOutAndCountedAndTheOthersAreServed) {
  constexpr std::int64_t kFourDays = 4 * 86400;  // a chunk of few values
  const std::int64_t first_chunk = kDayStart / kFourDays * kFourDays + kFourDays;
  store(fixture_, readings(3 * 1440, 240, 0, first_chunk));
  damage_second_chunk(fixture_);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1").size(), 2U * 1440);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1").size(), 2U * 1440);
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U) << "told of once";
  // What is new in its period begins a new chunk; the damaged one is kept for a rescue.
  EXPECT_EQ(fixture_.append({StoreFixture::reading("web-1", first_chunk + kFourDays + 7)}, kNow).accepted,
            1U);
  fixture_.maintain(kNow + 100);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM damaged_chunk"), 1);
  EXPECT_EQ(rows_of(fixture_.store(), "web-1").size(), 2U * 1440 + 1);
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U) << "counted once";
  const CheckReport report = sqlite::check_database(fixture_.path());
  EXPECT_THAT(report.kept_apart,
              ::testing::ElementsAre(::testing::HasSubstr("1440 readings of it are missing")));
  EXPECT_EQ(report.missing, 1440U);
}

TEST_F(CompactionTest, ADamagedRowOfTheTailIsKeptApartAndNoOtherHostWaitsForIt) {
  fixture_.options.compact_after_readings = INT64_MAX;
  fixture_.reopen();
  for (const char* host : {"bad", "good"}) {
    std::vector<protocol::Reading> readings;
    for (int i = 0; i < 10; ++i) readings.push_back(StoreFixture::reading(host, kNow + i));
    fixture_.append(readings);
  }
  fixture_.maintain(kNow + 100);
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE)
      .exec(
          "UPDATE tail SET block = CAST(substr(block, 1, length(block) - 3) AS BLOB) WHERE id = "
          "(SELECT min(id) FROM tail)");
  fixture_.options.compact_after_readings = 1;
  fixture_.reopen();
  const AppendResult again =
      fixture_.append({StoreFixture::reading("bad", kNow + 8), StoreFixture::reading("bad", kNow + 9)});
  EXPECT_EQ(again.duplicates, 1U);
  EXPECT_EQ(again.accepted, 1U) << "the last one is damaged: it may come again";
  fixture_.maintain(kNow + 200);
  EXPECT_EQ(fixture_.cpu_of("good").size(), 10U);
  EXPECT_EQ(fixture_.cpu_of("bad").size(), 10U);
  EXPECT_EQ(detail_of(fixture_.store(), "uncompacted_readings"), 0);
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM damaged_chunk WHERE found_in = 'tail'"), 1);
}

TEST_F(CompactionTest, ADamagedChunkThatNobodyAskedForIsCountedWhenItIsSetAside) {
  constexpr std::int64_t kFourDays = 4 * 86400;
  const std::int64_t first_chunk = kDayStart / kFourDays * kFourDays + kFourDays;
  store(fixture_, readings(3 * 1440, 240, 0, first_chunk));
  damage_second_chunk(fixture_);
  fixture_.append({StoreFixture::reading("web-1", first_chunk + kFourDays + 7)}, kNow);
  fixture_.maintain(kNow + 100);
  EXPECT_EQ(ask(fixture_, "SELECT count(*) FROM damaged_chunk"), 1);
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U);
}

}  // namespace
}  // namespace hostwatch::storage::compaction_test
