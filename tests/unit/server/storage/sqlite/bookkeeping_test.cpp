// What the database notes of its rows, and the rows contradict; and a host whose rows cannot be worked on.
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage::bookkeeping_test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kNow = StoreFixture::kNow;

/// Two hosts, "a" (number 1) and "b" (number 2), with readings in chunks and 40 in their tails.
class BookkeepingTest : public LevelsTest {
 protected:
  BookkeepingTest() {
    std::int64_t now = kNow + 400;
    for (const char* host : {"a", "b"}) {
      send(host, kNow, 300);
      fixture_.maintain(now += 40);
      send(host, kNow + 300, 40);
      fixture_.maintain(now += 40);
    }
    EXPECT_EQ(ask("SELECT sum(uncompacted) FROM filed"), 80);
  }
  void send(const std::string& host, std::int64_t begin, int count) {
    std::vector<protocol::Reading> readings;
    for (int i = 0; i < count; ++i)
      readings.push_back(StoreFixture::reading(host, begin + i, i % 100, {{"gauge", host, 1.5}}));
    EXPECT_EQ(fixture_.append(readings, begin + count).accepted, readings.size()) << host;
  }
  void change(const std::string& sql) {
    fixture_.close();
    SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(sql);
  }
  CheckReport check() { return sqlite::check_database(fixture_.path()); }
  /// That both hosts have all they sent once, that `check` has nothing to say, and that both go on.
  void expect_whole(std::size_t readings_of_a = 340) {
    fixture_.maintain(kNow + 1000);
    EXPECT_EQ(fixture_.cpu_of("a").size(), readings_of_a);
    EXPECT_EQ(fixture_.cpu_of("b").size(), 340U);
    for (const char* host : {"a", "b"}) send(host, kNow + 2000, 600);
    fixture_.maintain(kNow + 3000);
    EXPECT_EQ(fixture_.cpu_of("a").size(), readings_of_a + 600);
    EXPECT_EQ(fixture_.cpu_of("b").size(), 940U);
    EXPECT_EQ(fixture_.store().statistics().damaged_hosts, 0U);
    expect_sound();
    fixture_.reopen();
    EXPECT_EQ(fixture_.cpu_of("a").size(), readings_of_a + 600);
  }
};

TEST_F(BookkeepingTest, WhatIsNotedWrongIsNamedByCheckAndSetAnewFromTheRows) {
  struct Case {
    const char* sql;
    const char* named;
  };
  for (const auto& [sql, named] :
       {Case{"UPDATE filed SET uncompacted = 300 WHERE host = 1", "filed.uncompacted is 300"},
        Case{"UPDATE filed SET uncompacted = 0 WHERE host = 1", "filed.uncompacted is 0"},
        Case{"UPDATE filed SET uncompacted = -7 WHERE host = 1", "filed.uncompacted is -7"},
        Case{"UPDATE filed SET uncompacted = 9223372036854775807 WHERE host = 1", "filed.uncompacted is 922"},
        Case{"UPDATE filed SET next_tail = 0 WHERE host = 1", "filed.next_tail is 0"},
        Case{"UPDATE filed SET next_tail = 1 << 40 WHERE host = 1", "filed.next_tail is 1099511627776"},
        Case{"UPDATE filed SET newest = newest - 50 WHERE host = 1", "filed.newest is"},
        Case{"UPDATE filed SET series = x'ffffffff' WHERE host = 1", "filed.series cannot be read"},
        Case{"UPDATE filed SET latest = x'ffffffffff' WHERE host = 1", "filed.latest cannot be read"},
        Case{"DELETE FROM filed WHERE host = 1", "nothing is noted"},
        Case{"UPDATE tail SET readings = 1 WHERE id >> 32 = 1", "says that it has 1 reading, and has 40"},
        Case{"UPDATE tail SET first = first - 1000000 WHERE id >> 32 = 1", "says that it is from"},
        Case{"UPDATE tail SET last = last + 10000000 WHERE id >> 32 = 1", "says that it is from"},
        Case{"UPDATE raw_chunk SET period = 345601 WHERE id >> 32 = 1", "spans 345601 seconds"},
        Case{"UPDATE raw_chunk SET period = 0 WHERE id >> 32 = 1", "spans 0 seconds"},
        Case{"UPDATE hour_chunk SET period = 7 WHERE id >> 32 = 1", "spans 7 seconds"}}) {
    SCOPED_TRACE(sql);
    sqlite::backup_database(fixture_.path(), beside("whole.db"));
    change(sql);
    EXPECT_THAT(check().bookkeeping, Contains(AllOf(HasSubstr("host 'a' (1): "), HasSubstr(named))));
    EXPECT_THAT(check().problems, IsEmpty());
    ASSERT_NO_THROW(fixture_.reopen());
    EXPECT_EQ(fixture_.cpu_of("a").size(), 340U);
    ASSERT_TRUE(fixture_.store().hosts().front().latest);
    EXPECT_EQ(fixture_.store().hosts().front().latest->cpu, 39);
    send("a", kNow - 1, 1);  // of a time before all, in the same chunk: it is touched
    EXPECT_EQ(fixture_
                  .append({StoreFixture::reading("a", kNow + 5, 5, {{"gauge", "a", 1.5}}),
                           StoreFixture::reading("a", kNow + 335, 35, {{"gauge", "a", 1.5}})})
                  .duplicates,
              2U);
    expect_whole(341);
    if (HasFailure()) return;
    fixture_.close();
    sqlite::restore_database(beside("whole.db"), fixture_.path());
    std::filesystem::remove(beside("whole.db"));
    fixture_.reopen();
  }
}

