#include "util/files/rooted_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/support/file_tree.h"

namespace hostwatch::util::test {
namespace {

/// The text of the file that was opened; the reason if it was not.
std::string text_of(int file) {
  if (file < 0) return std::string("! ") + std::strerror(errno);
  std::array<char, 100> text{};
  const ssize_t length = ::read(file, text.data(), text.size());
  ::close(file);
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

/// A root directory in which both ways of opening must find the same.
class RootedFileTest : public ::testing::Test {
 protected:
  RootedFileTest() {
    tree_.write("outside", "outside");
    tree_.write("root/usr/lib/name", "inside");
    std::filesystem::create_directories(tree_.path("root/etc"));
  }

  void link(const std::string& target, const std::string& at) {
    ASSERT_EQ(::symlink(target.c_str(), tree_.path("root/" + at).c_str()), 0);
  }

  std::string open(const std::string& path) {
    const std::string root = tree_.path("root");
    const std::string by_kernel = text_of(open_in_root(root, path));
    EXPECT_EQ(by_kernel, text_of(open_in_root_by_hand(root, path))) << path;
    return by_kernel;
  }

  hostwatch::test::FileTree tree_;
};

TEST_F(RootedFileTest, OpensAFileBelowTheRoot) {
  EXPECT_EQ(open("/usr/lib/name"), "inside");
  EXPECT_EQ(open("//usr/./lib/../lib//name"), "inside");
}

TEST_F(RootedFileTest, AnAbsoluteLinkIsMeantFromTheRootOn) {
  link("/usr/lib/name", "etc/name");
  EXPECT_EQ(open("/etc/name"), "inside");
}

TEST_F(RootedFileTest, ARelativeLinkIsMeantFromItsDirectoryOn) {
  link("../usr/lib/name", "etc/name");
  EXPECT_EQ(open("/etc/name"), "inside");
}

TEST_F(RootedFileTest, FollowsChainsOfLinksOverDirectories) {
  tree_.write("root/store/1-etc/etc/name", "stored");
  link("/store/1-etc/etc", "etc/static");
  link("static/name", "etc/relative");
  link("/etc/static/name", "etc/absolute");
  link("/etc/absolute", "etc/further");
  EXPECT_EQ(open("/etc/relative"), "stored");
  EXPECT_EQ(open("/etc/further"), "stored");
}

TEST_F(RootedFileTest, NothingLeadsOutOfTheRoot) {
  link("../../outside", "etc/up");
  link(tree_.path("outside"), "etc/away");
  EXPECT_EQ(open("/../outside"), "! No such file or directory");
  EXPECT_EQ(open("/etc/up"), "! No such file or directory");
  EXPECT_EQ(open("/etc/away"), "! No such file or directory");
  tree_.write("root/outside", "inside after all");
  EXPECT_EQ(open("/etc/up"), "inside after all");
}

TEST_F(RootedFileTest, LinksInACircleEnd) {
  link("b", "etc/a");
  link("a", "etc/b");
  EXPECT_EQ(open("/etc/a"), "! Too many levels of symbolic links");
}

TEST_F(RootedFileTest, WhatIsNotThereIsToldFromWhatIsNoDirectory) {
  EXPECT_EQ(open("/etc/missing"), "! No such file or directory");
  EXPECT_EQ(open("/missing/name"), "! No such file or directory");
  EXPECT_EQ(open("/usr/lib/name/x"), "! Not a directory");
  EXPECT_LT(open_in_root(tree_.path("no-root"), "/etc/name"), 0);
}

TEST_F(RootedFileTest, ReadsRegularFilesUpToABound) {
  const std::string root = tree_.path("root");
  EXPECT_EQ(read_in_root(root, "/usr/lib/name", 6), "inside");
  EXPECT_EQ(read_in_root(root, "/usr/lib/name", 5), std::nullopt);
  EXPECT_EQ(read_in_root(root, "/usr/lib", 100), std::nullopt);
  ASSERT_EQ(::mkfifo(tree_.path("root/fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_in_root(root, "/fifo", 100), std::nullopt);
}

}  // namespace
}  // namespace hostwatch::util::test
