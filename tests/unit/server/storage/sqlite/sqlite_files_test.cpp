// Opening: which files are taken, which are refused and left alone, and who may read them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/storage/packed/journal_block.h"
#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/earlier_schema.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::sqlite_files_test {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int64_t kNow = StoreFixture::kNow;

class SqliteFilesTest : public ::testing::Test {
 protected:
  SqliteFilesTest() { folder_ = std::filesystem::path(fixture_.path()).parent_path().string(); }
  void open(const std::string& path) {
    sqlite::SqliteOptions options;
    options.path = path;
    const sqlite::SqliteStore store(options);
  }
  void expect_refused(const std::string& path, const std::string& text) {
    EXPECT_THAT([&] { open(path); }, ThrowsMessage<StoreError>(HasSubstr(text)));
  }
  static std::string content(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }
  static unsigned mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
  }
  void damage(const std::string& sql) {
    fixture_.close();
    SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(sql);
  }
  StoreFixture fixture_;
  std::string folder_;
};

TEST_F(SqliteFilesTest, FoldersThatAreMissingAreCreated) {
  open(folder_ + "/a/b/metrics.db");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/a/b/metrics.db"));
}

TEST_F(SqliteFilesTest, AllFilesAreForTheirOwnerAlone) {
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) EXPECT_EQ(mode(fixture_.path() + suffix), 0600U);
}

TEST_F(SqliteFilesTest, IsWholeInItsFileWhenItIsClosedAfterQueries) {
  fixture_.append({StoreFixture::reading("web-1", StoreFixture::kNow)});
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1U);
  fixture_.close();
  EXPECT_FALSE(std::filesystem::exists(fixture_.path() + "-wal"));
}

TEST_F(SqliteFilesTest, ADatabaseOfAnotherProgramIsRefusedAndLeftAsItWas) {
  const std::string path = folder_ + "/other.db";
  SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE songs (title)");
  const std::string before = content(path);
  expect_refused(path, "is a database of another program");
  EXPECT_EQ(content(path), before);
}

TEST_F(SqliteFilesTest, AFileThatIsNoDatabaseIsRefusedAndLeftAsItWas) {
  const std::string path = folder_ + "/notes.txt";
  const std::string text(5000, 'x');
  std::ofstream(path) << text;
  expect_refused(path, "it is not an SQLite database");
  EXPECT_EQ(content(path), text);
}

TEST_F(SqliteFilesTest, AnEmptyFileBecomesADatabase) {
  const std::string path = folder_ + "/empty.db";
  std::ofstream(path).close();
  EXPECT_NO_THROW(open(path));
}

TEST_F(SqliteFilesTest, APlaceThatCannotBeWrittenIsNamed) {
  expect_refused(fixture_.path() + "/under/a/file.db", "cannot create the folder");
  expect_refused(fixture_.path() + "/metrics.db", fixture_.path());
  std::filesystem::create_directory(folder_ + "/folder.db");
  expect_refused(folder_ + "/folder.db", folder_ + "/folder.db");
}

