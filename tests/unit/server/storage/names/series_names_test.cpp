// Names of series are shared by all hosts: nobody uses them up, and what no history has any more is free
// again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::series_names_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kHourSeconds = 3600;

class SeriesNamesTest : public ::testing::Test {
 protected:
  Store& store() { return fixture_.store(); }
  std::uint64_t series() { return store().statistics().series; }

  void post(const std::string& host, std::int64_t timestamp, std::vector<protocol::Sample> samples,
            std::int64_t now) {
    fixture_.append({StoreFixture::reading(host, timestamp, 12.5, std::move(samples))}, now);
  }

  std::size_t samples_of_latest(const std::string& host) {
    for (const HostState& state : store().hosts()) {
      if (state.name == host) return state.latest ? state.latest->samples.size() : 0;
    }
    return 0;
  }

  /// As many names as it can get, by readings of the last month, one at a time.
  void flood(const std::string& host, std::int64_t now) {
    for (int i = 0; i < 40; ++i) {
      const std::int64_t timestamp = now - 29 * kDay + i * 17 * kHourSeconds;
      post(host, timestamp, named(host + "-" + std::to_string(now) + "-" + std::to_string(i) + "-", 500),
           now);
    }
  }

  StoreFixture fixture_;
};

TEST_F(SeriesNamesTest, TenHostsThatInventNamesLeaveRoomForOthers) {
  for (int host = 0; host < 10; ++host) flood("invented-" + std::to_string(host), kNow);
  EXPECT_LE(series(), 3U + 10 * HostSeries::kMostBroughtAnHour);
  post("victim", kNow, named("own-", 60), kNow);
  EXPECT_EQ(samples_of_latest("victim"), 60U);
}

TEST_F(SeriesNamesTest, HoweverLongHostsInventNamesOthersFindRoom) {
  fixture_.options.names.series = 10000;
  fixture_.reopen();
  for (int day = 0; day < 6; ++day) {
    for (int host = 0; host < 10; ++host) flood("invented-" + std::to_string(host), kNow + day * kDay);
  }
  EXPECT_GE(series(), 8000U) << "they do fill it";
  // What is kept for hosts with few names is a two-thousandth each, here 5: of the 200,000 there are, 100.
  post("victim", kNow + 6 * kDay, named("own-", 5), kNow + 6 * kDay);
  EXPECT_EQ(samples_of_latest("victim"), 5U);
}

TEST_F(SeriesNamesTest, WhoSendsNamesForWhichThereIsNoRoomIsToldSomeOfThemOnceEach) {
  fixture_.options.names.series = 10;
  fixture_.reopen();
  const auto reading = [](std::int64_t timestamp, std::vector<protocol::Sample> samples) {
    return StoreFixture::reading("web-1", timestamp, 12.5, std::move(samples));
  };
  const AppendResult little = fixture_.append({reading(kNow - 3, {{"jobs", "", 1}})});
  EXPECT_EQ(little.accepted, 1U);
  EXPECT_TRUE(little.refused_series.empty());
  std::vector<protocol::Sample> many{{"jobs", "", 1}};
  for (int i = 0; i < 15; ++i) many.push_back({"queue", std::string(1, static_cast<char>('a' + i)), 1});
  const AppendResult some = fixture_.append({reading(kNow - 2, many), reading(kNow - 1, many)});
  EXPECT_EQ(some.accepted, 2U) << "what has room is stored";
  EXPECT_EQ(some.refused_series.size(), many.size() - samples_of_latest("web-1"));
  EXPECT_THAT(some.refused_series, testing::Contains("queue{o}"));
  EXPECT_THAT(some.refused_series, testing::Not(testing::Contains("jobs")));
  const AppendResult most = fixture_.append({reading(kNow, named("own-", 500))});
  EXPECT_EQ(most.refused_series.size(), AppendResult::kMostRefusedSeries);
}

TEST_F(SeriesNamesTest, HostsByTheThousandThatInventNamesLeaveRoomForThoseThatWereThere) {
  fixture_.options.names.series = 10000;
  fixture_.reopen();
  post("victim", kNow - kDay, {}, kNow - kDay);
  // What readings say of the time makes no host older.
  for (int host = 0; host < 2000; ++host) {
    const std::string name = "invented-" + std::to_string(host);
    post(name, kNow - 20 * kDay, named(name + "-", 10), kNow);
  }
  EXPECT_LE(series(), 3U + 4500);
  fixture_.reopen();
  post("victim", kNow, named("own-", 500), kNow);
  EXPECT_EQ(samples_of_latest("victim"), 500U);
  post("invented-0", kNow, named("more-", 10), kNow + 60);
  EXPECT_EQ(samples_of_latest("invented-0"), 0U);
  post("invented-0", kNow + kDay, named("more-", 10), kNow + kDay + 60);
  EXPECT_EQ(samples_of_latest("invented-0"), 10U) << "by then it is no new host any more";
}

