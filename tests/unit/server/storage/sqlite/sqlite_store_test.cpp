// What is SQLite's own: the file, its settings, filing, retention, failures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <malloc.h>

#include "server/storage/chunk/column_table.h"
#include "server/storage/sqlite/database/database.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::sqlite_store_test {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int64_t kNow = StoreFixture::kNow;

class SqliteStoreTest : public ::testing::Test {
 protected:
  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5) {
    return StoreFixture::reading(host, timestamp, cpu);
  }
  std::int64_t ask(const std::string& sql) const {
    return SQLite::Database(fixture_.path(), SQLite::OPEN_READONLY, 5000).execAndGet(sql).getInt64();
  }
  StoreFixture fixture_;
};

TEST_F(SqliteStoreTest, ReadingsWaitInTheJournalAndAreFiledByHostAndTime) {
  fixture_.append({reading("a", kNow), reading("b", kNow)});
  fixture_.append({reading("a", kNow + 1)});
  EXPECT_EQ(ask("SELECT count(*) FROM journal"), 2);
  EXPECT_EQ(ask("SELECT total(readings) FROM tail"), 0);
  EXPECT_EQ(fixture_.store().statistics().pending_readings, 3U);
  fixture_.maintain();
  EXPECT_EQ(ask("SELECT count(*) FROM journal"), 0);
  EXPECT_EQ(ask("SELECT total(readings) FROM tail"), 3);
  EXPECT_EQ(fixture_.store().statistics().pending_readings, 0U);
}

TEST_F(SqliteStoreTest, AStopInTheMiddleOfFilingLosesAndDoublesNothing) {
  fixture_.options.file_after_readings = 1;
  fixture_.options.file_at_once = 400;
  fixture_.reopen();
  std::vector<protocol::Reading> readings;
  for (int host = 0; host < 4; ++host) {
    for (int i = 0; i < 1500; ++i)
      readings.push_back(reading("host-" + std::to_string(host), kNow + i, i % 100));
  }
  fixture_.append(readings);
  bool some_in_both = false;
  for (int slices = 0; slices < 40; ++slices) {
    const bool more = fixture_.store().maintain(kNow + slices);
    fixture_.reopen();
    for (int host = 0; host < 4; ++host) {
      ASSERT_EQ(fixture_.cpu_of("host-" + std::to_string(host)).size(), 1500U) << "after slice " << slices;
    }
    if (!more || ask("SELECT count(*) FROM journal") == 0) break;
    some_in_both = some_in_both || ask("SELECT count(*) FROM tail") != 0;
  }
  EXPECT_TRUE(some_in_both) << "it never stopped in the middle";
  EXPECT_EQ(fixture_.append(readings).duplicates, readings.size());
}

TEST_F(SqliteStoreTest, TheWriterSyncsEveryCommitAndReadersCannotWrite) {
  auto writer = sqlite::open_for_writing(fixture_.path());
  EXPECT_EQ(writer->execAndGet("PRAGMA synchronous").getInt(), 2);  // FULL
  EXPECT_EQ(writer->execAndGet("PRAGMA journal_mode").getString(), "wal");
  auto reader = sqlite::open_for_reading(fixture_.path());
  EXPECT_EQ(reader->execAndGet("PRAGMA wal_autocheckpoint").getInt(), 0);
  EXPECT_THROW(reader->exec("DELETE FROM tail"), SQLite::Exception);
}

TEST_F(SqliteStoreTest, WhatCannotBeWrittenIsNotStoredAndLaterItIs) {
  fixture_.append({reading("web-1", kNow)});
  {
    SQLite::Database other(fixture_.path(), SQLite::OPEN_READWRITE, 1000);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_THAT(
        [&] {
          fixture_.append({reading("web-1", kNow + 1), reading("new", kNow, 1)});
        },
        ThrowsMessage<StoreError>(HasSubstr("another program has the database locked")));
    EXPECT_THAT([&] { fixture_.store().probe(); }, ThrowsMessage<StoreError>(HasSubstr("locked")));
    other.exec("ROLLBACK");
  }
  EXPECT_THAT(fixture_.store().host_names(), ::testing::ElementsAre("web-1"));
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1U);
  fixture_.store().probe();
  EXPECT_EQ(fixture_.append({reading("web-1", kNow + 1), reading("new", kNow, 1)}).accepted, 2U);
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 2U);
  EXPECT_EQ(fixture_.cpu_of("new").size(), 1U);
}