/// What version 1 made, with one reading in the journal and the others filed.
void make_database_of_version1(const std::string& path, int readings) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(R"(
CREATE TABLE host (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;
CREATE TABLE series (id INTEGER PRIMARY KEY, metric TEXT NOT NULL, instance TEXT NOT NULL, decimals INTEGER NOT NULL,
  UNIQUE (metric, instance)) STRICT;
CREATE TABLE layout (id INTEGER PRIMARY KEY, series BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE journal (sequence INTEGER PRIMARY KEY, readings BLOB NOT NULL) STRICT;
CREATE TABLE reading (host INTEGER NOT NULL, timestamp INTEGER NOT NULL, packed BLOB NOT NULL,
  PRIMARY KEY (host, timestamp)) STRICT, WITHOUT ROWID;
CREATE TABLE forgotten_host (id INTEGER PRIMARY KEY) STRICT;
INSERT INTO layout VALUES (1, x'010101');
PRAGMA application_id = 0x48576462;
PRAGMA user_version = 1;)");
  ReadingCodec codec;
  sqlite::JournalBlockWriter journal;
  SQLite::Statement insert(database, "INSERT INTO reading VALUES (?, ?, ?)");
  SQLite::Transaction transaction(database);
  for (const std::int64_t host : {1, 2}) {
    database.exec("INSERT INTO host VALUES (" + std::to_string(host) + ", 'host-" + std::to_string(host) +
                  "', 1763884800, 1763884800, '{}')");
    for (int i = 0; i < readings; ++i) {
      HostSeries any;
      const auto reading = StoreFixture::reading("", kNow + 10 * i, static_cast<double>(i % 1000) / 10);
      const std::string packed =
          codec.encode(protocol::received(reading), {any, host, kNow}, [](const auto&, auto) {});
      if (i + 1 == readings) {
        journal.add(host, reading.timestamp, packed);
        continue;
      }
      insert.bind(1, host);
      insert.bind(2, reading.timestamp);
      insert.bind(3, packed.data(), static_cast<int>(packed.size()));
      insert.exec();
      insert.reset();
    }
  }
  SQLite::Statement row(database, "INSERT INTO journal VALUES (1, ?)");
  row.bind(1, journal.bytes().data(), static_cast<int>(journal.bytes().size()));
  row.exec();
  transaction.commit();
}

TEST_F(SqliteFilesTest, ADatabaseOfTheFirstVersionIsBroughtAlong) {
  constexpr int kReadings = 20000;
  fixture_.close();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(fixture_.path() + suffix);
  make_database_of_version1(fixture_.path(), kReadings);
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, ::testing::IsEmpty());
  fixture_.reopen();
  for (const bool maintained : {false, true}) {
    if (maintained) fixture_.maintain(kNow + 10 * kReadings);
    for (const char* host : {"host-1", "host-2"}) {
      const auto cpu = fixture_.cpu_of(host);
      ASSERT_EQ(cpu.size(), static_cast<std::size_t>(kReadings));
      EXPECT_EQ(cpu.rbegin()->second, (kReadings - 1) % 1000 / 10.0);
    }
    fixture_.reopen();
  }
  const HostState host = fixture_.store().hosts().front();
  EXPECT_EQ(host.last_seen, kNow + 10 * (kReadings - 1));
  EXPECT_EQ(host.interval, 10);
  EXPECT_EQ(fixture_.append({StoreFixture::reading("host-1", kNow + 500, 5)}).duplicates, 1U);
  const CheckReport report = sqlite::check_database(fixture_.path());
  EXPECT_THAT(report.problems, ::testing::IsEmpty());
  EXPECT_EQ(report.filed + report.journal, 2U * kReadings);
  EXPECT_GT(report.chunks, 0U);
}

TEST_F(SqliteFilesTest, ADatabaseOfTheSecondVersionIsBroughtAlong) {
  fixture_.append({StoreFixture::reading("web-1", kNow, 1, {{"load1", "", 1}})});
  damage(kWithoutAlarms +
         "ALTER TABLE series DROP COLUMN host; ALTER TABLE state DROP COLUMN last_series;"
         "ALTER TABLE state DROP COLUMN last_layout; ALTER TABLE state DROP COLUMN names_left;"
         "DROP TABLE kept_from; DROP TABLE roll_up_check; ALTER TABLE host DROP COLUMN known_since;"
         "PRAGMA user_version = 2");
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, ::testing::IsEmpty());
  fixture_.reopen();
  EXPECT_EQ(fixture_.store().hosts().front().latest->samples.size(), 1U);
  fixture_.append({StoreFixture::reading("web-1", kNow + 10, 1, {{"load5", "", 1}})});
  fixture_.reopen();
  EXPECT_EQ(fixture_.store().statistics().series, 5U);
}

TEST_F(SqliteFilesTest, ADatabaseOfTheThirdVersionIsBroughtAlong) {
  fixture_.append({StoreFixture::reading("web-1", kNow, 1)});
  damage(kWithoutAlarms +
         "ALTER TABLE host DROP COLUMN known_since; DROP TABLE roll_up_check; PRAGMA user_version = 3");
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, ::testing::IsEmpty());
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1U);
}

