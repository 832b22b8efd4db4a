// Where sysfs is looked for.
#include "agent/collectors/files/sys_files.h"

#include <gtest/gtest.h>

#include "agent/collectors/disks/block_devices.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

Roots roots(std::string rootfs, std::string sys) {
  return {"/proc", std::move(rootfs), std::move(sys)};
}

TEST(SysFiles, LieBelowTheRootFileSystemWhereNoSysRootIsGiven) {
  EXPECT_EQ(sys_path(roots("/", ""), "/block"), "/sys/block");
  EXPECT_EQ(sys_path(roots("/host/root", ""), "/block"), "/host/root/sys/block");
  EXPECT_EQ(sys_path(roots("/host/root/", ""), "/block"), "/host/root/sys/block");
}

TEST(SysFiles, LieInTheSysRootThatIsGiven) {
  EXPECT_EQ(sys_path(roots("/host/root", "/host/sys"), "/block"), "/host/sys/block");
  EXPECT_EQ(sys_path(roots("/", "/host/sys/"), "/block"), "/host/sys/block");
}

TEST(SysFiles, OfAnotherPlaceAreThoseThatAreRead) {
  TempTree tree;
  tree.write("sys/block/md0/slaves/sda", "");
  tree.write("other/block/md0/size", "1\n");
  const std::vector<std::string> disks{"md0"};
  EXPECT_EQ(repeated_disks(roots(tree.path(), ""), disks)->count("md0"), 1U);
  EXPECT_EQ(repeated_disks(roots(tree.path(), tree.path("other")), disks)->count("md0"), 0U);
}

}  // namespace
}  // namespace hostwatch::agent::test
