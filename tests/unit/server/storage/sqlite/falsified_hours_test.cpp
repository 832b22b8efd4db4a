// Roll-ups that an earlier version made of a part of their readings.
#include "tests/unit/server/storage/earlier_schema.h"
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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
  const CheckReport report = sqlite::check_database(fixture_.path());
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
  run(kWithoutAlarms +
      "ALTER TABLE host DROP COLUMN known_since; DROP TABLE roll_up_check; PRAGMA user_version = 3");
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
