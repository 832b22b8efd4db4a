// Names are given back while the disk fails, and while filing stopped half way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/sqlite/fault_disk.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::series_names_faults_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;

/// `names`, by time, of the readings that are stored of a host.
std::map<std::int64_t, std::size_t> names_by_time(const Store& store, const std::string& host) {
  std::map<std::int64_t, std::size_t> found;
  read_readings(store, {host, 0, INT64_MAX, true, {}},
                [&](std::int64_t timestamp, std::span<const StoredValue> values) {
                  for (const StoredValue& value : values) store.series_name(value.series);
                  found[timestamp] = values.size() - 3;
                });
  return found;
}

TEST(SeriesNamesFaults, WhereverTheDiskIsFullWhileNamesAreGivenBackTheDatabaseOpensAgain) {
  bool failed = true;
  for (int nth = 1; failed && nth < 200; ++nth) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    FaultDisk disk;
    StoreFixture fixture;
    fixture.options.compact_after_readings = 1;
    fixture.reopen();
    fixture.append({StoreFixture::reading("stays", kNow, 1, named("b-", 3))});
    for (int i = 0; i < 700; ++i) {
      fixture.append(
          {StoreFixture::reading("goes", kNow + i, 1, {{"gauge", "a-" + std::to_string(i), 1.5}})});
    }
    fixture.maintain();
    fixture.store().delete_host("goes");
    disk.fail(nth, 1, SQLITE_FULL);
    for (int attempt = 0; attempt < 3; ++attempt) {
      try {
        fixture.maintain();
      } catch (const StoreError&) {
        EXPECT_TRUE(disk.has_failed());
      }
    }
    failed = disk.has_failed();
    disk.heal();
    EXPECT_EQ(fixture.store().statistics().series, 3U + 3);
    ASSERT_NO_THROW(fixture.reopen());
    fixture.maintain();
    EXPECT_EQ(fixture.store().statistics().series, 3U + 3);
    EXPECT_TRUE(sqlite::check_database(fixture.path()).problems.empty());
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_FALSE(failed) << "the fault was moved through all that is done";
}

/// One transaction of filing puts one host's readings into the tail; the other host's are filed no more, as
/// it is deleted, so the journal keeps both.
TEST(SeriesNamesFaults, ReadingsThatAreFiledAndStillInTheJournalKeepWhatTheyReferTo) {
  StoreFixture fixture;
  fixture.options.file_at_once = 2;
  fixture.options.file_after_readings = 4;
  fixture.options.compact_after_readings = 1;
  fixture.reopen();
  const std::vector<std::string> hosts{"web-1", "web-2"};  // their numbers are 1 and 2
  std::vector<protocol::Reading> readings;
  for (const std::string& host : hosts) {
    readings.push_back(StoreFixture::reading(host, kNow, 1, named(host, 2)));
    readings.push_back(StoreFixture::reading(host, kNow + 1, 1, named(host, 3)));
  }
  fixture.append(readings);
  while (fixture.store().statistics().pending_readings == 4) fixture.store().maintain(kNow);
  ASSERT_EQ(fixture.store().statistics().pending_readings, 2U);
  const int filed = SQLite::Database(fixture.path()).execAndGet("SELECT max(host) FROM filed").getInt();
  fixture.reopen();  // it was stopped there
  fixture.store().delete_host(hosts.at(filed == 1 ? 1 : 0));
  fixture.maintain(kNow);
  EXPECT_EQ(fixture.store().statistics().series, 3U + 3) << "what the deleted host alone had is free";
  EXPECT_TRUE(sqlite::check_database(fixture.path()).problems.empty());
  ASSERT_NO_THROW(fixture.reopen());
  EXPECT_THAT(names_by_time(fixture.store(), hosts.at(static_cast<std::size_t>(filed) - 1)),
              ::testing::ElementsAre(std::pair(kNow, 2U), std::pair(kNow + 1, 3U)));
}

}  // namespace
}  // namespace hostwatch::storage::series_names_faults_test
