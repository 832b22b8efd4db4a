// Readings, minutes and hours never contradict each other, whatever expires, comes late or is given up in
// which order; and no jump of the clock deletes anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <random>

#include "server/storage/settled_clock.h"
#include "server/storage/sqlite/operations.h"
#include "tests/unit/server/storage/cpu_history.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kFourDays = 4 * kDay;  // a chunk of few readings
constexpr std::int64_t kBorder = 1763596800;
static_assert(kBorder % kFourDays == 0);

class LevelsTest : public ::testing::Test {
 protected:
  void keep(std::int64_t readings, std::int64_t minutes = 365 * kDay, std::int64_t hours = 3650 * kDay) {
    fixture_.options.retention = {readings, minutes, hours};
    fixture_.reopen();
  }
  /// A reading whose values a model remembers, if it is accepted.
  void post(std::int64_t time, std::int64_t now, std::vector<protocol::Sample> samples = {}) {
    const double cpu = static_cast<double>(random_() % 1000) / 10;
    batch_.push_back(StoreFixture::reading("web-1", time, cpu, std::move(samples)));
    if (batch_.size() >= 500) send(now);
  }
  void send(std::int64_t now) {
    for (const protocol::Reading& one : batch_) model_.emplace(one.timestamp, one.cpu);
    EXPECT_EQ(fixture_.append(batch_, now).accepted, batch_.size());
    batch_.clear();
  }
  void send_and_maintain(std::int64_t now) {
    send(now);
    fixture_.maintain(now);
  }
  query::HostHistory history(std::int64_t from, std::int64_t to, std::int64_t step) {
    return cpu_history(fixture_.store(), "web-1", from, to, step);
  }
  /// That each row of the answer says what the readings were, and that none is missing.
  void expect_exact(std::int64_t from, std::int64_t to, std::int64_t step) {
    struct Bucket {
      double count = 0;
      double sum = 0;
      double maximum = 0;
    };
    std::map<std::int64_t, Bucket> wanted;
    for (auto at = model_.lower_bound(from); at != model_.end() && at->first <= to; ++at) {
      Bucket& bucket = wanted[at->first / step * step];
      ++bucket.count;
      bucket.sum += at->second;
      bucket.maximum = std::max(bucket.maximum, at->second);
    }
    const query::HostHistory answer = history(from, to, step);
    ASSERT_EQ(answer.timestamps.size(), wanted.size()) << "step " << step;
    if (wanted.empty()) return;
    const auto& cpu = *answer.find("cpu");
    std::size_t row = 0;
    for (const auto& [time, bucket] : wanted) {
      ASSERT_EQ(answer.timestamps[row], time);
      EXPECT_NEAR(cpu.average[row], bucket.sum / bucket.count, 0.0051) << "step " << step << " at " << time;
      EXPECT_EQ(cpu.maximum[row], bucket.maximum) << "step " << step << " at " << time;
      ++row;
    }
  }
  void expect_sound(const std::string& path) {
    const sqlite::CheckReport report = sqlite::check_database(path);
    EXPECT_THAT(report.problems, IsEmpty());
    EXPECT_THAT(report.wrong_roll_ups, IsEmpty());
  }
  void expect_sound() { expect_sound(fixture_.path()); }
  std::int64_t ask(const std::string& sql) const {
    return SQLite::Database(fixture_.path(), SQLite::OPEN_READONLY, 5000).execAndGet(sql).getInt64();
  }
  std::string beside(const std::string& name) const {
    return (std::filesystem::path(fixture_.path()).parent_path() / name).string();
  }

  StoreFixture fixture_;
  std::mt19937 random_{14};
  std::vector<protocol::Reading> batch_;
  std::map<std::int64_t, double> model_;
};

