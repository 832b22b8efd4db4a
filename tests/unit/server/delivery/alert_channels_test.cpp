#include "server/delivery/alert_channels.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "server/auth/credential_schema.h"
#include "server/delivery/channel_json.h"

namespace hostwatch::delivery {
namespace {

using testing::HasSubstr;

constexpr const char* kNtfy =
    R"({"kind": "ntfy", "settings": {"url": "https://ntfy.example", "topic": "t"}, "secrets": {"token": "t0k3n"}})";

class AlertChannelsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-channels-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = (folder_ / "metrics.credentials").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(AlertChannelsTest, AreThereAfterARestart) {
  Channel made;
  {
    auth::CredentialStore credentials(path_);
    AlertChannels channels(credentials, {});
    EXPECT_TRUE(channels.all()->empty());
    made = channels.put("phone", kNtfy);
    EXPECT_EQ(channels.find("phone"), made);
  }
  auth::CredentialStore credentials(path_);
  AlertChannels channels(credentials, {});
  EXPECT_EQ(*channels.all(), std::vector<Channel>{made});
  EXPECT_EQ(channels.all()->front().secrets.at("token"), "t0k3n");
  EXPECT_TRUE(channels.remove("phone"));
  EXPECT_FALSE(channels.remove("phone"));
  EXPECT_TRUE(credentials.channels().empty());
}

TEST_F(AlertChannelsTest, AChangeKeepsTheSecret) {
  auth::CredentialStore credentials(path_);
  AlertChannels channels(credentials, {});
  channels.put("phone", kNtfy);
  const Channel changed = channels.put(
      "phone", R"({"kind": "ntfy", "settings": {"url": "https://ntfy.example", "topic": "new"}})");
  EXPECT_EQ(changed.settings.at("topic"), "new");
  EXPECT_EQ(changed.secrets.at("token"), "t0k3n");
}

TEST_F(AlertChannelsTest, WhatCannotBeIsNotStored) {
  auth::CredentialStore credentials(path_);
  AlertChannels channels(credentials, {});
  EXPECT_THROW(channels.put("phone", "{}"), ChannelError);
  EXPECT_THROW(channels.put("Phone", kNtfy), ChannelError);
  EXPECT_TRUE(credentials.channels().empty());
}

TEST_F(AlertChannelsTest, ThoseOfTheFileAreReadOnly) {
  auth::CredentialStore credentials(path_);
  Channel of_file = channel_from_json("phone", kNtfy, nullptr);
  of_file.from_file = true;
  AlertChannels channels(credentials, {of_file});
  EXPECT_THROW(channels.put("phone", kNtfy), ChannelError);
  EXPECT_THROW(channels.remove("phone"), ChannelError);
  channels.put("other", kNtfy);
  EXPECT_EQ(channels.all()->size(), 2U);
  EXPECT_TRUE(channels.find("phone")->from_file);
}

TEST_F(AlertChannelsTest, OneThatCannotBeReadStopsNoOther) {
  auth::CredentialStore credentials(path_);
  {
    AlertChannels channels(credentials, {});
    channels.put("phone", kNtfy);
  }
  credentials.put_channel({"broken", "ntfy", "{}", "{}"});
  const AlertChannels channels(credentials, {});
  EXPECT_EQ(channels.all()->size(), 1U);
  EXPECT_THAT(channels.problems(),
              testing::ElementsAre(HasSubstr("channel 'broken' cannot be used: settings.url")));
}

TEST_F(AlertChannelsTest, AnOlderFileGetsTheirTable) {
  {
    auth::CredentialStore credentials(path_);
    credentials.add_user({0, "anna", true, "hash"});
  }
  {
    SQLite::Database file(path_, SQLite::OPEN_READWRITE);
    file.exec("DROP TABLE alert_channel; PRAGMA user_version=2");
  }
  auth::CredentialStore credentials(path_);
  AlertChannels channels(credentials, {});
  channels.put("phone", kNtfy);
  EXPECT_EQ(credentials.channels().size(), 1U);
  EXPECT_TRUE(credentials.find_user("anna", 0));
  EXPECT_EQ(SQLite::Database(path_).execAndGet("PRAGMA user_version").getInt(), auth::kSchemaVersion);
}

}  // namespace
}  // namespace hostwatch::delivery
