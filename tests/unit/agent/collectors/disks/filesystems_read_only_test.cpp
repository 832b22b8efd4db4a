// Root file systems that are meant to be read-only, and those that became so.
#include <fstream>

#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/disks/filesystems_fixture.h"

namespace hostwatch::agent::test {
namespace {

class ReadOnlyFlip : public FileSystemCollectorTest {
 protected:
  /// A root, and /data with these options of the mount and of the file system.
  void write_data(const std::string& mount, const std::string& device, const std::string& id = "2") {
    write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n" + id + " 1 8:2 / /data " + mount +
                ",relatime - ext4 /dev/sda2 " + device + ",errors=remount-ro\n");
    fakes_.set(root(), sized(100, 50, 50));
    fakes_.set(path("/data"), sized(100, 25, 25));
  }
  std::optional<double> read_only(FileSystemCollector& collector, int second) {
    const Values values = by_name(tick(collector, at(second)));
    const auto found = values.find("filesystem_read_only{/data}");
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
};

TEST_F(ReadOnlyFlip, OneThatWasWritableAndIsReadOnlyNowSaysSoUntilItIsWritableAgain) {
  const hostwatch::test::LogCapture log;
  write_data("rw", "rw");
  auto collector = make();
  EXPECT_FALSE(read_only(collector, 0)) << "nothing to say of it";
  write_data("rw", "ro");
  EXPECT_EQ(read_only(collector, 1), 1);
  EXPECT_EQ(read_only(collector, 2), 1);
  write_data("rw", "rw");
  EXPECT_EQ(read_only(collector, 3), 0);
  EXPECT_EQ(log.text(),
            "warning file system /data: cannot be written any more: it is read-only now\n"
            "info file system /data: can be written again\n");
}

TEST_F(ReadOnlyFlip, KernelsThatCallItAnEmergencyAreUnderstood) {
  write_data("rw", "rw");
  auto collector = make();
  tick(collector, at(0));
  write_data("rw", "rw,emergency_ro");
  EXPECT_EQ(read_only(collector, 1), 1);
}

TEST_F(ReadOnlyFlip, WhatStatvfsSaysIsNoticedBeforeTheTableIsReadAgain) {
  write_data("rw", "rw");
  auto collector = make();
  tick(collector, at(0));
  struct statvfs values = sized(100, 25, 25);
  values.f_flag = ST_RDONLY;
  fakes_.set(path("/data"), values);
  EXPECT_EQ(read_only(collector, 1), 1);
}

TEST_F(ReadOnlyFlip, OneThatWasMeantToBeReadOnlyIsNone) {
  write_data("ro", "ro");
  struct statvfs values = sized(100, 25, 25);
  values.f_flag = ST_RDONLY;
  fakes_.set(path("/data"), values);
  auto collector = make();
  EXPECT_FALSE(read_only(collector, 0));
  EXPECT_FALSE(read_only(collector, 1));
}

TEST_F(ReadOnlyFlip, OneThatFlippedBeforeTheAgentStartedIsKnownByItsMountThatIsStillWritable) {
  write_data("rw", "ro");
  auto collector = make();
  EXPECT_EQ(read_only(collector, 0), 1);
}

TEST_F(ReadOnlyFlip, OneThatIsMountedAnewAsReadOnlyIsNone) {
  write_data("rw", "rw", "2");
  auto collector = make();
  tick(collector, at(0));
  write_data("ro", "ro", "3");
  EXPECT_FALSE(read_only(collector, 1));
}

TEST_F(ReadOnlyFlip, OfKernelsThatTellNothingElseTheErrorsOfExt4Do) {
  std::filesystem::create_directories(path("/sys/dev/block"));
  std::filesystem::create_symlink("../../devices/virtual/block/dm-3", path("/sys/dev/block/8:2"));
  tree_.write("proc/fs/ext4/dm-3/options", "rw\nerrors=remount-ro\ncommit=5\n");
  tree_.write("sys/fs/ext4/dm-3/errors_count", "4\n");
  write_data("rw", "rw");
  auto collector = make();
  EXPECT_FALSE(read_only(collector, 0)) << "errors of another year";
  tree_.write("sys/fs/ext4/dm-3/errors_count", "5\n");
  EXPECT_FALSE(read_only(collector, 9)) << "looked at each ten seconds";
  EXPECT_EQ(read_only(collector, 10), 1);
  EXPECT_EQ(read_only(collector, 11), 1);
  write_data("rw", "ro");
  EXPECT_EQ(read_only(collector, 12), 1);
  write_data("rw", "rw");
  EXPECT_EQ(read_only(collector, 13), 0) << "somebody made it writable again";
}

TEST_F(ReadOnlyFlip, ErrorsAfterWhichItGoesOnAreNone) {
  std::filesystem::create_directories(path("/sys/dev/block"));
  std::filesystem::create_symlink("../../devices/virtual/block/dm-3", path("/sys/dev/block/8:2"));
  tree_.write("proc/fs/ext4/dm-3/options", "rw\nerrors=continue\n");
  tree_.write("sys/fs/ext4/dm-3/errors_count", "4\n");
  write_data("rw", "rw");
  auto collector = make();
  EXPECT_FALSE(read_only(collector, 0));
  tree_.write("sys/fs/ext4/dm-3/errors_count", "5\n");
  EXPECT_FALSE(read_only(collector, 10));
}

TEST_F(ReadOnlyFlip, ARootThatFilledUpAndFlippedIsNoImage) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /var rw - ext4 /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 0, 0));
  fakes_.set(path("/var"), sized(100, 50, 50));
  auto collector = make();
  tick(collector, at(0));
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 ro\n2 1 8:2 / /var rw - ext4 /dev/sda2 rw\n");
  const Collected flipped = tick(collector, at(1));
  EXPECT_EQ(flipped.disk, 100);
  EXPECT_EQ(by_name(flipped).at("filesystem_read_only{/}"), 1);
}