TEST_F(LevelsTest, AnHourHasAllItsReadingsThoughTheirChunkExpiresWhileTheTailHasSome) {
  keep(kHour);
  std::int64_t now = kBorder - 6 * kHour;
  for (; now < kBorder + 26 * kHour; now += 60) {
    post(now, now);
    if (now % 1800 == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  fixture_.maintain(now + kDay);
  fixture_.maintain(now + kDay + 301);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk WHERE (id & 4294967295) < " + std::to_string(kBorder)), 0);
  for (const std::int64_t step : {60, 1800, 3600, 86400}) expect_exact(0, now, step);
  expect_sound();
}

TEST_F(LevelsTest, LateReadingsAreAddedToTheirHour) {
  for (const std::int64_t interval : {7, 60, 300}) {
    SetUp();
    keep(6 * kHour, 6 * kHour);
    fixture_.store().clean_host("web-1", 0);
    model_.clear();
    const std::int64_t begin = kBorder - kDay;
    std::vector<std::int64_t> late;
    std::int64_t now = begin;
    for (; now < kBorder + (interval == 7 ? kDay / 2 : 5 * kDay); now += interval) {
      if (random_() % 20 == 0) {
        late.push_back(now);
      } else {
        post(now, now);
      }
      if (now / interval % 40 != 0) continue;
      std::erase_if(late, [&](std::int64_t time) {
        if (time < now - 6 * kHour + 300) return true;
        if (random_() % 4 != 0) return false;
        post(time, now);
        return true;
      });
      send_and_maintain(now);
    }
    send_and_maintain(now);
    fixture_.maintain(now + 301);
    for (const std::int64_t step : {3600, 7200}) expect_exact(begin, now, step);
    expect_exact((now - 6 * kHour) / kHour * kHour + kHour, now, 60);
    expect_sound();
  }
}

TEST_F(LevelsTest, MinutesStayAsLongAsTheReadingsThatTheyAreMadeOf) {
  keep(2 * kDay, 2 * kDay);
  for (std::int64_t time = kBorder; time < kBorder + 600; ++time) post(time, kBorder + 600);
  send_and_maintain(kBorder + 700);
  std::int64_t now = kBorder + 1200;
  for (; now < kBorder + 3 * kDay + kDay / 2; now += 60) post(now, now);
  send(now);
  fixture_.maintain(now);
  fixture_.maintain(now + 301);
  for (const std::int64_t step : {30, 60, 90, 300, 3600}) expect_exact(kBorder, now, step);
  expect_sound();
}

TEST_F(LevelsTest, EqualTimesForAllLevelsEndThemTogether) {
  keep(kHour, kHour, kHour);
  std::int64_t now = kBorder - kDay;
  for (; now < kBorder + 40 * kDay; now += 600) {
    post(now, now);
    if (now % kDay == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  EXPECT_EQ(
      ask("SELECT count(*) FROM hour_chunk WHERE (id & 4294967295) < " + std::to_string(kBorder - 32 * kDay)),
      0);
  expect_exact(now - kHour, now, 60);
  expect_exact(now - kHour, now, 3600);
  expect_sound();
}

TEST_F(LevelsTest, AfterALongSilenceHistoryBeginsWithItsFirstReading) {
  fixture_.options.compact_after_readings = 1;
  keep(kDay, kDay, kDay);
  for (int i = 0; i < 10; ++i) post(kBorder - 100 * kDay + i * 60, kBorder - 99 * kDay);
  send(kBorder - 100 * kDay + 600);
  fixture_.maintain(kBorder - 100 * kDay + 700);
  const std::int64_t again = kBorder + 20 * kDay + 3 * kHour;  // within a chunk of each level
  post(again, again);
  send(again);
  fixture_.maintain(again + 100);
  fixture_.maintain(again + 500);
  ASSERT_EQ(ask("SELECT count(*) FROM hour_chunk"), 1);
  EXPECT_EQ(fixture_.store().statistics().oldest, again);
  EXPECT_EQ(fixture_.store().statistics().oldest_reading, again);
}

TEST_F(LevelsTest, WhatIsDeletedIsNotTakenASecondTime) {
  keep(kHour);
  std::int64_t now = kBorder - 2 * kHour;
  for (; now < kBorder + 2 * kHour; now += 60) post(now, now);
  send_and_maintain(now);
  fixture_.maintain(now + kDay);
  fixture_.maintain(now + kDay + 301);
  keep(30 * kDay);
  EXPECT_FALSE(fixture_.store().keeps("web-1", kBorder - 60));
  EXPECT_TRUE(fixture_.store().keeps("web-1", kBorder));
  const AppendResult again = fixture_.append(
      {StoreFixture::reading("web-1", kBorder - 60), StoreFixture::reading("web-1", kBorder)}, now);
  EXPECT_EQ(again.lost, 1U) << "also past the edge";
  EXPECT_EQ(again.duplicates, 1U);
  fixture_.maintain(now + 2 * kDay);
  expect_exact(0, now, kHour);
}

TEST_F(LevelsTest, ReadingsThatComeWhileOthersAreFiledAreNotReadBackASecondTime) {
  fixture_.options.file_at_once = 50;
  fixture_.options.file_after_readings = 1;
  fixture_.options.compact_after_readings = 1;
  fixture_.reopen();
  for (int i = 0; i < 120; ++i) post(kBorder + i, kBorder + 200);
  send(kBorder + 200);
  fixture_.store().maintain(kBorder + 200);
  fixture_.store().maintain(kBorder + 200);  // a slice of it
  for (int i = 120; i < 180; ++i) post(kBorder + i, kBorder + 200);
  send(kBorder + 200);
  for (int i = 0; i < 100; ++i) fixture_.store().maintain(kBorder + 200);
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 180U);
  EXPECT_EQ(fixture_.store().count("web-1", 0, INT64_MAX, 1000), 180U);
  fixture_.maintain(kBorder + 300);
  expect_exact(0, kBorder + 300, kHour);
}

TEST_F(LevelsTest, ALimitOfSizeLeavesNoHoleAtAnyStep) {
  fixture_.options.max_database_bytes = 2'000'000;
  fixture_.reopen();
  std::int64_t now = kBorder;
  const auto noise = [&] { return static_cast<double>(random_()) / 1e9; };
  for (; now < kBorder + 3 * kDay; now += 5) {
    std::vector<protocol::Sample> samples;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) samples.push_back({name, "", noise()});
    post(now, now, std::move(samples));
    if (now % (6 * kHour) == 0) send_and_maintain(now);
  }
  send(now);
  for (int i = 0; i < 5; ++i) fixture_.maintain(now + i * 301);
  const StoreStatistics statistics = fixture_.store().statistics();
  EXPECT_LE(statistics.used_bytes, 2'200'000U);
  EXPECT_GT(statistics.used_bytes, 1'700'000U);
  ASSERT_NE(statistics.oldest_reading, INT64_MAX);
  expect_exact(kBorder, now, kHour);
  for (const std::int64_t step : {30, 60, 300}) {
    expect_exact((statistics.oldest_reading / kHour + 1) * kHour, now, step);
  }
  for (const std::int64_t step : {60, 300, 900}) {
    EXPECT_EQ(history(kBorder, now, step).timestamps.front(), kBorder) << "coarser levels fill in";
  }
  expect_sound();
}

TEST_F(LevelsTest, ALimitOfSizeHoldsForASingleHostWithManySeries) {
  std::vector<std::string> names;
  for (int i = 0; i < 57; ++i) names.push_back("m" + std::to_string(i));
  for (const std::uint64_t limit : {1'000'000U, 3'000'000U}) {
    fixture_.options.max_database_bytes = limit;
    fixture_.reopen();
    fixture_.store().clean_host("web-1", 0);
    model_.clear();
    std::int64_t now = kBorder;
    std::uint64_t most = 0;
    std::uint64_t least = UINT64_MAX;
    for (; now < kBorder + 2 * kHour; ++now) {
      std::vector<protocol::Sample> samples;
      for (const std::string& name : names)
        samples.push_back({name, "", static_cast<double>(random_()) / 1e9});
      post(now, now, std::move(samples));
      if (now % 60 != 0) continue;
      send_and_maintain(now);
      most = std::max(most, fixture_.store().statistics().used_bytes);
      if (now > kBorder + 3 * kHour / 2) {
        least = std::min(least, fixture_.store().statistics().used_bytes);
      }
    }
    EXPECT_LE(most, limit + limit / 10);
    EXPECT_GE(least, limit - limit / 5) << "no more than necessary goes";
    send_and_maintain(now);
    expect_exact(kBorder, now, kHour);
    expect_exact(now - 300, now, 1);
    expect_sound();
  }
}

TEST_F(LevelsTest, ForNewReadingsOfOneHostTheHoursOfAnotherStay) {
  keep(2 * kDay);
  std::int64_t now = kBorder - 40 * kDay;
  for (; now < kBorder; now += 900) {
    post(now, now);
    if (now % kDay == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  fixture_.options.max_database_bytes = 600'000;
  fixture_.reopen();
  for (; now < kBorder + 2 * kDay; now += 6 * kHour) {
    std::vector<protocol::Reading> readings;
    for (std::int64_t time = now - 6 * kHour; time < now; time += 10) {
      readings.push_back(StoreFixture::reading("big", time, 1,
                                               {{"a", "", static_cast<double>(random_()) / 1e9},
                                                {"b", "", static_cast<double>(random_()) / 1e9}}));
    }
    fixture_.append(readings, now);
    for (int i = 0; i < 3; ++i) fixture_.maintain(now + i * 301);
    EXPECT_LE(fixture_.store().statistics().used_bytes, 660'000U);
  }
  expect_exact(0, now, kDay);
  expect_sound();
}

TEST_F(LevelsTest, AClockThatJumpsAheadDeletesNothingWithinAnHour) {
  keep(kDay);
  for (std::int64_t time = kBorder - 8 * kDay; time < kBorder; time += 600) post(time, kBorder);
  send(kBorder);
  keep(30 * kDay);
  fixture_.maintain(kBorder, 1000);
  keep(30 * kDay);
  fixture_.maintain(kBorder, 1000);
  const auto chunks = ask("SELECT count(*) FROM raw_chunk");
  ASSERT_GE(chunks, 2);
  fixture_.maintain(kBorder + 400 * kDay, 1007);
  fixture_.maintain(kBorder + 400 * kDay + 3500, 4507);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), chunks);
  fixture_.maintain(kBorder + 3600, 4608);
  fixture_.maintain(kBorder + 400 * kDay + 3700, 4708);
  fixture_.maintain(kBorder + 400 * kDay + 7200, 8208);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), chunks) << "it was right in between";
  fixture_.maintain(kBorder + 400 * kDay + 7600, 8608);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk"), 0);
  expect_exact(0, kBorder, kHour);
}

TEST(SettledClock, FollowsAJumpAheadAfterAnHourAndOneBackAtOnce) {
  SettledClock clock;
  EXPECT_EQ(clock.settle(5000, 0), 5000);
  EXPECT_EQ(clock.settle(5010, 10), 5010);
  EXPECT_EQ(clock.settle(9000, 20), 5020) << "ahead";
  EXPECT_EQ(clock.settle(9100, 120), 5120);
  EXPECT_EQ(clock.settle(12579, 3619 - 20), 8599);
  EXPECT_EQ(clock.settle(12600, 3620), 12600) << "it has lasted";
  EXPECT_EQ(clock.settle(3000, 3630), 3000) << "back";
}

/// Hours of an earlier version: made of a part of their readings.
class FalsifiedHours : public LevelsTest {
 protected:
  FalsifiedHours() {
    for (int i = 0; i < 120; ++i) post(kBorder + i * 60, kBorder + kDay);
    send(kBorder + kDay);
    keep(30 * kDay);
    fixture_.options.compact_after_readings = 1;
    fixture_.reopen();
    fixture_.maintain(kBorder + kDay);
    run("CREATE TABLE kept_chunk AS SELECT chunk FROM hour_chunk");
    fixture_.reopen();
    for (int i = 0; i < 120; ++i) post(kBorder + i * 60 + 30, kBorder + kDay);
    send(kBorder + kDay);
    fixture_.maintain(kBorder + kDay + 100);
    run("UPDATE hour_chunk SET chunk = (SELECT chunk FROM kept_chunk); DROP TABLE kept_chunk");
  }
  void run(const std::string& sql) {
    fixture_.close();
    SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(sql);
  }
};

TEST_F(FalsifiedHours, AreToldApartFromDamage) {
  const sqlite::CheckReport report = sqlite::check_database(fixture_.path());
  EXPECT_THAT(report.problems, IsEmpty());
  ASSERT_EQ(report.wrong_roll_ups.size(), 1U);
  EXPECT_THAT(report.wrong_roll_ups.front(), HasSubstr("hour_chunk of host 1"));
}

TEST_F(FalsifiedHours, OfABackupAreRestoredWhereThatIsAccepted) {
  sqlite::backup_database(fixture_.path(), beside("copy.db"));
  EXPECT_THAT([&] { sqlite::restore_database(beside("copy.db"), fixture_.path()); },
              ThrowsMessage<StoreError>(HasSubstr("--accept-roll-ups")));
  sqlite::restore_database(beside("copy.db"), fixture_.path(), true);
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 240U);
}

