// Roll-ups, how long history is kept, and queries over the borders of what is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/cpu_history.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::IsEmpty;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kFourDays = 4 * kDay;  // a chunk of few readings
constexpr std::int64_t kStart = 1763596800;
static_assert(kStart % kFourDays == 0);

struct Bucket {
  double count = 0;
  double sum = 0;
  double minimum = HUGE_VAL;
  double maximum = -HUGE_VAL;
  bool operator==(const Bucket&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Bucket& bucket) {
  return out << bucket.count << "x, sum " << bucket.sum << ", " << bucket.minimum << " to " << bucket.maximum;
}
using Buckets = std::map<std::int64_t, Bucket>;

class RollUpsTest : public ::testing::Test {
 protected:
  RollUpsTest() {
    fixture_.options.compact_after_readings = 1;
    fixture_.options.most_uncompacted = 0;
    fixture_.options.file_after_readings = 1;
    fixture_.reopen();
  }
  /// Values in tenths, so that their sums are exact; now and then a gap.
  void make(std::int64_t from, std::int64_t to, std::int64_t step) {
    for (std::int64_t time = from; time < to; time += step) {
      if (random_() % 400 == 0) time += 7 * step;
      all_.push_back(StoreFixture::reading("web-1", time, static_cast<double>(random_() % 1001) / 10));
    }
  }
  void store(std::int64_t now) {
    for (; stored_ < all_.size(); stored_ = std::min(stored_ + 5000, all_.size())) {
      const auto begin = all_.begin() + static_cast<std::ptrdiff_t>(stored_);
      fixture_.append(
          {begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5000, all_.size() - stored_))},
          now);
      fixture_.maintain(now);
    }
  }
  Buckets expected(std::int64_t step, std::int64_t from = 0, std::int64_t to = INT64_MAX) const {
    std::map<std::int64_t, std::pair<Bucket, std::int64_t>> exact;
    for (const auto& reading : all_) {
      const std::int64_t bucket = reading.timestamp / step * step;
      if (bucket < from || bucket > to) continue;
      auto& [one, tenths] = exact[bucket];
      ++one.count;
      tenths += std::llround(reading.cpu * 10);
      one.sum = static_cast<double>(tenths) / 10;
      one.minimum = std::min(one.minimum, reading.cpu);
      one.maximum = std::max(one.maximum, reading.cpu);
    }
    Buckets buckets;
    for (const auto& [time, one] : exact) buckets[time] = one.first;
    return buckets;
  }
  /// The roll-ups that are stored.
  Buckets stored(std::int64_t step) {
    Buckets buckets;
    fixture_.store().read({"web-1", 0, INT64_MAX, false, {"cpu"}, step, true}, [&](const HistoryPart& part) {
      EXPECT_EQ(part.step, step);
      for (std::size_t row = 0; row < part.table.times.size(); ++row) {
        const auto value = [&](RollUpPart which) {
          return part.table.columns.at(roll_up_column(kCpuSeries, which)).values.at(row);
        };
        EXPECT_FALSE(buckets.contains(part.table.times[row]));
        buckets[part.table.times[row]] = {value(RollUpPart::count), value(RollUpPart::sum),
                                          value(RollUpPart::minimum), value(RollUpPart::maximum)};
      }
      return true;
    });
    return buckets;
  }
  query::HostHistory history(std::int64_t from, std::int64_t to, std::optional<std::int64_t> step) {
    return cpu_history(fixture_.store(), "web-1", from, to, step);
  }
  /// That a query says what the readings say, though some of them are gone.
  void expect_history(std::int64_t from, std::int64_t to, std::int64_t step) {
    const query::HostHistory answer = history(from, to, step);
    const Buckets wanted = expected(step, from, to);
    ASSERT_EQ(answer.timestamps.size(), wanted.size()) << "step " << step;
    const auto& cpu = *answer.find("cpu");
    std::size_t row = 0;
    for (const auto& [time, bucket] : wanted) {
      EXPECT_EQ(answer.timestamps[row], time);
      EXPECT_NEAR(cpu.average[row], bucket.sum / bucket.count, 0.0051) << time;
      EXPECT_EQ(cpu.minimum[row], bucket.minimum) << time;
      EXPECT_EQ(cpu.maximum[row], bucket.maximum) << time;
      ++row;
    }
  }
  std::int64_t ask(const std::string& sql) const {
    return SQLite::Database(fixture_.path(), SQLite::OPEN_READONLY, 5000).execAndGet(sql).getInt64();
  }
  StoreFixture fixture_;
  std::mt19937 random_{5};
  std::vector<protocol::Reading> all_;
  std::size_t stored_ = 0;
};

