#include "agent/delivery/credential.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace hostwatch::agent {
namespace {

using State = Credential::State;

class CredentialTest : public testing::Test {
 protected:
  CredentialSettings settings() const {
    CredentialSettings settings;
    settings.kept_file = folder_.path() + "/token";
    settings.server = "https://server:443/metrics";
    settings.hostname = "web-1";
    return settings;
  }
  CredentialSettings with_file() const {
    CredentialSettings settings = this->settings();
    settings.token_file = folder_.path() + "/given";
    return settings;
  }
  void give(const std::string& text) const { std::ofstream(folder_.path() + "/given") << text; }

  hostwatch::test::TemporaryFolder folder_;
};

TEST_F(CredentialTest, WithoutATokenRequestsGoWithout) {
  Credential credential(settings());
  EXPECT_EQ(credential.state(), State::none);
  EXPECT_EQ(credential.token(), "");
}

TEST_F(CredentialTest, AHostsTokenIsSentAsItIs) {
  CredentialSettings given = settings();
  given.token = "hw_abc";
  Credential credential(given);
  EXPECT_EQ(credential.state(), State::ready);
  EXPECT_EQ(credential.token(), "hw_abc");
}

TEST_F(CredentialTest, AFileMayComeLater) {
  Credential credential(with_file());
  EXPECT_EQ(credential.state(), State::missing);
  give("\n");
  EXPECT_EQ(credential.state(), State::missing);
  give(" hwe_abc\r\n");
  EXPECT_EQ(credential.state(), State::enroll);
  EXPECT_EQ(credential.token(), "hwe_abc");
}

TEST_F(CredentialTest, AFileMayHaveAByteOrderMark) {
  for (const auto& [text, state] :
       {std::pair("\xEF\xBB\xBFhwe_abc\r\n", State::enroll), std::pair("\xEF\xBB\xBF hwe_abc", State::enroll),
        std::pair("\xEF\xBB\xBFhw_abc\n", State::ready)}) {
    give(text);
    Credential credential(with_file());
    EXPECT_EQ(credential.state(), state);
    EXPECT_EQ(credential.token(), state == State::enroll ? "hwe_abc" : "hw_abc");
  }
  give("\xEF\xBB\xBF\r\n");
  EXPECT_EQ(Credential(with_file()).state(), State::missing);
}

TEST_F(CredentialTest, WhatNoHeaderMayHoldIsNoToken) {
  give("hw_a\nX-Evil: 1");
  Credential credential(with_file());
  EXPECT_EQ(credential.state(), State::missing);
}

TEST_F(CredentialTest, TheOwnTokenIsKeptForItsOwnerAloneAndGoesBeforeTheOneToEnrolWith) {
  give("hwe_abc");
  {
    Credential credential(with_file());
    EXPECT_TRUE(credential.keep("hw_own"));
    EXPECT_EQ(credential.state(), State::ready);
    EXPECT_EQ(credential.token(), "hw_own");
  }
  struct stat status {};
  ASSERT_EQ(::stat((folder_.path() + "/token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  Credential again(with_file());
  EXPECT_EQ(again.state(), State::ready);
  EXPECT_EQ(again.token(), "hw_own");
  Credential without(settings());
  EXPECT_EQ(without.token(), "hw_own") << "the file to enrol with may be gone";
}

TEST_F(CredentialTest, TheOwnTokenIsForItsServerAndHostNameAlone) {
  Credential(settings()).keep("hw_own");
  CredentialSettings other = settings();
  other.server = "https://other:443/metrics";
  EXPECT_EQ(Credential(other).state(), State::none);
  other = settings();
  other.hostname = "web-2";
  EXPECT_EQ(Credential(other).state(), State::none);
}

TEST_F(CredentialTest, ADamagedFileIsNone) {
  for (const char* text :
       {"", "{", "[]", "{\"token\":\"hw_own\"}", "{\"token\":1,\"server\":2,\"hostname\":3}"}) {
    std::ofstream(folder_.path() + "/token") << text;
    EXPECT_EQ(Credential(settings()).state(), State::none) << text;
  }
}

TEST_F(CredentialTest, AnOwnTokenThatIsRefusedIsForgottenAndEnrolsAgain) {
  give("hwe_abc");
  Credential credential(with_file());
  credential.keep("hw_own");
  credential.refused();
  EXPECT_EQ(credential.state(), State::enroll);
  EXPECT_EQ(credential.token(), "hwe_abc");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/token"));
}

TEST_F(CredentialTest, AFilesTokenThatIsRefusedIsReadAgain) {
  give("hw_old");
  Credential credential(with_file());
  give("hw_new");
  EXPECT_EQ(credential.token(), "hw_old");
  credential.refused();
  EXPECT_EQ(credential.token(), "hw_new");
}

TEST_F(CredentialTest, AHostsTokenInTheFileGoesBeforeTheKeptOne) {
  Credential(settings()).keep("hw_own");
  give("hw_by_hand");
  EXPECT_EQ(Credential(with_file()).token(), "hw_by_hand");
}

TEST_F(CredentialTest, WithoutAFolderTheOwnTokenIsKeptInMemory) {
  CredentialSettings memory = settings();
  memory.kept_file.clear();
  memory.token = "hwe_abc";
  Credential credential(memory);
  EXPECT_TRUE(credential.keep("hw_own"));
  EXPECT_EQ(credential.token(), "hw_own");
  memory.kept_file = folder_.path() + "/no/such/folder/token";
  Credential unwritable(memory);
  EXPECT_FALSE(unwritable.keep("hw_own"));
  EXPECT_EQ(unwritable.state(), State::ready);
}

// A host that was renamed, or copied and named anew: what it was set up with is spent.
TEST_F(CredentialTest, AKeptTokenOfAnotherNameIsToldOf) {
  CredentialSettings given = settings();
  given.token = "hwe_abc";
  Credential(given).keep("hw_own");
  given.hostname = "web-2";
  Credential renamed(given);
  EXPECT_EQ(renamed.state(), State::enroll);
  EXPECT_EQ(
      renamed.hint_of_other_name(),
      "the token in '" + given.kept_file +
          "' is for the name 'web-1', and this host is 'web-2' now: give it a new token to enrol with, or "
          "its old name with --hostname");
  renamed.keep("hw_new");
  EXPECT_EQ(renamed.hint_of_other_name(), "");
  given.hostname = "web-1";
  given.server = "https://other:443/metrics";
  EXPECT_EQ(Credential(given).hint_of_other_name(), "") << "another server's token says nothing";
}

TEST_F(CredentialTest, AFileThatAnEditorHasMarkedIsReadWithoutTheMark) {
  give("\xEF\xBB\xBFhw_abc\r\n");
  Credential credential(with_file());
  EXPECT_EQ(credential.state(), State::ready);
  EXPECT_EQ(credential.token(), "hw_abc");
}

}  // namespace
}  // namespace hostwatch::agent
