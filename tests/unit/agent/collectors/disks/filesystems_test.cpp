#include <fstream>

#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/disks/filesystems_fixture.h"

namespace hostwatch::agent::test {
namespace {

TEST_F(FileSystemCollectorTest, NamesTheHostsMountPointsAndAsksUnderTheRoot) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /my\\040data rw - xfs /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 50, 50, 10, 5));
  fakes_.set(path("/my data"), sized(100, 25, 25));
  auto collector = make();
  const Collected collected = tick(collector, at(0));
  EXPECT_DOUBLE_EQ(collected.disk.value(), 50);
  EXPECT_EQ(by_name(collected), (Values{{"filesystem_used_percent{/}", 50},
                                        {"filesystem_free_bytes{/}", 50000},
                                        {"filesystem_size_bytes{/}", 100000},
                                        {"filesystem_inodes_used_percent{/}", 50},
                                        {"filesystem_inodes_free{/}", 5},
                                        {"filesystem_used_percent{/my data}", 75},
                                        {"filesystem_free_bytes{/my data}", 25000},
                                        {"filesystem_size_bytes{/my data}", 100000}}));
}

TEST_F(FileSystemCollectorTest, OnADisklessMachineNothingOfTheRootIsUsed) {
  write_table("1 0 0:2 / / rw - rootfs rootfs rw\n2 1 8:1 / /data rw - ext4 /dev/sda1 rw\n");
  fakes_.set(root(), sized(0, 0, 0));
  fakes_.set(path("/data"), sized(100, 25, 25));
  auto collector = make();
  const Collected collected = tick(collector, at(0));
  EXPECT_EQ(collected.disk, 0);
  EXPECT_FALSE(by_name(collected).contains("filesystem_used_percent{/}"));
  EXPECT_DOUBLE_EQ(by_name(collected).at("filesystem_used_percent{/data}"), 75);
}

TEST_F(FileSystemCollectorTest, NamesThatAreNotUtf8AreRepairedAndAskedAsTheyAre) {
  write_table("1 0 8:2 / /odd\xFF\xFE rw - xfs /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/odd\xFF\xFE"), sized(100, 25, 25));
  auto collector = make();
  EXPECT_DOUBLE_EQ(
      by_name(tick(collector, at(0))).at("filesystem_used_percent{/odd\xEF\xBF\xBD\xEF\xBF\xBD}"), 75);
}

TEST_F(FileSystemCollectorTest, InAContainerSingleFilesAreNoFileSystems) {
  tree_.write("etc/hosts", "");
  write_table(
      "1 0 0:50 / / rw - overlay overlay rw\n"
      "2 1 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
      "3 1 8:1 /var/lib/docker/volumes/v/_data /var/lib/data rw - ext4 /dev/sda1 rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/etc/hosts"), sized(100, 10, 10));
  fakes_.set(path("/var/lib/data"), sized(100, 25, 25));
  auto collector = make();
  const Values values = by_name(tick(collector, at(0)));
  EXPECT_TRUE(values.contains("filesystem_used_percent{/}"));
  EXPECT_TRUE(values.contains("filesystem_used_percent{/var/lib/data}"));
  EXPECT_FALSE(values.contains("filesystem_used_percent{/etc/hosts}"));
}

TEST_F(FileSystemCollectorTest, OfAMountedHostProcessOneSpeaks) {
  write_table("1 0 0:50 / / rw - overlay overlay rw\n2 1 8:9 / /of-the-container rw - ext4 /dev/sda1 rw\n");
  tree_.write("proc/1/mountinfo",
              "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /home rw - ext4 /dev/sda2 rw\n");
  for (const std::string& at_path : {root(), path("/home"), path("/of-the-container")}) {
    fakes_.set(at_path, sized(100, 50, 50));
  }
  auto collector = make();
  const Values values = by_name(tick(collector, at(0)));
  EXPECT_TRUE(values.contains("filesystem_size_bytes{/home}"));
  EXPECT_FALSE(values.contains("filesystem_size_bytes{/of-the-container}"));
}