TEST_F(RollUpsTest, AreExactlyWhatTheReadingsMakeThem) {
  make(kStart, kStart + 2 * kDay, 5);
  store(kStart + 2 * kDay);
  EXPECT_EQ(stored(kMinute), expected(kMinute));
  EXPECT_EQ(stored(kHour), expected(kHour));
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
}

TEST_F(RollUpsTest, AreMadeAnewWhenLateReadingsCome) {
  make(kStart, kStart + kDay, 5);
  std::vector<protocol::Reading> late;
  for (std::size_t i = 0; i < all_.size(); i += 97) late.push_back(all_[i]);
  const auto complete = all_;
  std::erase_if(all_, [&](const protocol::Reading& one) {
    return std::any_of(late.begin(), late.end(),
                       [&](const auto& other) { return other.timestamp == one.timestamp; });
  });
  store(kStart + kDay);
  EXPECT_EQ(stored(kMinute), expected(kMinute));
  all_ = complete;
  std::shuffle(late.begin(), late.end(), random_);
  EXPECT_EQ(fixture_.append(late, kStart + kDay).accepted, late.size());
  fixture_.maintain(kStart + kDay + 100);
  EXPECT_EQ(stored(kMinute), expected(kMinute));
  EXPECT_EQ(stored(kHour), expected(kHour));
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
}

TEST_F(RollUpsTest, OfRareReadingsTheMinutesAreMadeWhenTheReadingsGo) {
  fixture_.options.retention.readings = 2 * kDay;
  fixture_.reopen();
  make(kStart, kStart + 10 * kDay, 20);
  store(kStart + 2 * kDay);
  EXPECT_EQ(ask("SELECT count(*) FROM minute_chunk"), 0);
  expect_history(kStart, kStart + 10 * kDay, kMinute);
  fixture_.maintain(kStart + 10 * kDay + 1000);
  fixture_.maintain(kStart + 10 * kDay + 2000);
  EXPECT_GT(ask("SELECT count(*) FROM minute_chunk"), 0);
  EXPECT_LE(ask("SELECT count(*) FROM raw_chunk"), 2);
  expect_history(kStart, kStart + 10 * kDay, kMinute);
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
}

TEST_F(RollUpsTest, OfFractionsAreTheSameWhicheverWayTheyWereMade) {
  fixture_.options.retention.readings = 2 * kDay;
  fixture_.reopen();
  for (const std::int64_t step : {1, 20}) {  // minutes made with the hours, and long after them
    const std::string host = "every-" + std::to_string(step);
    for (std::int64_t time = kStart; time < kStart + kDay / 4; time += step) {
      const double third = static_cast<double>(random_() % 1000) / 3;
      all_.push_back(StoreFixture::reading(host, time, 1, {{"load1", "", third}, {"mine", "", third}}));
    }
  }
  std::shuffle(all_.begin(), all_.end(), random_);
  store(kStart + kDay / 4);
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
  fixture_.maintain(kStart + 10 * kDay);
  fixture_.maintain(kStart + 10 * kDay + 1000);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), 0);
  EXPECT_GT(ask("SELECT count(*) FROM minute_chunk"), 0);
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
}

TEST_F(RollUpsTest, ARangeOverEveryLevelHasNoSeamAndNoReadingTwice) {
  for (const std::int64_t step : {5, 60}) {
    SetUp();
    fixture_.options.retention = {8 * kDay, 16 * kDay, 200 * kDay};
    fixture_.reopen();
    all_.clear();
    stored_ = 0;
    make(kStart, kStart + 40 * kDay, step);
    if (step == 60) fixture_.store().delete_history("web-1", kStart);
    store(kStart + 8 * kDay);
    const std::int64_t now = kStart + 40 * kDay;
    for (int i = 0; i < 3; ++i) fixture_.maintain(now + 1000 * i);
    EXPECT_GE(ask("SELECT min(id & 0xffffffff) FROM raw_chunk WHERE id >> 32 = (SELECT id FROM host)"),
              now - 8 * kDay);
    EXPECT_GE(ask("SELECT min(id & 0xffffffff) FROM minute_chunk WHERE id >> 32 = (SELECT id FROM host)"),
              now - 16 * kDay);
    expect_history(kStart, now, kHour);
    expect_history(kStart, now, 6 * kHour);
    expect_history(now - 16 * kDay, now, 600);
    expect_history(now - kDay, now, 30);
    // Readings that are not compacted yet, and some that are not even filed.
    fixture_.options.compact_after_readings = fixture_.options.most_uncompacted = 1000000;
    fixture_.reopen();
    make(now, now + 3000, step);
    store(now + 3000);
    fixture_.options.file_after_readings = 1000000;
    fixture_.reopen();
    make(now + 3000, now + 5000, step);
    store(now + 5000);
    expect_history(kStart, now + 5000, kHour);
    expect_history(now - 11 * kDay, now + 5000, 120);
    expect_history(now - 7200, now + 5000, 30);
    fixture_.options.file_after_readings = 1;
    fixture_.options.compact_after_readings = 1;
    fixture_.options.most_uncompacted = 0;
  }
}

