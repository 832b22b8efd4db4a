// Names of series are shared by all hosts: nobody uses them up, and what no history has any more is free
// again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "server/storage/sqlite/operations.h"
#include "tests/unit/server/storage/fault_disk.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
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
  store().forget_host("goes");
  fixture_.maintain();
  EXPECT_EQ(series(), 3U + 10);
  EXPECT_EQ(samples_of_latest("stays"), 10U);
  EXPECT_TRUE(sqlite::check_database(fixture_.path()).problems.empty());
}

TEST_F(SeriesNamesTest, AHistoryThatIsCleanedGivesItsNamesBack) {
  flood("web-1", kNow);
  fixture_.maintain();
  store().clean_host("web-1", kNow);
  fixture_.maintain();
  EXPECT_EQ(series(), 3U);
  post("web-1", kNow + 10, named("own-", 60), kNow + kHourSeconds);
  EXPECT_EQ(samples_of_latest("web-1"), 60U);
}

TEST_F(SeriesNamesTest, NamesOfDeletedHostsAreFoundAfterAStart) {
  flood("goes", kNow);
  fixture_.maintain();
  store().forget_host("goes");
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
  store().forget_host("goes");
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
  store().forget_host("goes");
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
    fixture.store().forget_host("goes");
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
    store().forget_host("goes");
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

/// Readings of a few hosts with names that come and go, while hosts are forgotten and cleaned, time passes,
/// history expires, the disk fails, and the server stops at any point. A name has one value for ever, so that
/// a value under another name shows.
class NamesModel {
 public:
  explicit NamesModel(unsigned seed) : random_(seed) {
    fixture_.options.names = {24, 6};
    fixture_.options.retention = {2 * kDay, 4 * kDay, 8 * kDay};
    fixture_.options.compact_after_readings = 4;
    fixture_.options.file_after_readings = 8;
    fixture_.options.file_at_once = 3;
    fixture_.reopen();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (i % 10 == 0) check();
    }
    check();
    EXPECT_TRUE(sqlite::check_database(fixture_.path()).problems.empty());
  }
  std::uint32_t greatest_number() const { return greatest_; }

 private:
  using Values = std::map<std::string, double>;  ///< by instance

  int choose(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  static double value_of(int name) { return 1000.5 + name; }

  void step() {
    const std::string host = "host-" + std::to_string(choose(4));
    const int what = choose(100);
    if (what < 55) {
      post(host);
    } else if (what < 80) {
      maintain_on_a_bad_disk();
    } else if (what < 86) {
      fixture_.maintain(now_);
    } else if (what < 90) {
      fixture_.reopen();
    } else if (what < 96) {
      now_ += choose(static_cast<int>(kDay));
    } else if (what < 98) {
      fixture_.store().forget_host(host);
      posted_.erase(host);
    } else {
      fixture_.store().clean_host(host, now_);
      posted_.erase(host);
    }
  }

  /// Some pieces; now and then the disk is full for a moment in the middle of them.
  void maintain_on_a_bad_disk() {
    if (choose(3) == 0) disk_.fail(1 + choose(40), 1, SQLITE_FULL);
    try {
      for (int i = choose(12); i > 0; --i) fixture_.store().maintain(now_);
    } catch (const StoreError&) {
      EXPECT_TRUE(disk_.has_failed());
    }
    disk_.heal();
  }

  void post(const std::string& host) {
    now_ += 10;
    const std::int64_t timestamp = choose(4) == 0 ? now_ - 10 * choose(8000) - 5 : now_;
    std::vector<protocol::Sample> samples;
    // Which names there are drifts with time; some hosts have the same.
    const int first = static_cast<int>((now_ - kNow) / (kDay / 2)) * 3 + choose(2) * 4;
    for (int name = first; name < first + 1 + choose(5); ++name) {
      samples.push_back({"gauge", std::to_string(name), value_of(name)});
    }
    fixture_.append({StoreFixture::reading(host, timestamp, 12.5, samples)}, now_);
    const Values stored = read(host, timestamp, timestamp)[timestamp];
    posted_[host].emplace(timestamp, stored);
  }

  std::map<std::int64_t, Values> read(const std::string& host, std::int64_t from, std::int64_t to) {
    std::map<std::int64_t, Values> found;
    read_readings(fixture_.store(), {host, from, to, true, {}},
                  [&](std::int64_t timestamp, std::span<const StoredValue> values) {
                    for (const StoredValue& value : values) {
                      greatest_ = std::max(greatest_, value.series);
                      const SeriesName name = fixture_.store().series_name(value.series);
                      if (name.metric != "gauge") continue;
                      EXPECT_EQ(value.value, value_of(std::stoi(name.instance)));
                      found[timestamp][name.instance] = value.value;
                    }
                  });
    return found;
  }

  void check() {
    for (const auto& [host, readings] : posted_) {
      const auto found = read(host, 0, INT64_MAX);
      for (const auto& [timestamp, values] : readings) {
        if (timestamp <= now_ - 2 * kDay || values.empty()) continue;
        const auto at = found.find(timestamp);
        ASSERT_NE(at, found.end()) << host << " at " << timestamp;
        EXPECT_EQ(at->second, values) << host << " at " << timestamp;
      }
      check_roll_ups(host);
    }
    for (const HostState& state : fixture_.store().hosts()) {
      if (!state.latest) continue;
      for (const protocol::Sample& sample : state.latest->samples) {
        EXPECT_EQ(sample.value, value_of(std::stoi(sample.instance)));
      }
    }
  }

  void check_roll_ups(const std::string& host) {
    for (const std::int64_t resolution : {kMinute, kHour}) {
      const ReadRequest request{host, 0, INT64_MAX, true, {}, resolution};
      fixture_.store().read(request, [&](const HistoryPart& part) {
        if (part.step == 0) return true;
        for (const auto& [number, column] : part.table.columns) {
          const SeriesName name = fixture_.store().series_name(series_of_roll_up(number));
          if (name.metric != "gauge" || number % 4 < static_cast<std::uint32_t>(RollUpPart::minimum))
            continue;
          for (const double value : column.values) EXPECT_EQ(value, value_of(std::stoi(name.instance)));
        }
        return true;
      });
    }
  }

  std::mt19937 random_;
  FaultDisk disk_;
  StoreFixture fixture_;
  std::int64_t now_ = kNow;
  std::uint32_t greatest_ = 0;
  std::map<std::string, std::map<std::int64_t, Values>> posted_;
};

TEST(SeriesNamesProperty, NoValueIsEverShownUnderAnotherName) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    NamesModel model(seed);
    model.run(1500);
    EXPECT_GT(model.greatest_number(), 24U + 3) << "names were given back, and others taken in their place";
  }
}

}  // namespace
}  // namespace hostwatch::storage