TEST_F(BookkeepingTest, ATailThatIsGoneNeitherEndsTheServerNorKeepsItAtWork) {
  change("DELETE FROM tail WHERE id >> 32 = 1; UPDATE filed SET uncompacted = 300 WHERE host = 1");
  EXPECT_THAT(check().bookkeeping, Contains(HasSubstr("uncompacted is 300, and its tail has 0 readings")));
  fixture_.reopen();
  expect_whole(300);
}

TEST_F(BookkeepingTest, ANewestReadingThatIsNotedAsOlderThanTheChunksHasLetsNothingBeStoredTwice) {
  change("DELETE FROM tail WHERE id >> 32 = 1; UPDATE filed SET uncompacted = 0, newest = " +
         std::to_string(kNow + 199) + " WHERE host = 1");
  EXPECT_THAT(check().bookkeeping, Contains(HasSubstr("filed.newest is")));
  fixture_.reopen();
  const auto result = fixture_.append({StoreFixture::reading("a", kNow + 250, 50, {{"gauge", "a", 1.5}}),
                                       StoreFixture::reading("a", kNow + 260, 99, {{"gauge", "a", 1.5}})});
  EXPECT_EQ(result.duplicates, 2U);
  EXPECT_EQ(result.conflicts, 1U);
  expect_whole(300);
}

TEST_F(BookkeepingTest, ANewestReadingThatIsNotedAheadOfTheClockDoesNotKeepAHostUp) {
  for (const char* newest : {"newest + 100000000", "9223372036854775807"}) {
    SCOPED_TRACE(newest);
    change(std::string("UPDATE filed SET newest = ") + newest + " WHERE host = 1");
    fixture_.reopen();
    fixture_.maintain(kNow + 900);
    EXPECT_EQ(fixture_.store().hosts().front().last_seen, kNow + 339);
  }
  expect_whole();
  EXPECT_EQ(fixture_.store().hosts().front().latest->timestamp, kNow + 2599);
}

TEST_F(BookkeepingTest, ATailThatHasLessThanIsNotedIsNotWorkedOnForEver) {
  change("UPDATE tail SET readings = 1; UPDATE filed SET uncompacted = 300 WHERE host = 1");
  fixture_.reopen();
  expect_whole();
}

TEST_F(BookkeepingTest, ALatestReadingThatIsMissingIsLookedForWhereItIsStored) {
  change("UPDATE filed SET latest = x'' WHERE host = 1");
  fixture_.reopen();
  ASSERT_TRUE(fixture_.store().hosts().front().latest);
  EXPECT_EQ(fixture_.store().hosts().front().latest->cpu, 39);
  EXPECT_EQ(fixture_.store().hosts().front().latest->samples.size(), 1U);
  expect_whole();
  for (int i = 0; i < 2; ++i) {  // in a chunk, too
    fixture_.close();
    change("UPDATE filed SET latest = x'7f' WHERE host = 1");
    fixture_.reopen();
    ASSERT_TRUE(fixture_.store().hosts().front().latest);
    EXPECT_EQ(fixture_.store().hosts().front().latest->cpu, 99);
  }
}