TEST_F(RollUpsTest, WhereTheReadingsAreGoneAShortStepShowsTheMinutes) {
  fixture_.options.retention.readings = kDay;
  fixture_.reopen();
  make(kStart, kStart + 3 * kDay, 5);
  store(kStart + kDay);
  fixture_.maintain(kStart + 6 * kDay + 1000);
  fixture_.maintain(kStart + 6 * kDay + 2000);
  const query::HostHistory answer = history(kStart, kStart + 3599, 0);
  EXPECT_EQ(answer.timestamps.size(), expected(kMinute, kStart, kStart + 3599).size());
}

TEST_F(RollUpsTest, ASpikeOfOneSecondIsSeenInAYear) {
  for (int day = 0; day < 365; ++day) {
    for (int i = 0; i < 24; ++i) {
      all_.push_back(StoreFixture::reading("web-1", kStart + day * kDay + i * 3600, 10));
    }
  }
  all_[3000].cpu = 100;
  fixture_.options.retention.readings = 400 * kDay;
  fixture_.reopen();
  store(kStart + 365 * kDay);
  const query::HostHistory year = history(kStart, kStart + 365 * kDay, std::nullopt);
  EXPECT_LE(year.timestamps.size(), 500U);
  const auto& cpu = *year.find("cpu");
  EXPECT_EQ(std::count(cpu.maximum.begin(), cpu.maximum.end(), 100), 1);
  EXPECT_EQ(*std::max_element(cpu.minimum.begin(), cpu.minimum.end()), 10);
}

TEST_F(RollUpsTest, EachLevelIsDeletedInItsTimeAndTheSpaceIsGivenBack) {
  fixture_.options.retention = {kDay, 3 * kDay, 20 * kDay};
  fixture_.reopen();
  for (int day = 0; day < 3; ++day) {
    for (int host = 0; host < 10; ++host) {
      std::vector<protocol::Reading> readings;
      for (int i = 0; i < 8640; ++i) {
        readings.push_back(StoreFixture::reading("host-" + std::to_string(host), kStart + day * kDay + i * 10,
                                                 static_cast<double>(random_() % 1000) / 10));
      }
      fixture_.append(readings, kStart + (day + 1) * kDay);
      fixture_.maintain(kStart + (day + 1) * kDay);
    }
  }
  const std::int64_t end = kStart + 3 * kDay;
  const auto after = [&](std::int64_t now) {
    for (int i = 0; i < 3; ++i) fixture_.maintain(now + i * 1000);
    std::vector<std::int64_t> rows;
    for (const char* table : {"raw_chunk", "minute_chunk", "hour_chunk"})
      rows.push_back(ask(std::string("SELECT count(*) FROM ") + table));
    return rows;
  };
  EXPECT_EQ(after(end)[0], 10) << "of the last day";
  const auto full = ask("PRAGMA page_count");
  EXPECT_EQ(after(end + 2 * kDay)[0], 0);
  EXPECT_GT(after(end + 2 * kDay)[1], 0);
  EXPECT_EQ(after(end + 5 * kDay)[1], 0);
  EXPECT_GT(after(end + 5 * kDay)[2], 0);
  EXPECT_EQ(after(end + 60 * kDay)[2], 0);
  fixture_.close();
  EXPECT_LE(ask("SELECT count(*) FROM tail"), 0);
  EXPECT_LT(ask("PRAGMA freelist_count"), 1025) << "more goes back to the file system";
  EXPECT_LE(ask("PRAGMA page_count"), full);
}