TEST_F(SqliteFilesTest, NothingIsTakenWhileTheFileIsNotWhereAStartWouldLookForIt) {
  for (const char* suffix : {"", "-wal"}) {
    const std::string file = fixture_.path() + suffix;
    const std::int64_t now = kNow + static_cast<std::int64_t>(file.size());
    const auto post = [&](std::int64_t at) { fixture_.append({StoreFixture::reading(file, at)}, at); };
    post(now);
    std::filesystem::rename(file, file + ".old");
    EXPECT_THAT([&] { post(now + 1); }, ThrowsMessage<StoreError>(HasSubstr("put both back")));
    EXPECT_THROW(post(now + 1), StoreError) << "in the same second, too";
    EXPECT_THROW(fixture_.store().maintain(now + 1), StoreError);
    EXPECT_THROW(fixture_.store().probe(), StoreError);
    EXPECT_THROW(fixture_.store().delete_history(file, now + 1), StoreError);
    std::filesystem::rename(file + ".old", file);
    fixture_.store().probe();
    post(now + 2);
    fixture_.reopen();
    EXPECT_EQ(fixture_.cpu_of(file).size(), 2U);
  }
}

TEST_F(SqliteFilesTest, AnotherFileInItsPlaceIsNoneOfItsOwn) {
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  std::filesystem::rename(fixture_.path(), fixture_.path() + ".old");
  std::filesystem::copy_file(fixture_.path() + ".old", fixture_.path());
  EXPECT_THROW(fixture_.append({StoreFixture::reading("web-1", kNow + 1)}, kNow + 1), StoreError);
}

TEST_F(SqliteFilesTest, TheLockIsFreeAgainAfterAFailedStart) {
  damage("PRAGMA user_version = 99");
  EXPECT_THROW(fixture_.reopen(), StoreError);
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 5");
  EXPECT_NO_THROW(fixture_.reopen());
}

TEST_F(SqliteFilesTest, DamagedListsAreNamedAtTheStart) {
  fixture_.append({StoreFixture::reading("web-1", kNow, 1, {{"load1", "", 1}, {"load5", "", 1}})});
  struct Damage {
    const char* sql;
    const char* repair;
  };
  for (const auto& [sql, repair] :
       {Damage{"UPDATE series SET decimals = 7 WHERE id = 4", "UPDATE series SET decimals = 2 WHERE id = 4"},
        Damage{"UPDATE series SET id = 9 WHERE id = 4", "UPDATE series SET id = 4 WHERE id = 9"},
        Damage{"UPDATE layout SET series = x'0100'", "UPDATE layout SET series = x'0101010101'"},
        Damage{"UPDATE layout SET series = x'01FF7F'", "UPDATE layout SET series = x'0101010101'"}}) {
    damage(sql);
    EXPECT_THAT([&] { fixture_.reopen(); }, ThrowsMessage<StoreError>(HasSubstr("damaged"))) << sql;
    damage(repair);
    EXPECT_NO_THROW(fixture_.reopen()) << repair;
  }
  EXPECT_EQ(fixture_.store().hosts().front().latest->samples.size(), 2U);
}

TEST_F(SqliteFilesTest, ADamagedReadingIsNamedAndTheOthersAreStillServed) {
  fixture_.append({StoreFixture::reading("bad", kNow), StoreFixture::reading("good", kNow)});
  fixture_.maintain();
  damage("UPDATE tail SET block = x'01FF' WHERE id >> 32 = (SELECT id FROM host WHERE name = 'bad')");
  fixture_.reopen();
  EXPECT_THAT([&] { fixture_.cpu_of("bad"); }, ThrowsMessage<StoreError>(HasSubstr("damaged")));
  EXPECT_EQ(fixture_.cpu_of("good").size(), 1U);
}

/// People have it in their dashboards.
TEST(SqliteFigures, KeepTheirNamesInMetrics) {
  StoreFixture fixture;
  fixture.append({StoreFixture::reading("web-1", StoreFixture::kNow)});
  fixture.maintain();
  const auto details = fixture.store().statistics().details;
  ASSERT_EQ(details.size(), 1U);
  EXPECT_STREQ(details.front().name, "uncompacted_readings");
  EXPECT_STREQ(details.front().help, "Readings filed and not yet in chunks.");
  EXPECT_EQ(details.front().value, 1);
}

}  // namespace
}  // namespace hostwatch::storage::sqlite_files_test