TEST_F(SeriesNamesTest, WhereHardlyAnyAreLeftNamesAreGivenBackWithinTheHour) {
  fixture_.options.names = {200000, 20};
  fixture_.options.compact_after_readings = 1;
  fixture_.options.file_after_readings = 1;
  fixture_.reopen();
  std::int64_t now = kNow;
  const auto post_lists = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      now += 10;
      post("web-1", now, named("a-", i), now);
    }
  };
  const auto bytes_of = [&](int names) {
    const std::uint64_t before = store().statistics().pending_bytes;
    now += 10;
    post("web-1", now, named("a-", names), now);
    return store().statistics().pending_bytes - before;
  };
  post_lists(1, 12);
  fixture_.maintain(now);  // the first search of the day
  post_lists(20, 40);
  const std::uint64_t written_out = bytes_of(30 + 30);
  fixture_.maintain(now += 2 * kHourSeconds);
  EXPECT_LT(bytes_of(30 + 31), written_out);
}

TEST_F(SeriesNamesTest, HostsThatAreDeletedGiveTheirNamesBack) {
  post("stays", kNow, named("shared-", 10), kNow);
  post("goes", kNow, named("shared-", 10), kNow);
  flood("goes", kNow);
  fixture_.maintain();
  ASSERT_GE(series(), 1000U);
  store().delete_host("goes");
  fixture_.maintain();
  EXPECT_EQ(series(), 3U + 10);
  EXPECT_EQ(samples_of_latest("stays"), 10U);
  EXPECT_TRUE(sqlite::check_database(fixture_.path()).problems.empty());
}

TEST_F(SeriesNamesTest, AHistoryThatIsCleanedGivesItsNamesBack) {
  flood("web-1", kNow);
  fixture_.maintain();
  store().delete_history("web-1", kNow);
  fixture_.maintain();
  EXPECT_EQ(series(), 3U);
  post("web-1", kNow + 10, named("own-", 60), kNow + kHourSeconds);
  EXPECT_EQ(samples_of_latest("web-1"), 60U);
}

TEST_F(SeriesNamesTest, NamesOfDeletedHostsAreFoundAfterAStart) {
  flood("goes", kNow);
  fixture_.maintain();
  store().delete_host("goes");
  fixture_.reopen();
  ASSERT_GE(series(), 1000U);
  fixture_.maintain();
  EXPECT_EQ(series(), 3U);
  fixture_.reopen();
  EXPECT_EQ(series(), 3U);
}

TEST_F(SeriesNamesTest, ANumberIsNotGivenAgainAfterAStart) {
  post("goes", kNow, named("a-", 5), kNow);
  fixture_.maintain();
  store().delete_host("goes");
  fixture_.maintain();
  ASSERT_EQ(series(), 3U);
  fixture_.reopen();
  post("comes", kNow, named("b-", 1), kNow);
  std::set<std::uint32_t> numbers;
  store().read({"comes", 0, INT64_MAX, true, {}}, [&](const HistoryPart& part) {
    for (const auto& [number, column] : part.table.columns) numbers.insert(number);
    return true;
  });
  EXPECT_EQ(*numbers.rbegin(), 3U + 5 + 1);
}

TEST_F(SeriesNamesTest, WhatIsOlderThanHistoryIsKeptGivesItsNamesBack) {
  fixture_.options.names.series = 130;
  fixture_.options.retention = {kDay, kDay, kDay};
  fixture_.reopen();
  for (const char* host : {"web-1", "web-2"}) post(host, kNow - 2 * kDay + 10, {}, kNow - 2 * kDay);
  post("web-1", kNow, named("old-", 40), kNow);
  post("web-2", kNow, named("other-", 25), kNow);
  std::int64_t now = kNow;
  for (int day = 0; day < 45; ++day) {
    now += kDay;
    post("web-1", now, {}, now);
    fixture_.maintain(now);
  }
  EXPECT_EQ(series(), 3U + 25) << "what web-2 had last is shown as ever";
  EXPECT_EQ(samples_of_latest("web-2"), 25U);
}