TEST_F(BookkeepingTest, ADatabaseWhoseBookkeepingAloneIsWrongIsRestored) {
  sqlite::backup_database(fixture_.path(), beside("copy.db"));
  SQLite::Database(beside("copy.db"), SQLite::OPEN_READWRITE).exec("UPDATE filed SET uncompacted = 1");
  fixture_.close();
  EXPECT_NO_THROW(sqlite::restore_database(beside("copy.db"), fixture_.path()));
}

TEST_F(BookkeepingTest, TimesOfATailThatAreNotItsOwnAreDamage) {
  change("UPDATE tail SET first = first + 5 WHERE id >> 32 = 1");
  EXPECT_THAT(check().problems, ElementsAre(AllOf(HasSubstr("host 'a'"), HasSubstr("of its tail"))));
}

TEST_F(BookkeepingTest, AChunkThatFitsNowhereIsKeptApartAndTheRestGoesOn) {
  change("UPDATE raw_chunk SET id = id + 7 WHERE id >> 32 = 1");
  fixture_.reopen();
  send("a", kNow - 1, 1);
  send("a", kNow + 2000, 600);
  fixture_.maintain(kNow + 3000);
  EXPECT_EQ(fixture_.cpu_of("a").size(), 641U);
  EXPECT_EQ(fixture_.cpu_of("b").size(), 340U);
  EXPECT_EQ(ask("SELECT count(*) FROM damaged_chunk WHERE found_in = 'raw_chunk'"), 1);
  EXPECT_THAT(check().kept_apart, ElementsAre(HasSubstr("300 readings of it are missing")));
  EXPECT_THAT(check().problems, IsEmpty());
}

TEST_F(BookkeepingTest, ADamagedRowOfTheJournalKeepsNoServerFromStarting) {
  for (const char* host : {"a", "b"}) send(host, kNow + 1000, 1);
  change(
      "UPDATE journal SET readings = CAST(readings || x'02808080' AS BLOB) WHERE sequence = "
      "(SELECT max(sequence) FROM journal)");
  EXPECT_THAT(check().problems, ElementsAre(HasSubstr("journal")));
  ASSERT_NO_THROW(fixture_.reopen());
  fixture_.maintain(kNow + 1100);
  for (const char* host : {"a", "b"}) EXPECT_EQ(fixture_.cpu_of(host).size(), 341U);
  EXPECT_THAT(check().problems, IsEmpty());
  EXPECT_THAT(check().kept_apart, ElementsAre(HasSubstr("of the journal")));
  fixture_.reopen();
  EXPECT_EQ(ask("SELECT count(*) FROM damaged_chunk"), 1);
}

/// Rows of one host cannot be changed: as if they contradicted each other in a way that nobody thought of.
TEST_F(BookkeepingTest, NobodyWaitsForAHostWhoseRowsCannotBeWorkedOn) {
  change(
      "CREATE TRIGGER no INSERT ON raw_chunk WHEN new.id >> 32 = 1 "
      "BEGIN SELECT RAISE(ABORT, 'it contradicts'); END");
  fixture_.reopen();
  for (const char* host : {"a", "b"}) send(host, kNow + 1000, 600);
  ASSERT_NO_THROW(fixture_.maintain(kNow + 2000));
  EXPECT_EQ(ask("SELECT uncompacted FROM filed WHERE host = 1"), 640);
  EXPECT_EQ(ask("SELECT uncompacted FROM filed WHERE host = 2"), 0);
  EXPECT_EQ(fixture_.cpu_of("a").size(), 940U) << "they are shown";
  EXPECT_EQ(fixture_.store().statistics().damaged_hosts, 1U);
  ASSERT_NO_THROW(fixture_.maintain(kNow + 40 * kDay)) << "nor does what is too old";
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk WHERE id >> 32 = 2"), 0);
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE, 5000).exec("DROP TRIGGER no");
  fixture_.maintain(kNow + 41 * kDay);
  EXPECT_EQ(fixture_.store().statistics().damaged_hosts, 0U) << "it is tried again";
  EXPECT_EQ(ask("SELECT sum(uncompacted) FROM filed"), 0);
}

}  // namespace
}  // namespace hostwatch::storage::bookkeeping_test