TEST_F(FileSystemCollectorTest, SeesMountsComeAndGo) {
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/usb"), sized(100, 50, 50));
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  auto collector = make();
  EXPECT_FALSE(by_name(tick(collector, at(0))).contains("filesystem_size_bytes{/usb}"));
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / /usb rw - vfat /dev/sdb1 rw\n");
  EXPECT_TRUE(by_name(tick(collector, at(1))).contains("filesystem_size_bytes{/usb}"));
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  EXPECT_FALSE(by_name(tick(collector, at(2))).contains("filesystem_size_bytes{/usb}"));
}

TEST_F(FileSystemCollectorTest, OneThatFailsIsLeftOutUntilItAnswers) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /bad rw - xfs /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.fail(path("/bad"), EIO);
  auto collector = make();
  const Values failing = by_name(tick(collector, at(0)));
  EXPECT_TRUE(failing.contains("filesystem_size_bytes{/}"));
  EXPECT_FALSE(failing.contains("filesystem_size_bytes{/bad}"));
  fakes_.set(path("/bad"), sized(100, 50, 50));
  EXPECT_TRUE(by_name(tick(collector, at(1))).contains("filesystem_size_bytes{/bad}"));
}

TEST_F(FileSystemCollectorTest, ARootThatFailsIsAFailureThatSilencesNoOther) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /home rw - xfs /dev/sda2 rw\n");
  fakes_.fail(root(), EACCES);
  fakes_.set(path("/home"), sized(100, 50, 50));
  auto collector = make();
  Collected collected;
  EXPECT_THROW(collector.collect(at(0), collected), CollectorError);
  EXPECT_EQ(collected.disk, 50) << "that of the largest that can be asked";
  EXPECT_TRUE(by_name(collected).contains("filesystem_size_bytes{/home}"));
  EXPECT_FALSE(by_name(collected).contains("filesystem_size_bytes{/}"));
}

TEST_F(FileSystemCollectorTest, WhateverCannotBeAskedDiskHasAValue) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  fakes_.fail(root(), EACCES);
  auto collector = make();
  Collected first;
  EXPECT_THROW(collector.collect(at(0), first), CollectorError);
  EXPECT_EQ(first.disk, 0);
  fakes_.set(root(), sized(100, 40, 40));
  EXPECT_EQ(tick(collector, at(1)).disk, 60);
  fakes_.fail(root(), EIO);
  Collected last;
  EXPECT_THROW(collector.collect(at(2), last), CollectorError);
  EXPECT_EQ(last.disk, 60) << "the last that was known";
}

TEST_F(FileSystemCollectorTest, ImagesThatAreAlwaysFullAreLeftOutWhateverTheirType) {
  write_table(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 7:1 / /image ro - ext4 /dev/loop1 ro\n"
      "3 1 8:3 / /archive ro - ext4 /dev/sdc1 ro\n4 1 0:50 / /tmp/.mount_x ro - fuse.Krita.AppImage Krita "
      "ro\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/image"), sized(100, 0, 0));
  fakes_.set(path("/archive"), sized(100, 1, 1));
  auto collector = make();
  const Values values = by_name(tick(collector, at(0)));
  EXPECT_FALSE(values.contains("filesystem_used_percent{/image}"));
  EXPECT_TRUE(values.contains("filesystem_used_percent{/archive}"));
  EXPECT_EQ(fakes_.asked(path("/tmp/.mount_x")), 0) << "programs are not asked for images";
}

TEST_F(FileSystemCollectorTest, ATmpfsThatIsFullShows) {
  write_table(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:60 / /tmp rw - tmpfs tmpfs rw\n3 1 0:61 / /run rw - tmpfs "
      "tmpfs rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/tmp"), sized(4, 0, 0, 9, 3));
  fakes_.set(path("/run"), sized(4, 0, 0));
  auto collector = make();
  const Values values = by_name(tick(collector, at(0)));
  EXPECT_DOUBLE_EQ(values.at("filesystem_used_percent{/tmp}"), 100);
  EXPECT_FALSE(values.contains("filesystem_inodes_free{/tmp}"));
  EXPECT_FALSE(values.contains("filesystem_used_percent{/run}"));
}

