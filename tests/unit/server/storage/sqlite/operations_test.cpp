// Backup, restore and check of a database, with and without a server on it.
#include "server/storage/sqlite/admin/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>

#include "server/storage/sqlite/admin/reading_export.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::sqlite {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OperationsTest : public ::testing::Test {
 protected:
  OperationsTest() {
    for (int i = 0; i < 100; ++i) {
      fixture.append({StoreFixture::reading("web-1", StoreFixture::kNow + i, i, {{"gauge", "a", 0.5}})});
    }
    fixture.maintain();
    fixture.append({StoreFixture::reading("web-2", StoreFixture::kNow, 7)});
  }

  std::string beside(const std::string& name) const {
    return (std::filesystem::path(fixture.path()).parent_path() / name).string();
  }

  static std::string message_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const StoreError& error) {
      return error.what();
    }
    return "no error";
  }

  StoreFixture fixture;
};

TEST_F(OperationsTest, ASoundDatabaseIsCountedAlsoWhileItIsInUse) {
  const CheckReport report = check_database(fixture.path());
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.hosts, 2U);
  EXPECT_EQ(report.filed, 100U);
  EXPECT_EQ(report.journal, 1U);
  EXPECT_GE(report.series, 4U);
}

TEST_F(OperationsTest, ABackupOfADatabaseInUseIsAWholeDatabase) {
  backup_database(fixture.path(), beside("copy.db"));
  fixture.append({StoreFixture::reading("web-3", StoreFixture::kNow, 9)});
  struct stat status {};
  ASSERT_EQ(::stat(beside("copy.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  SqliteOptions options;
  options.path = beside("copy.db");
  const SqliteStore copy(options);
  EXPECT_EQ(copy.hosts().size(), 2U) << "as it was at that moment";
  EXPECT_EQ(copy.count("web-1", 0, INT64_MAX, 1'000), 100U);
  EXPECT_EQ(copy.count("web-2", 0, INT64_MAX, 1'000), 1U);
}

TEST_F(OperationsTest, ABackupNeverOverwritesAFile) {
  std::ofstream(beside("mine")) << "mine";
  EXPECT_THAT(message_of([&] { backup_database(fixture.path(), beside("mine")); }), HasSubstr("File exists"));
  EXPECT_EQ(std::filesystem::file_size(beside("mine")), 4U);
  EXPECT_THAT(message_of([&] { backup_database(fixture.path(), beside("no/such/folder")); }),
              HasSubstr("No such file"));
  EXPECT_THAT(message_of([&] { backup_database(beside("none.db"), beside("x")); }),
              HasSubstr("there is no database"));
}

TEST_F(OperationsTest, ARestoredDatabaseIsTheBackupAndTheOldOneIsKept) {
  backup_database(fixture.path(), beside("copy.db"));
  fixture.append({StoreFixture::reading("web-3", StoreFixture::kNow, 9)});
  EXPECT_THAT(message_of([&] { restore_database(beside("copy.db"), fixture.path()); }),
              HasSubstr("in use by another"));
  fixture.close();
  restore_database(beside("copy.db"), fixture.path());
  EXPECT_THAT(check_database(fixture.path() + ".before-restore").problems, IsEmpty());
  fixture.reopen();
  EXPECT_EQ(fixture.store().hosts().size(), 2U);
  EXPECT_EQ(fixture.cpu_of("web-1").size(), 100U);
  EXPECT_EQ(fixture.append({StoreFixture::reading("web-1", StoreFixture::kNow + 5, 5, {{"gauge", "a", 0.5}})})
                .duplicates,
            1U);
}

TEST_F(OperationsTest, DamageIsFoundAndSuchABackupIsNotRestored) {
  backup_database(fixture.path(), beside("copy.db"));
  {
    SQLite::Database copy(beside("copy.db"), SQLite::OPEN_READWRITE);
    copy.exec("UPDATE tail SET block = x'02808080' WHERE id = (SELECT min(id) FROM tail)");
    copy.exec("UPDATE journal SET readings = x'FF'");
  }
  const CheckReport report = check_database(beside("copy.db"));
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_THAT(report.problems.front(), HasSubstr("tail"));
  EXPECT_THAT(report.problems.back(), HasSubstr("journal"));
  fixture.close();
  EXPECT_THAT(message_of([&] { restore_database(beside("copy.db"), fixture.path()); }), HasSubstr("damaged"));
  EXPECT_THAT(check_database(fixture.path()).problems, IsEmpty()) << "untouched";
}

TEST_F(OperationsTest, PagesThatAreOverwrittenAreFound) {
  backup_database(fixture.path(), beside("copy.db"));
  std::fstream file(beside("copy.db"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8192);
  file << std::string(4096, '\x5A');
  file.close();
  EXPECT_THAT(check_database(beside("copy.db")).problems, Not(IsEmpty()));
}

TEST_F(OperationsTest, ForeignFilesAreRefused) {
  std::ofstream(beside("letter.txt")) << std::string(5'000, 'x');
  EXPECT_THAT(message_of([&] { check_database(beside("letter.txt")); }),
              HasSubstr("cannot read the database"));
  {
    SQLite::Database(beside("other.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE t (x)");
  }
  EXPECT_THAT(message_of([&] { check_database(beside("other.db")); }), HasSubstr("another program"));
  EXPECT_THAT(message_of([&] { restore_database(beside("other.db"), fixture.path()); }),
              HasSubstr("another program"));
}

/// A copy of the closed database in a folder that cannot be written, seen as a user who may not: root may.
class ReadOnlyFolder : public OperationsTest {
 protected:
  ReadOnlyFolder() {
    fixture.close();
    folder = beside("copy of it?");
    std::filesystem::create_directory(folder);
    std::filesystem::copy_file(fixture.path(), copy());
    std::filesystem::permissions(copy(), std::filesystem::perms(0644));
    std::filesystem::permissions(std::filesystem::path(fixture.path()).parent_path(),
                                 std::filesystem::perms(0755));
  }
  ~ReadOnlyFolder() override {
    if (was_root) {
      EXPECT_EQ(::seteuid(0), 0);
    }
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
  }
  void lock() {
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    was_root = ::geteuid() == 0;
    if (was_root) {
      ASSERT_EQ(::seteuid(65534), 0);
    }
  }
  std::string copy() const { return folder + "/metrics.db"; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename());
    return names;
  }

  std::string folder;
  bool was_root = false;
};

TEST_F(ReadOnlyFolder, ACopyIsCheckedBackedUpAndExported) {
  lock();
  const CheckReport report = check_database(copy());
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.filed, 100U);
  std::string text;
  EXPECT_EQ(export_readings(copy(), {}, [&](std::string_view piece) { text += piece; }), 101U);
  const std::string backup =
      (std::filesystem::temp_directory_path() / ("hostwatch-backup-" + std::to_string(::getpid()))).string();
  backup_database(copy(), backup);
  EXPECT_THAT(check_database(backup).problems, IsEmpty());
  std::filesystem::remove(backup);
  EXPECT_THAT(files(), testing::ElementsAre("metrics.db"));
}

TEST_F(ReadOnlyFolder, ALogThatCannotBeReadIsNotPassedOver) {
  std::ofstream(copy() + "-wal") << std::string(100, 'x');
  lock();
  EXPECT_THAT(message_of([&] { check_database(copy()); }), HasSubstr("copy both files"));
  EXPECT_THAT(message_of([&] { export_readings(copy(), {}, [](std::string_view) {}); }),
              HasSubstr("copy both files"));
}

TEST_F(ReadOnlyFolder, NothingIsLeftBesideACopyInAFolderThatCanBeWritten) {
  EXPECT_THAT(check_database(copy()).problems, IsEmpty());
  export_readings(copy(), {}, [](std::string_view) {});
  EXPECT_THAT(files(), testing::ElementsAre("metrics.db"));
}

TEST_F(OperationsTest, WhatAServerUsesStaysWhereItIs) {
  ASSERT_TRUE(std::filesystem::exists(fixture.path() + "-wal"));
  check_database(fixture.path());
  export_readings(fixture.path(), {}, [](std::string_view) {});
  EXPECT_TRUE(std::filesystem::exists(fixture.path() + "-wal"));
  EXPECT_TRUE(std::filesystem::exists(fixture.path() + "-shm"));
  fixture.append({StoreFixture::reading("web-3", StoreFixture::kNow, 9)});
  EXPECT_EQ(check_database(fixture.path()).hosts, 3U);
}

}  // namespace
}  // namespace hostwatch::storage::sqlite