TEST_F(SqliteStoreTest, FilingThatFailsLosesNothing) {
  fixture_.append({reading("web-1", kNow), reading("web-1", kNow + 1)});
  {
    SQLite::Database other(fixture_.path(), SQLite::OPEN_READWRITE, 1000);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_THROW(fixture_.store().maintain(kNow + 1000), StoreError);
    other.exec("ROLLBACK");
  }
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 2U);
  fixture_.maintain();
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 2U);
}

TEST_F(SqliteStoreTest, ASecondStoreOnTheFileIsRefusedNamingTheProcess) {
  EXPECT_THAT([&] { sqlite::SqliteStore second(fixture_.options); },
              ThrowsMessage<StoreError>(HasSubstr("process " + std::to_string(::getpid()))));
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefused) {
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 6");
  EXPECT_THAT([&] { fixture_.reopen(); },
              ThrowsMessage<StoreError>(HasSubstr("newer hostwatch-server (schema 6")));
}

TEST_F(SqliteStoreTest, ADamagedJournalIsNamedAndNotGuessedAt) {
  fixture_.append({reading("web-1", kNow)});
  fixture_.append({reading("web-1", kNow + 1)});
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE)
      .exec("UPDATE journal SET readings = x'0203FF' WHERE sequence = 1");
  fixture_.reopen();
  fixture_.maintain();
  EXPECT_THAT(fixture_.cpu_of("web-1"), ::testing::ElementsAre(::testing::Pair(kNow + 1, 12.5)));
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U);
  EXPECT_EQ(fixture_.append({reading("web-1", kNow)}).accepted, 1U) << "it may come again";
}

TEST_F(SqliteStoreTest, NoMoreHostsAreAdmittedThanTheLimit) {
  fixture_.options.max_hosts = 2;
  fixture_.reopen();
  fixture_.append({reading("a", kNow), reading("b", kNow)});
  EXPECT_TRUE(fixture_.store().admits("a"));
  EXPECT_FALSE(fixture_.store().admits("c"));
  EXPECT_EQ(fixture_.store().max_hosts(), 2U);
  EXPECT_TRUE(fixture_.store().knows("a"));
  EXPECT_FALSE(fixture_.store().knows("c"));
  fixture_.store().delete_host("a");
  EXPECT_TRUE(fixture_.store().admits("c"));
  EXPECT_FALSE(fixture_.store().knows("a"));
}

TEST_F(SqliteStoreTest, WhatAnyoneMakesUpLeavesRoomForAuthenticatedHosts) {
  fixture_.options.max_hosts = 1000;
  fixture_.reopen();
  fixture_.append({reading("older", kNow - 86400)}, kNow - 86400);
  std::vector<protocol::Reading> invented;
  const auto post_invented = [&](int from, int to, std::int64_t now) {
    invented.clear();
    for (int i = from; i < to; ++i) {
      const std::string name = "invented-" + std::to_string(i);
      if (fixture_.store().admit(name, HostComes::by_anyone, now))
        invented.push_back(reading(name, kNow - 20 * 86400));
    }
    fixture_.append(invented, now);
    return invented.size();
  };
  fixture_.maintain(kNow);
  EXPECT_EQ(post_invented(0, 1000, kNow), 450U) << "half of what is left below the last tenth";
  fixture_.reopen();
  fixture_.maintain(kNow + 3600);
  EXPECT_EQ(post_invented(1000, 2000, kNow + 3600), 0U);
  EXPECT_TRUE(fixture_.store().admit("invented-0", HostComes::by_anyone, kNow)) << "it is known";
  EXPECT_TRUE(fixture_.store().admit("enrolled", HostComes::authenticated, kNow));
  for (int day = 1; day < 20; ++day) post_invented(day * 2000, day * 2000 + 2000, kNow + day * 86400LL);
  EXPECT_LE(fixture_.store().statistics().hosts, 900U);
  EXPECT_TRUE(fixture_.store().admit("enrolled-too", HostComes::authenticated, kNow + 20 * 86400LL));
}

