#include "agent/spool/spool_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace hostwatch::agent {
namespace {

TEST(SpoolFolder, IsMadeForItsOwnerAlone) {
  const hostwatch::test::TemporaryFolder folder;
  const std::string path = folder.path() + "/deep/spool";
  const SpoolFolder spool(path);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(SpoolFolder, BelongsToOneAgentAtATime) {
  const hostwatch::test::TemporaryFolder folder;
  {
    const SpoolFolder first(folder.path());
    EXPECT_THROW(SpoolFolder(folder.path()), SpoolInUse);
  }
  EXPECT_NO_THROW(SpoolFolder(folder.path()));
}

TEST(SpoolFolder, IsRefusedWhereAllMayWrite) {
  const hostwatch::test::TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0777);
  EXPECT_THROW(SpoolFolder(folder.path()), SpoolNotPrivate);
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_NO_THROW(SpoolFolder(folder.path())) << "what is in it is for its owner alone";
}

TEST(SpoolFolder, IsRefusedWhereItIsSomebodyElses) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, who can give a folder away";
  const hostwatch::test::TemporaryFolder folder;
  ASSERT_EQ(::chown(folder.path().c_str(), 54321, 54321), 0);
  try {
    const SpoolFolder spool(folder.path());
    ADD_FAILURE() << "it was taken";
  } catch (const SpoolNotPrivate& error) {
    EXPECT_NE(std::string(error.what()).find(folder.path()), std::string::npos);
  }
}

TEST(SpoolFolder, WhatItKeepsIsWrittenToNoFileThatWasPutThere) {
  const hostwatch::test::TemporaryFolder folder;
  const hostwatch::test::TemporaryFolder other;
  const std::string theirs = other.path() + "/theirs";
  std::ofstream(theirs) << "before";
  ASSERT_EQ(::symlink(theirs.c_str(), (folder.path() + "/agent.json.new").c_str()), 0);
  SpoolFolder spool(folder.path());
  EXPECT_TRUE(spool.save(new_agent_state("")));
  std::string text;
  std::getline(std::ifstream(theirs), text);
  EXPECT_EQ(text, "before");
  struct stat status {};
  ASSERT_EQ(::lstat((folder.path() + "/agent.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, S_IFREG | 0600U);
}

TEST(SpoolFolder, AnIdentityIsMadeOnceAndKept) {
  const hostwatch::test::TemporaryFolder folder;
  const hostwatch::test::TemporaryFolder other;
  const std::string identity = SpoolFolder(folder.path()).load("").identity;
  EXPECT_EQ(identity.size(), 32U);
  EXPECT_EQ(SpoolFolder(folder.path()).load("").identity, identity);
  EXPECT_NE(SpoolFolder(other.path()).load("").identity, identity);
}

TEST(SpoolFolder, AClonedMachineIsAnotherOne) {
  const hostwatch::test::TemporaryFolder folder;
  const std::string identity = SpoolFolder(folder.path()).load("machine-1").identity;
  EXPECT_EQ(SpoolFolder(folder.path()).load("machine-1").identity, identity);
  EXPECT_EQ(SpoolFolder(folder.path()).load("").identity, identity)
      << "where a machine has no number, nothing is known";
  const std::string cloned = SpoolFolder(folder.path()).load("machine-2").identity;
  EXPECT_NE(cloned, identity);
  EXPECT_EQ(SpoolFolder(folder.path()).load("machine-2").identity, cloned);
}

TEST(SpoolFolder, AMachineThatGetsItsNumberLaterStaysItself) {
  const hostwatch::test::TemporaryFolder folder;
  const std::string identity = SpoolFolder(folder.path()).load("").identity;
  EXPECT_EQ(SpoolFolder(folder.path()).load("machine-1").identity, identity);
}

TEST(SpoolFolder, TheLastTimestampIsKept) {
  const hostwatch::test::TemporaryFolder folder;
  {
    SpoolFolder spool(folder.path());
    AgentState state = spool.load("");
    EXPECT_FALSE(state.last_timestamp);
    state.last_timestamp = 1'763'884'800;
    EXPECT_TRUE(spool.save(state));
  }
  EXPECT_EQ(SpoolFolder(folder.path()).load("").last_timestamp, 1'763'884'800);
}

TEST(SpoolFolder, ADamagedFileIsANewBeginning) {
  const hostwatch::test::TemporaryFolder folder;
  for (const char* text : {"", "{", "[]", R"({"identity":5})", R"({"identity":"short"})"}) {
    std::ofstream(folder.path() + "/agent.json") << text;
    EXPECT_EQ(SpoolFolder(folder.path()).load("").identity.size(), 32U) << text;
  }
}

}  // namespace
}  // namespace hostwatch::agent
