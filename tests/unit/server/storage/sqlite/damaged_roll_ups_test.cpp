// Minutes and hours that are damaged, or gone, while what they were made of is still there.
#include "tests/unit/server/storage/earlier_schema.h"
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage::damaged_roll_ups_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DamagedRollUps : public LevelsTest {
 protected:
  static constexpr std::int64_t kNow = kBorder + 2 * kDay;

  DamagedRollUps() { fixture_.options.compact_after_readings = 1; }
  /// Two days of readings; eight a minute or more have minutes of their own.
  void store(std::int64_t interval, std::int64_t begin = kBorder) {
    keep(30 * kDay);
    for (std::int64_t time = begin; time < begin + 2 * kDay; time += interval) post(time, kNow);
    send_and_maintain(kNow);
  }
  void run(const std::string& sql) {
    fixture_.close();
    SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(sql);
    fixture_.reopen();
  }
  void damage_first(const std::string& table) {
    run("UPDATE " + table +
        " SET chunk = CAST(substr(chunk, 1, length(chunk) - 30) || x'ffffffffffffff' || substr(chunk, "
        "length(chunk) - 22) AS BLOB) WHERE id = (SELECT min(id) FROM " +
        table + ")");
    ASSERT_THAT(sqlite::check_database(fixture_.path()).problems, Not(IsEmpty()));
  }
  void send_late_reading() {
    post(kBorder + kDay / 2 + 1, kNow);
    send_and_maintain(kNow + 100);
  }
  std::vector<std::string> check_kept_apart() { return sqlite::check_database(fixture_.path()).kept_apart; }
};

TEST_F(DamagedRollUps, MinutesAreMadeAnewOfTheirReadings) {
  store(5);
  damage_first("minute_chunk");
  send_late_reading();
  for (const std::int64_t step : {kMinute, std::int64_t{300}, kHour}) expect_exact(0, kNow, step);
  expect_sound();
}

TEST_F(DamagedRollUps, HoursAreMadeAnewOfReadingsThatHaveNoMinutes) {
  store(60);
  ASSERT_EQ(ask("SELECT count(*) FROM minute_chunk"), 0);
  damage_first("hour_chunk");
  send_late_reading();
  expect_exact(0, kNow, kHour);
  expect_sound();
}

TEST_F(DamagedRollUps, HoursAreMadeAnewOfMinutesWhoseReadingsAreGone) {
  const std::int64_t begin = kBorder - 8 * kDay;
  const std::int64_t later = begin + 6 * kDay;
  store(5, begin);
  keep(kDay);
  fixture_.maintain(later);
  ASSERT_EQ(ask("SELECT count(*) FROM raw_chunk"), 0);
  damage_first("hour_chunk");
  post(later, later);
  send_and_maintain(later + 100);
  expect_exact(0, later, kHour);
  expect_sound();
}

TEST_F(DamagedRollUps, WhatIsKeptApartIsNamedAndCountedAlsoAfterAStart) {
  store(5);
  damage_first("hour_chunk");
  EXPECT_THAT(check_kept_apart(), IsEmpty());
  send_late_reading();
  EXPECT_THAT(check_kept_apart(), ElementsAre(HasSubstr("hour_chunk of host 1 from")));
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U);
  fixture_.reopen();
  EXPECT_EQ(fixture_.store().statistics().damaged_chunks, 1U);
}

TEST_F(DamagedRollUps, OfADamagedChunkNothingElseIsCalledWrong) {
  store(5);
  damage_first("hour_chunk");
  const CheckReport report = sqlite::check_database(fixture_.path());
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("hour_chunk of host 1")));
  EXPECT_THAT(report.wrong_roll_ups, IsEmpty());
}

TEST_F(DamagedRollUps, CheckMissesTheFirstRollUpsThatAreNotThere) {
  store(5);
  run("DELETE FROM hour_chunk");
  EXPECT_THAT(sqlite::check_database(fixture_.path()).wrong_roll_ups, Not(IsEmpty()));
}

TEST_F(DamagedRollUps, OfAnEarlierVersionCheckMissesNone) {
  store(5);
  const std::string earlier =
      kWithoutAlarms +
      "DELETE FROM minute_chunk WHERE id = (SELECT min(id) FROM minute_chunk);"
      "ALTER TABLE host DROP COLUMN known_since; DROP TABLE roll_up_check; PRAGMA user_version = 3";
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(earlier);
  EXPECT_THAT(sqlite::check_database(fixture_.path()).wrong_roll_ups, IsEmpty());
  fixture_.reopen();
  expect_sound();
  fixture_.maintain(kNow + 200);
  expect_sound();
  EXPECT_EQ(ask("SELECT count(*) FROM roll_up_check"), 0)
      << "from now on all are expected, and all are there";
}

}  // namespace
}  // namespace hostwatch::storage::damaged_roll_ups_test