TEST_F(SqliteStoreTest, NoMoreHostsAreAdmittedAtOnceThanThereIsRoomFor) {
  fixture_.options.max_hosts = 10;
  fixture_.reopen();
  const auto let_in = [&](std::int64_t now) {
    int count = 0;
    for (int i = 0; i < 30; ++i) {
      count += static_cast<int>(
          fixture_.store().admit("host-" + std::to_string(i), HostComes::authenticated, now));
    }
    return count;
  };
  EXPECT_EQ(let_in(kNow), 10) << "though none of them has been stored yet";
  EXPECT_EQ(let_in(kNow), 10) << "these ten again";
  EXPECT_FALSE(fixture_.store().admit("other", HostComes::authenticated, kNow + 59));
  fixture_.store().admit("other", HostComes::authenticated, kNow + 120);
  EXPECT_TRUE(fixture_.store().admit("other", HostComes::authenticated, kNow + 240)) << "none of them came";
}

TEST_F(SqliteStoreTest, ManyPendingReadingsAreFiledBeforeMoreAreTaken) {
  fixture_.options.max_pending_bytes = 120000;  // about a thousand of these
  fixture_.options.file_after_readings = 100;
  fixture_.reopen();
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<protocol::Reading> readings;
    for (int i = 0; i < 500; ++i) readings.push_back(reading("web-1", kNow + batch * 500 + i));
    fixture_.append(readings);
    EXPECT_LE(fixture_.store().statistics().pending_readings, 1500U);
  }
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 5000U);
}

TEST_F(SqliteStoreTest, LargePendingReadingsAreBoundedByTheirMemoryNotByTheirNumber) {
  fixture_.options.max_pending_bytes = 200000;
  fixture_.options.file_after_readings = 1000000;
  fixture_.reopen();
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < 200; ++i) samples.push_back({"gauge_" + std::to_string(i), "", 0.1 * i});
  for (int i = 0; i < 1000; ++i) {
    fixture_.append({StoreFixture::reading("web-1", kNow + i, 1, samples)});
    EXPECT_LE(fixture_.store().statistics().pending_bytes, 202000U);
  }
  fixture_.store().delete_host("web-1");
  EXPECT_EQ(fixture_.store().statistics().pending_bytes, 0U) << "what is forgotten is not counted any more";
}

TEST_F(SqliteStoreTest, ReadingsInNoChunkAreReadAFewAtATime) {
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < 400; ++i) samples.push_back({"gauge_" + std::to_string(i), "", 0.1 * i});
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < 1000; ++i) readings.push_back(StoreFixture::reading("web-1", kNow + i, 1, samples));
  fixture_.append(readings);
  std::size_t values = 0;
  fixture_.store().read({"web-1", 0, INT64_MAX, true, {}}, [&](const HistoryPart& part) {
    EXPECT_LE(count_values(part.table), 1U << 17U);
    values += count_values(part.table);
    return true;
  });
  EXPECT_EQ(values, 403'000U);
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1000U);
}

/// Filed faster than they are compacted, as while a backlog comes.
TEST_F(SqliteStoreTest, AQueryOverALongTailHoldsAFewReadingsOfIt) {
  fixture_.options.compact_after_readings = INT64_MAX;
  fixture_.reopen();
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < 400; ++i) samples.push_back({"gauge_" + std::to_string(i), "", 0.1 + i * 1e-9});
  constexpr std::size_t kReadings = 8000;  // of 3 kB or so
  for (std::size_t i = 0; i < kReadings; i += 500) {
    std::vector<protocol::Reading> readings;
    for (std::size_t j = i; j < i + 500; ++j) {
      readings.push_back(StoreFixture::reading("web-1", kNow + static_cast<std::int64_t>(j), 1, samples));
    }
    fixture_.append(readings);
  }
  fixture_.maintain(kNow + 100);
  ASSERT_EQ(detail_of(fixture_.store(), "uncompacted_readings"), kReadings);
  const std::size_t before = ::mallinfo2().uordblks;
  std::size_t rows = 0;
  std::size_t most = 0;
  fixture_.store().read({"web-1", 0, INT64_MAX, false, {"cpu"}}, [&](const HistoryPart& part) {
    rows += part.table.times.size();
    most = std::max(most, ::mallinfo2().uordblks - before);
    return true;
  });
  EXPECT_EQ(rows, kReadings);
  EXPECT_LT(most, 12UL << 20U);
  EXPECT_EQ(fixture_.store().count("web-1", 0, INT64_MAX, 1'000'000), kReadings);
}

}  // namespace
}  // namespace hostwatch::storage::sqlite_store_test
