#include "agent/collectors/files/proc_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

TEST(ProcFile, ReadsWhatIsThereNow) {
  TempTree tree;
  tree.write("f", "one\n");
  ProcFile file(tree.path("f"));
  EXPECT_EQ(file.read(), "one\n");
  tree.write("f", "and two\n");
  EXPECT_EQ(file.read(), "and two\n");
  tree.write("f", "");
  EXPECT_EQ(file.read(), "");
}

TEST(ProcFile, AnAbsentFileIsAbsentUntilItComes) {
  TempTree tree;
  ProcFile file(tree.path("folder/f"));
  EXPECT_EQ(file.read(), std::nullopt);
  EXPECT_THROW(file.read_required(), CollectorError);
  tree.write("folder/f", "x\n");
  EXPECT_EQ(file.read(), "x\n");
  tree.remove("folder");
  EXPECT_EQ(file.read(), std::nullopt);
}

TEST(ProcFile, AFileThatWasReplacedIsOpenedAnew) {
  TempTree tree;
  tree.write("f", "old\n");
  ProcFile file(tree.path("f"));
  file.read();
  tree.write("new", "new\n");
  ASSERT_EQ(std::rename(tree.path("new").c_str(), tree.path("f").c_str()), 0);
  EXPECT_EQ(file.read(), "new\n");
}

TEST(ProcFile, ReadsAFileWhoseSizeIsALie) {
  struct stat status {};
  ASSERT_EQ(::stat("/proc/self/stat", &status), 0);
  EXPECT_EQ(status.st_size, 0);
  ProcFile file("/proc/self/stat");
  EXPECT_FALSE(file.read_required().empty());
}

TEST(ProcFile, GrowsWithTheFileUpToItsBound) {
  TempTree tree;
  const std::string large(100000, 'x');
  tree.write("f", large);
  ProcFile file(tree.path("f"));
  EXPECT_EQ(file.read(), large);
  tree.write("f", std::string(ProcFile::kMaxBytes + 1, 'x'));
  EXPECT_THROW(file.read(), CollectorError);
  tree.write("f", "small\n");
  EXPECT_EQ(file.read(), "small\n");
}

TEST(ProcFile, TakesTheFirstOfSeveralPlaces) {
  TempTree tree;
  tree.write("second", "2\n");
  ProcFile file(std::vector<std::string>{tree.path("first"), tree.path("second")});
  EXPECT_EQ(file.read(), "2\n");
  EXPECT_EQ(file.path(), tree.path("second"));
}

TEST(ProcFile, WhatIsNoFileIsAFailureAndNotAbsent) {
  TempTree tree;
  std::filesystem::create_directories(tree.path("folder"));
  ProcFile folder(tree.path("folder"));
  EXPECT_THROW(folder.read(), CollectorError);
  ASSERT_EQ(::mkfifo(tree.path("fifo").c_str(), 0600), 0);
  ProcFile fifo(tree.path("fifo"));
  EXPECT_THROW(fifo.read(), CollectorError);
}

TEST(ProcFile, AFileThatMayNotBeReadIsAFailure) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TempTree tree;
  tree.write("f", "secret\n");
  std::filesystem::permissions(tree.path("f"), std::filesystem::perms::none);
  ProcFile file(tree.path("f"));
  EXPECT_THROW(file.read(), CollectorError);
}

TEST(ProcFile, AMountTableThatIsNotTheKernelsMayAlwaysHaveChanged) {
  TempTree tree;
  tree.write("mountinfo", "");
  ProcFile file(tree.path("mountinfo"));
  EXPECT_TRUE(file.may_have_changed());
  file.read();
  EXPECT_TRUE(file.may_have_changed());
}

TEST(ProcFile, TheKernelsMountTableTellsWhetherItChanged) {
  ProcFile file("/proc/self/mountinfo");
  EXPECT_TRUE(file.may_have_changed()) << "not yet opened";
  // Somebody may be mounting right now, but not all the time.
  bool changed = true;
  for (int i = 0; changed && i < 1000; ++i) {
    file.read_required();
    changed = file.may_have_changed();
  }
  EXPECT_FALSE(changed);
}

TEST(Paths, AreJoinedWithOneSlash) {
  EXPECT_EQ(join_path("/", "/etc"), "/etc");
  EXPECT_EQ(join_path("/host", "/etc"), "/host/etc");
  EXPECT_EQ(join_path("/host//", "/etc"), "/host/etc");
  EXPECT_TRUE(is_own_proc("/proc"));
  EXPECT_TRUE(is_own_proc("/proc/"));
  EXPECT_FALSE(is_own_proc("/host/proc"));
}

}  // namespace
}  // namespace hostwatch::agent::test