TEST_F(FileSystemCollectorTest, DiskOfARootOnZfsIsThatOfThePool) {
  write_table("1 0 0:30 / / rw - zfs rpool/ROOT/os rw\n2 1 0:31 / /home rw - zfs rpool/home rw\n");
  fakes_.set(root(), sized(1000 + 4000, 4000, 4000));
  fakes_.set(path("/home"), sized(5000 + 4000, 4000, 4000));
  auto collector = make();
  const Collected collected = tick(collector, at(0));
  EXPECT_EQ(collected.disk, 60);
  EXPECT_FALSE(by_name(collected).contains("filesystem_used_percent{/home}"));
}

TEST_F(FileSystemCollectorTest, ContainersMountsDoNotPushTheHostsOut) {
  std::string table = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
  for (int i = 0; i < 150; ++i) {
    const std::string number = std::to_string(i);
    const std::string place = "/var/lib/kubelet/pods/" + number + "/mount";
    table += "9" + number + " 1 9:" + number + " / " + place + " rw - ext4 /dev/x rw\n";
    fakes_.set(path(place), sized(100, 50, 50));
  }
  write_table(table + "2 1 8:2 / /home rw - ext4 /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/home"), sized(100, 50, 50));
  auto collector = make();
  Collected collected = tick(collector, at(0));
  EXPECT_NE(collected.limit_samples(300), 0U);
  EXPECT_TRUE(by_name(collected).contains("filesystem_used_percent{/home}"));
}

TEST_F(FileSystemCollectorTest, WithoutAMountTableThereIsStillTheRoot) {
  fakes_.set(root(), sized(100, 25, 25));
  auto collector = make();
  Collected collected;
  EXPECT_THROW(collector.collect(at(0), collected), CollectorError);
  EXPECT_DOUBLE_EQ(collected.disk.value(), 75);
}

TEST_F(FileSystemCollectorTest, AnEmptyMountTableIsAFailureForAsLongAsItIs) {
  write_table("");
  fakes_.set(root(), sized(100, 25, 25));
  auto collector = make();
  for (int second = 0; second < 2; ++second) {
    Collected collected;
    EXPECT_THROW(collector.collect(at(second), collected), CollectorError);
    EXPECT_DOUBLE_EQ(collected.disk.value(), 75);
  }
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  EXPECT_TRUE(by_name(tick(collector, at(2))).contains("filesystem_size_bytes{/}"));
}

TEST_F(FileSystemCollectorTest, LinesOfTheTableThatMakeNoSenseAreAFailureThatSilencesNoOther) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\ngarbage\n");
  fakes_.set(root(), sized(100, 25, 25));
  auto collector = make();
  for (int second = 0; second < 2; ++second) {
    Collected collected;
    EXPECT_THROW(collector.collect(at(second), collected), CollectorError);
    EXPECT_TRUE(by_name(collected).contains("filesystem_size_bytes{/}"));
  }
}

TEST_F(FileSystemCollectorTest, ADeadNetworkMountIsLeftOutAndTheRestGoesOn) {
  write_table(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:70 / /nfs rw - nfs4 server:/ rw\n"
      "3 1 8:2 / /home rw - ext4 /dev/sda2 rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/home"), sized(100, 50, 50));
  fakes_.set(path("/nfs"), sized(100, 50, 50));
  fakes_.hang(path("/nfs"));
  auto collector = make(20ms);
  for (int second = 0; second < 3; ++second) {
    const Values values = by_name(tick(collector, at(second)));
    EXPECT_TRUE(values.contains("filesystem_size_bytes{/}"));
    EXPECT_TRUE(values.contains("filesystem_size_bytes{/home}"));
    EXPECT_FALSE(values.contains("filesystem_size_bytes{/nfs}"));
    EXPECT_TRUE(collector.has_stuck_worker());
  }
  EXPECT_EQ(fakes_.asked(path("/nfs")), 1) << "one thread, one question";

  fakes_.release(path("/nfs"));
  wait_until_back([&] { return collector.has_stuck_worker(); });
  // A busy machine may need more than one try within so little patience.
  bool back = false;
  for (int second = 3; !back && second < 1000; ++second) {
    back = by_name(tick(collector, at(second))).contains("filesystem_size_bytes{/nfs}");
    wait_until_back([&] { return collector.has_stuck_worker(); });
  }
  EXPECT_TRUE(back);
  EXPECT_FALSE(collector.has_stuck_worker());
}