TEST_F(RollUpsTest, WhereHistoryBeginsIsTheFirstReadingNotItsChunk) {
  fixture_.options.compact_after_readings = 256;
  fixture_.options.file_after_readings = 5000;
  fixture_.reopen();
  const std::int64_t first = kStart + 7 * kHour + 12 * kMinute + 5;
  std::int64_t now = first;
  const auto append = [&](int readings) {
    std::vector<protocol::Reading> some;
    for (int i = 0; i < readings; ++i, now += 10) some.push_back(StoreFixture::reading("web-1", now));
    fixture_.append(some, now);
  };
  const auto expect_known = [&](std::int64_t oldest, const char* when) {
    const StoreStatistics statistics = fixture_.store().statistics();
    EXPECT_EQ(statistics.oldest_reading, first) << when;
    EXPECT_EQ(statistics.oldest, oldest) << when;
  };
  fixture_.maintain(now);
  append(10);
  expect_known(first, "in the journal");
  for (int minute = 0; minute < 20; ++minute) {
    fixture_.maintain(now += kMinute);
    expect_known(first, "in the tail");
  }
  append(300);
  for (int minute = 0; minute < 20; ++minute) {
    fixture_.maintain(now += kMinute);
    EXPECT_EQ(fixture_.store().statistics().oldest_reading, first) << minute;
  }
  ASSERT_GT(ask("SELECT count(*) FROM raw_chunk"), 0);
  expect_known(kStart + 7 * kHour, "in chunks: the first hour");
  fixture_.reopen();
  fixture_.maintain(now);
  expect_known(kStart + 7 * kHour, "after a start");
}

TEST_F(RollUpsTest, ADatabaseThatMayNotGrowLosesItsOldestDaysFirst) {
  fixture_.options.max_database_bytes = 200'000;
  fixture_.reopen();
  make(kStart, kStart + 20 * kDay, 10);
  const std::int64_t now = kStart + 20 * kDay;
  store(now);
  for (int i = 1; i < 40; ++i) fixture_.maintain(now + i * 301);
  const StoreStatistics statistics = fixture_.store().statistics();
  EXPECT_LE(statistics.used_bytes, 200'000U);
  EXPECT_GT(statistics.used_bytes, 120'000U) << "no more than necessary";
  EXPECT_GT(statistics.oldest_reading, kStart);
  EXPECT_TRUE(fixture_.store().keeps("web-1", statistics.oldest_reading));
  EXPECT_FALSE(fixture_.store().keeps("web-1", statistics.oldest_reading - 1))
      << "older ones are not taken any more";
  expect_history(statistics.oldest_reading, now, kHour);
  fixture_.reopen();
  EXPECT_FALSE(fixture_.store().keeps("web-1", statistics.oldest_reading - 1));
  fixture_.store().delete_history("web-1", now);
  EXPECT_TRUE(fixture_.store().keeps("web-1", statistics.oldest_reading - 1)) << "there is room again";
}

TEST_F(RollUpsTest, AHostThatSendsMuchPushesNobodyElsesHistoryOut) {
  fixture_.options.max_database_bytes = 280'000;
  fixture_.reopen();
  const std::int64_t now = kStart + 20 * kDay;
  make(kStart, now, 10);
  store(now);
  std::vector<protocol::Reading> few;
  for (std::int64_t at = kStart; at < now; at += 600) few.push_back(StoreFixture::reading("quiet", at));
  fixture_.append(few, now);
  for (int i = 1; i < 40; ++i) fixture_.maintain(now + i * 301);
  EXPECT_LE(fixture_.store().statistics().used_bytes, 280'000U);
  EXPECT_EQ(fixture_.cpu_of("quiet").size(), few.size());
  EXPECT_GT(fixture_.cpu_of("web-1").begin()->first, kStart);
  EXPECT_TRUE(fixture_.store().keeps("quiet", kStart));
  EXPECT_FALSE(fixture_.store().keeps("web-1", kStart));
}

TEST_F(RollUpsTest, NoHistoryGoesForAHostOfWhichNothingIsOldEnough) {
  fixture_.options.max_database_bytes = 300'000;
  fixture_.reopen();
  const std::int64_t now = kStart + 20 * kDay;
  make(now - kDay / 2, now, 1);
  store(now);
  std::vector<protocol::Reading> few;
  for (std::int64_t at = kStart; at < now; at += 600) few.push_back(StoreFixture::reading("quiet", at));
  fixture_.append(few, now);
  for (int i = 1; i < 20; ++i) fixture_.maintain(now + i * 301);
  EXPECT_EQ(fixture_.cpu_of("quiet").size(), few.size());
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), all_.size());
}

}  // namespace
}  // namespace hostwatch::storage