class ReadOnlyRoot : public FileSystemCollectorTest {
 protected:
  /// An image as root, full by design, and these lines besides.
  void write_image(std::string_view more, const std::string& type = "overlay",
                   const std::string& options = "ro") {
    write_table("25 1 0:33 / / " + options + " - " + type + " composefs " + options + "\n" +
                std::string(more));
    fakes_.set(root(), sized(100, 0, 0));
  }
};

TEST_F(ReadOnlyRoot, DiskIsTheFileSystemOfVar) {
  write_image(
      "26 25 252:4 / /sysroot ro - xfs /dev/vda4 rw\n27 25 252:4 /ostree/var /var rw - xfs /dev/vda4 rw\n"
      "28 25 252:3 / /boot ro - ext4 /dev/vda3 ro\n29 25 252:9 / /srv rw - ext4 /dev/vdb rw\n");
  fakes_.set(path("/var"), sized(1000, 750, 750));
  fakes_.set(path("/boot"), sized(100, 50, 50));
  fakes_.set(path("/srv"), sized(9000, 10, 10));
  auto collector = make();
  const Collected collected = tick(collector, at(0));
  EXPECT_EQ(collected.disk, 25);
  const Values values = by_name(collected);
  EXPECT_FALSE(values.contains("filesystem_used_percent{/}"));
  EXPECT_TRUE(values.contains("filesystem_used_percent{/boot}"));
}

TEST_F(ReadOnlyRoot, DiskIsElseThatOfSysrootAndElseTheLargestThatIsWritable) {
  const std::string rest =
      "30 25 252:5 / /mnt/data rw - ext4 /dev/vda5 rw\n31 25 252:6 / /mnt/small rw - ext4 /dev/vda6 rw\n"
      "32 25 0:40 / /tmp rw - tmpfs tmpfs rw\n33 25 252:7 / /iso ro - ext4 /dev/vda7 ro\n";
  fakes_.set(path("/sysroot"), sized(100, 90, 90));
  fakes_.set(path("/mnt/data"), sized(1000, 600, 600));
  fakes_.set(path("/mnt/small"), sized(10, 5, 5));
  fakes_.set(path("/tmp"), sized(9000, 9000, 9000));
  fakes_.set(path("/iso"), sized(9000, 9000, 9000));
  for (const char* type : {"overlay", "erofs", "squashfs", "ext4"}) {
    write_image("26 25 252:4 / /sysroot rw - xfs /dev/vda4 rw\n" + rest, type);
    auto with_sysroot = make();
    EXPECT_EQ(tick(with_sysroot, at(0)).disk, 10) << type;
    write_image(rest + "34 25 253:1 / /var rw - ext4 /dev/zram1 rw\n", type);
    fakes_.set(path("/var"), sized(10, 0, 0));
    auto without = make();
    EXPECT_EQ(tick(without, at(0)).disk, 40) << type << ": a /var in memory is none";
  }
}

TEST_F(ReadOnlyRoot, WithNothingElseIsFull) {
  write_image("");
  auto collector = make();
  EXPECT_EQ(tick(collector, at(0)).disk, 100);
}

TEST_F(ReadOnlyRoot, OneThatIsNotFullIsMeantAsEver) {
  write_image("27 25 252:4 / /var rw - xfs /dev/vda4 rw\n", "ext4");
  fakes_.set(root(), sized(100, 30, 30));
  fakes_.set(path("/var"), sized(1000, 750, 750));
  auto collector = make();
  EXPECT_EQ(tick(collector, at(0)).disk, 70);
}

TEST_F(ReadOnlyRoot, OneThatIsFullAndWritableIsMeantAsEver) {
  write_image("27 25 252:4 / /var rw - xfs /dev/vda4 rw\n", "xfs", "rw");
  fakes_.set(path("/var"), sized(1000, 750, 750));
  auto collector = make();
  const Collected collected = tick(collector, at(0));
  EXPECT_EQ(collected.disk, 100);
  EXPECT_TRUE(by_name(collected).contains("filesystem_used_percent{/}"));
}

}  // namespace
}  // namespace hostwatch::agent::test