TEST_F(FileSystemCollectorTest, OneOfATypeThatNobodyKnowsMayHangToo) {
  for (const char* type : {"prl_fs", "panfs", "vmhgfs", "ecryptfs"}) {
    FakeFileSystems fakes;
    write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:70 / /mnt/h rw - " + std::string(type) +
                " h rw\n3 1 8:2 / /home rw - ext4 /dev/sda2 rw\n");
    for (const std::string& at_path : {root(), path("/home")}) fakes.set(at_path, sized(100, 50, 50));
    fakes.hang(path("/mnt/h"));
    FileSystemCollector collector({tree_.path("proc"), root()}, fakes.statvfs(), 20ms);
    const Values values = by_name(tick(collector, at(0)));
    EXPECT_TRUE(values.contains("filesystem_size_bytes{/home}")) << type;
    EXPECT_FALSE(values.contains("filesystem_size_bytes{/mnt/h}")) << type;
    fakes.release_all();
  }
}

TEST_F(FileSystemCollectorTest, WhatLiesBelowTheKernelsOwnIsAskedAsEver) {
  write_table(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:6 / /dev rw - devtmpfs udev rw\n"
      "3 2 0:7 / /dev/shm rw - tmpfs tmpfs rw\n");
  for (const std::string& at_path : {root(), path("/dev/shm")}) fakes_.set(at_path, sized(100, 50, 50));
  auto collector = make(0ms);
  EXPECT_TRUE(by_name(tick(collector, at(0))).contains("filesystem_size_bytes{/dev/shm}"));
}

TEST_F(FileSystemCollectorTest, WhatLiesBelowADeadNetworkMountIsOutOfReachToo) {
  write_table(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:70 / /nfs rw - nfs4 server:/ rw\n"
      "3 2 8:2 / /nfs/local rw - ext4 /dev/sda2 rw\n4 1 8:3 / /nfs2 rw - ext4 /dev/sda3 rw\n");
  for (const std::string& at_path : {root(), path("/nfs2")}) fakes_.set(at_path, sized(100, 50, 50));
  fakes_.hang(path("/nfs"));
  fakes_.hang(path("/nfs/local"));
  auto collector = make(20ms);
  const Values values = by_name(tick(collector, at(0)));
  EXPECT_TRUE(values.contains("filesystem_size_bytes{/}"));
  EXPECT_TRUE(values.contains("filesystem_size_bytes{/nfs2}"));
  EXPECT_FALSE(values.contains("filesystem_size_bytes{/nfs/local}"));
  EXPECT_EQ(fakes_.asked(path("/nfs/local")), 0);
  fakes_.release_all();
}

TEST_F(FileSystemCollectorTest, ALivingNetworkMountIsMeasuredLikeAnyOther) {
  write_table("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:70 / /nfs rw - nfs4 server:/ rw\n");
  fakes_.set(root(), sized(100, 50, 50));
  fakes_.set(path("/nfs"), sized(100, 10, 10));
  auto collector = make();
  EXPECT_DOUBLE_EQ(by_name(tick(collector, at(0))).at("filesystem_used_percent{/nfs}"), 90);
}

TEST(FileSystemCollectorOfThisMachine, HasItsRoot) {
  FileSystemCollector collector(Roots{});
  for (int second = 0; second < 3; ++second) {
    const Collected collected = tick(collector, at(second));
    ASSERT_TRUE(collected.disk);
    EXPECT_GT(*collected.disk, 0);
    EXPECT_LE(*collected.disk, 100);
  }
}

}  // namespace
}  // namespace hostwatch::agent::test