TEST_F(FalsifiedHours, AreMadeAnewAfterAnEarlierVersion) {
  run("ALTER TABLE host DROP COLUMN known_since; DROP TABLE roll_up_check; PRAGMA user_version = 3");
  EXPECT_THAT(sqlite::check_database(fixture_.path()).wrong_roll_ups, Not(IsEmpty()));
  fixture_.reopen();
  fixture_.maintain(kBorder + kDay + 200);
  expect_exact(0, kBorder + kDay, kHour);
  expect_sound();
  EXPECT_EQ(ask("SELECT count(*) FROM roll_up_check"), 0) << "once";
}

TEST_F(FalsifiedHours, AreNotMadeSmallerByReadingsWhoseOthersAreGone) {
  // As an earlier version left it: the chunk was deleted while readings of its last hour were in the tail.
  run("DELETE FROM raw_chunk");
  fixture_.reopen();
  fixture_.append({StoreFixture::reading("web-1", kBorder + 7199, 100)}, kBorder + kDay);
  fixture_.maintain(kBorder + kDay + 300);
  const query::HostHistory hours = history(kBorder, kBorder + 7200, kHour);
  ASSERT_EQ(hours.timestamps.size(), 2U);
  EXPECT_EQ(hours.find("cpu")->maximum[1], 100);
  double sum = 100;
  for (int i = 60; i < 120; ++i) sum += model_.at(kBorder + i * 60);
  EXPECT_NEAR(hours.find("cpu")->average[1], sum / 61, 0.0051);
  expect_sound();
}

}  // namespace
}  // namespace hostwatch::storage
