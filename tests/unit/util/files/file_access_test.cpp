#include "util/files/file_access.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace hostwatch::util {
namespace {

using testing::HasSubstr;

class FileAccess : public testing::Test {
 protected:
  FileAccess() {
    std::string pattern = testing::TempDir() + "/hostwatch-files-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileAccess() override { std::filesystem::remove_all(folder_); }

  std::string why_not(mode_t mode, uid_t user = ::geteuid()) const {
    ::chmod(folder_.c_str(), mode);
    return why_not_private_folder(folder_, user).value_or("");
  }

  std::string folder_;
};

TEST_F(FileAccess, OnesOwnFolderIsTaken) {
  for (const mode_t mode : {0700U, 0750U, 0755U, 0770U, 0775U}) EXPECT_EQ(why_not(mode), "") << mode;
}

TEST_F(FileAccess, AFolderThatAllMayWriteIsRefused) {
  for (const mode_t mode : {0777U, 01777U, 0702U}) EXPECT_THAT(why_not(mode), HasSubstr("chmod o-w")) << mode;
}

TEST_F(FileAccess, AFolderOfSomebodyElseIsRefusedAndRootsIsNot) {
  constexpr uid_t kSomebody = 54321;
  if (::geteuid() == 0) {
    EXPECT_EQ(why_not(0700, kSomebody), "") << "root's";
    ASSERT_EQ(::chown(folder_.c_str(), kSomebody, kSomebody), 0);
    EXPECT_THAT(why_not(0700, 0), HasSubstr("another user (54321)"));
    EXPECT_EQ(why_not(0700, kSomebody), "");
  } else {
    EXPECT_THAT(why_not(0700, kSomebody), HasSubstr("another user (" + std::to_string(::geteuid()) + ")"));
  }
}

TEST_F(FileAccess, ALinkCountsAsWhatItLeadsTo) {
  const std::string link = folder_ + "-link";
  ASSERT_EQ(::symlink(folder_.c_str(), link.c_str()), 0);
  EXPECT_EQ(why_not_private_folder(link, ::geteuid()), std::nullopt);
  ::chmod(folder_.c_str(), 0777);
  EXPECT_NE(why_not_private_folder(link, ::geteuid()), std::nullopt);
  ::unlink(link.c_str());
}

TEST_F(FileAccess, WhatIsNotThereIsNoMatter) {
  EXPECT_EQ(why_not_private_folder(folder_ + "/none", ::geteuid()), std::nullopt);
  EXPECT_FALSE(is_readable_by_all(folder_ + "/none"));
}

TEST_F(FileAccess, TellsWhatAllCanRead) {
  const std::string file = folder_ + "/key";
  std::ofstream(file) << "secret";
  ::chmod(file.c_str(), 0640);
  EXPECT_FALSE(is_readable_by_all(file));
  ::chmod(file.c_str(), 0644);
  EXPECT_TRUE(is_readable_by_all(file));
}

}  // namespace
}  // namespace hostwatch::util
