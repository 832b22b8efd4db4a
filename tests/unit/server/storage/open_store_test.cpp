// What --database names is opened and administered without a word about which kind of store it is.
#include "server/storage/open/open_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <sstream>

#include "server/storage/open/store_admin.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OpenStore : public ::testing::Test {
 protected:
  OpenStore() { fixture_.close(); }

  std::string beside(const std::string& name) const {
    return (std::filesystem::path(fixture_.path()).parent_path() / name).string();
  }
  StoreOptions at(const std::string& name) const {
    StoreOptions options;
    options.database = beside(name);
    return options;
  }
  static void append_one(Store& store) {
    const protocol::ReceivedReading reading =
        protocol::received(StoreFixture::reading("web-1", StoreFixture::kNow));
    const std::span<const protocol::ReceivedReading> one(&reading, 1);
    store.append(std::span(&one, 1), StoreFixture::kNow);
  }

  StoreFixture fixture_;  ///< for its folder
};

TEST_F(OpenStore, APathIsMadeAndOpenedAgain) {
  append_one(*open_store(at("new.db")));
  EXPECT_EQ(open_store(at("new.db"))->hosts().front().name, "web-1");
}

TEST_F(OpenStore, TheStoreKeepsWhatTheOptionsSay) {
  StoreOptions options = at("new.db");
  options.retention.readings = 86400;
  options.max_database_bytes = 50'000'000;
  const auto store = open_store(options);
  EXPECT_EQ(store->earliest_kept(StoreFixture::kNow), StoreFixture::kNow - 86400);
  EXPECT_EQ(store->statistics().limit_bytes, 50'000'000U);
}

TEST_F(OpenStore, AnotherKindIsRefusedByEverything) {
  const std::string database = "postgresql://db/hostwatch";
  StoreOptions options;
  options.database = database;
  std::istringstream none;
  const std::vector<std::function<void()>> uses{
      [&] { open_store(options); },
      [&] { check_store(database); },
      [&] { backup_store(database, beside("copy")); },
      [&] { restore_store(beside("copy"), database, false); },
      [&] { export_store(database, {}, [](std::string_view) {}); },
      [&] { import_into_store(options, none, StoreFixture::kNow); }};
  for (std::size_t i = 0; i < uses.size(); ++i) {
    try {
      uses[i]();
      ADD_FAILURE() << "use " << i << " is not refused";
    } catch (const StoreError& error) {
      EXPECT_STREQ(error.what(), "--database: only SQLite (a path) is built in; 'postgresql' is not");
    }
  }
}

TEST_F(OpenStore, WhatIsAdministeredIsTheStoreThatWasOpened) {
  append_one(*open_store(at("new.db")));
  const CheckReport report = check_store(beside("new.db"));
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.hosts, 1U);
  backup_store(beside("new.db"), beside("copy.db"));
  restore_store(beside("copy.db"), beside("restored.db"), false);
  EXPECT_EQ(open_store(at("restored.db"))->hosts().front().name, "web-1");
}

TEST_F(OpenStore, AnExportOfOneCanBeImportedIntoAnother) {
  append_one(*open_store(at("new.db")));
  std::string text;
  EXPECT_EQ(export_store(beside("new.db"), {}, [&](std::string_view piece) { text += piece; }), 1U);
  EXPECT_THAT(text, HasSubstr("web-1"));
  std::istringstream in(text);
  const ImportReport report = import_into_store(at("other.db"), in, StoreFixture::kNow);
  EXPECT_EQ(report.accepted, 1U);
  EXPECT_EQ(open_store(at("other.db"))->hosts().front().name, "web-1");
}

}  // namespace
}  // namespace hostwatch::storage