TEST_F(SeriesNamesTest, LayoutsAreGivenBackOnceTheirReadingsAreInChunks) {
  fixture_.options.names = {200000, 10};
  fixture_.options.compact_after_readings = 1;
  fixture_.reopen();
  // With more than ten, lists are written out, so what is stored of a reading is longer.
  std::int64_t now = kNow;
  for (int i = 1; i <= 12; ++i) {
    now += 10;
    post("web-1", now, named("a-", i), now);
  }
  now += 2 * kDay;
  fixture_.maintain(now);
  const auto bytes_of = [&](int names) {
    const std::uint64_t before = store().statistics().pending_bytes;
    now += 10;
    post("web-1", now, named("a-", names), now);
    return store().statistics().pending_bytes - before;
  };
  const std::uint64_t with_new_layout = bytes_of(30);
  const std::uint64_t with_same_layout = bytes_of(30);
  EXPECT_EQ(with_new_layout, with_same_layout);
  for (int i = 40; i <= 60; ++i) bytes_of(i);
  EXPECT_GT(bytes_of(39), with_same_layout + 9 * 3);
}

TEST_F(SeriesNamesTest, AReadingThatWasWrittenOutIsADuplicateWhenItsLayoutHasANumber) {
  fixture_.options.names = {200000, 1};
  fixture_.reopen();
  post("goes", kNow, named("a-", 1), kNow);
  const std::vector<protocol::Reading> reading{StoreFixture::reading("stays", kNow, 12.5, named("b-", 3))};
  fixture_.append(reading);
  fixture_.maintain();
  store().delete_host("goes");
  fixture_.maintain();
  post("stays", kNow + 10, named("b-", 3), kNow);
  const AppendResult again = fixture_.append(reading);
  EXPECT_EQ(again.duplicates, 1U);
  EXPECT_EQ(again.conflicts, 0U);
}

TEST_F(SeriesNamesTest, WhateverReadingsUseWhileNamesAreSearchedForStays) {
  const auto list = [](const std::string& prefix) { return named(prefix, 2); };
  for (int steps = 0; steps < 25; ++steps) {
    SCOPED_TRACE(steps);
    StoreFixture fixture;
    fixture.options.compact_after_readings = 1;
    fixture.reopen();
    const auto append = [&](const std::string& host, std::int64_t timestamp, const std::string& prefix) {
      fixture.append({StoreFixture::reading(host, timestamp, 12.5, list(prefix))}, kNow);
    };
    // The host's present list of series is in chunks alone, where it has no number.
    append("web-1", kNow, "b-");
    append("web-1", kNow - 1000, "a-");
    append("goes", kNow, "c-");
    fixture.maintain(kNow);
    fixture.store().delete_host("goes");
    for (int i = 0; i < steps; ++i) fixture.store().maintain(kNow);
    append("web-1", kNow - 900, "a-");
    append("web-1", kNow - 800, "b-");
    append("web-2", kNow - 700, "c-");
    fixture.maintain(kNow);
    EXPECT_EQ(fixture.store().statistics().series, 3U + 6);
    fixture.reopen();
    std::map<std::int64_t, std::string> found;
    for (const char* host : {"web-1", "web-2"}) {
      read_readings(fixture.store(), {host, 0, INT64_MAX, true, {}},
                    [&](std::int64_t timestamp, std::span<const StoredValue> values) {
                      found[timestamp] = fixture.store().series_name(values.back().series).instance;
                    });
    }
    EXPECT_THAT(found, ::testing::ElementsAre(std::pair(kNow - 1000, "a-1"), std::pair(kNow - 900, "a-1"),
                                              std::pair(kNow - 800, "b-1"), std::pair(kNow - 700, "c-1"),
                                              std::pair(kNow, "b-1")));
  }
}

TEST_F(SeriesNamesTest, AQueryThatBeganBeforeStillLearnsTheNames) {
  post("goes", kNow, named("a-", 5), kNow);
  fixture_.maintain();
  std::set<std::string> names;
  store().read({"goes", 0, INT64_MAX, true, {}}, [&](const HistoryPart& part) {
    store().delete_host("goes");
    fixture_.maintain();
    EXPECT_EQ(series(), 3U);
    for (const auto& [number, column] : part.table.columns)
      names.insert(store().series_name(number).instance);
    return true;
  });
  EXPECT_EQ(names.size(), 6U) << "cpu, ram and disk have none";
}

TEST_F(SeriesNamesTest, AnUnknownNumberIsAnErrorNotAnotherName) {
  EXPECT_THROW(store().series_name(4), StoreError);
}

TEST_F(SeriesNamesTest, AFailedTransactionSpendsNothingOfTheHour) {
  // Duplicates alone are such a transaction: what it would have learnt is taken back.
  post("web-1", kNow, {}, kNow);
  for (int i = 0; i < 10; ++i) {
    post("web-1", kNow, named("a-" + std::to_string(i) + "-", 500), kNow);
  }
  EXPECT_EQ(series(), 3U);
  post("web-1", kNow + 10, named("b-", 500), kNow);
  EXPECT_EQ(samples_of_latest("web-1"), 500U);
}

}  // namespace
}  // namespace hostwatch::storage::series_names_test
