#include "agent/collectors/disks/disk_io.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

std::vector<std::string> names(std::string_view text) {
  std::vector<std::string> result;
  for (const DiskCounters& disk : parse_disk_stats(text).disks) result.push_back(disk.name);
  return result;
}

/// A line as of Linux 2.6 to 4.17, with counters of no importance.
std::string line(const std::string& name) {
  return " 8 0 " + name + " 1 2 3 4 5 6 7 8 9 10 11\n";
}

TEST(DiskStats, ReadsTheCountersItNeeds) {
  const DiskStats stats = parse_disk_stats("   8       0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
  ASSERT_EQ(stats.disks.size(), 1U);
  EXPECT_EQ(stats.disks[0].name, "sda");
  EXPECT_EQ(stats.disks[0].reads, 1U);
  EXPECT_EQ(stats.disks[0].sectors_read, 3U);
  EXPECT_EQ(stats.disks[0].writes, 5U);
  EXPECT_EQ(stats.disks[0].sectors_written, 7U);
  EXPECT_EQ(stats.disks[0].busy_ms, 10U);
  EXPECT_EQ(stats.malformed, 0U);
}

TEST(DiskStats, HasWholeDisksOnly) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(line("sda") + line("sda1") + line("sda15") + line("sdaa") + line("sdaa1")),
            (Names{"sda", "sdaa"}));
  EXPECT_EQ(names(line("nvme0n1") + line("nvme0n1p1") + line("nvme0n10")), (Names{"nvme0n1", "nvme0n10"}));
  EXPECT_EQ(names(line("mmcblk0") + line("mmcblk0p2") + line("mmcblk0boot0")),
            (Names{"mmcblk0", "mmcblk0boot0"}));
  EXPECT_EQ(names(line("dm-1") + line("dm-10") + line("md12") + line("md127") + line("md127p1")),
            (Names{"dm-1", "dm-10", "md12", "md127"}));
  EXPECT_EQ(names(line("cciss!c0d0") + line("cciss!c0d0p1")), (Names{"cciss!c0d0"}));
}

TEST(DiskStats, APartitionThatIsAllThereIsCountsAsADisk) {
  EXPECT_EQ(names(line("xvda1")), (std::vector<std::string>{"xvda1"}));
}

TEST(DiskStats, LeavesOutMemoryLoopsAndDrives) {
  using Names = std::vector<std::string>;
  EXPECT_TRUE(names(line("loop0") + line("ram15") + line("zram0") + line("sr0") + line("fd0")).empty());
  EXPECT_EQ(names(line("loop0") + line("loop0p1") + line("sda") + line("sda1")), (Names{"sda"}))
      << "nor their partitions";
  EXPECT_TRUE(names(line("zram0p1") + line("sr0p1") + line("ram1p12") + line("loop12p3")).empty());
  EXPECT_EQ(names(line("loop0p") + line("loopp1") + line("sr0p1x")).size(), 3U) << "names that are none";
  EXPECT_EQ(names(line("srv") + line("fdisk")).size(), 2U) << "names that only begin alike";
}

TEST(DiskStats, AnOddNumberInAColumnThatIsNotUsedLosesNoDisk) {
  const DiskStats stats = parse_disk_stats("8 0 sda 1 2 3 4 5 6 7 8 -1 10 11\n");
  ASSERT_EQ(stats.disks.size(), 1U);
  EXPECT_EQ(stats.disks[0].busy_ms, 10U);
  EXPECT_EQ(stats.malformed, 0U);
  EXPECT_EQ(parse_disk_stats("8 0 sda 1 2 -3 4 5 6 7 8 9 10 11\n").malformed, 1U) << "that one is used";
}

TEST(DiskStats, PathsOfAMultipathNamespaceAreOneDiskWithIt) {
  // Linux 6.1: the namespace stands at zero.
  const DiskStats old = parse_disk_stats(
      "259 1 nvme2c0n1 10 0 100 0 1 0 8 0 0 40 0\n259 2 nvme2c1n1 5 0 50 0 2 0 16 0 0 70 0\n"
      "259 0 nvme2n1 0 0 0 0 0 0 0 0 0 0 0\n259 3 nvme2n1p1 0 0 0 0 0 0 0 0 0 0 0\n");
  ASSERT_EQ(old.disks.size(), 1U);
  EXPECT_EQ(old.disks[0].name, "nvme2n1");
  EXPECT_EQ(old.disks[0].reads, 15U);
  EXPECT_EQ(old.disks[0].sectors_read, 150U);
  EXPECT_EQ(old.disks[0].writes, 3U);
  EXPECT_EQ(old.disks[0].sectors_written, 24U);
  EXPECT_EQ(old.disks[0].busy_ms, 70U) << "they were busy at the same time";

  // Linux 6.12: both count.
  const DiskStats both = parse_disk_stats(
      "259 0 nvme2n1 15 0 150 0 3 0 24 0 0 90 0\n259 1 nvme2c1n1 15 0 150 0 3 0 24 0 0 70 0\n");
  ASSERT_EQ(both.disks.size(), 1U);
  EXPECT_EQ(both.disks[0].sectors_read, 150U);
  EXPECT_EQ(both.disks[0].busy_ms, 90U);

  EXPECT_EQ(names(line("nvme0c1n2")), (std::vector<std::string>{"nvme0n2"}));
  EXPECT_EQ(names(line("nvmec1n2") + line("nvme0c1")), (std::vector<std::string>{"nvmec1n2", "nvme0c1"}));
}

TEST(DiskStats, CountsTheLinesItCannotUnderstand) {
  EXPECT_EQ(parse_disk_stats("8 0\n").malformed, 1U);
  EXPECT_EQ(parse_disk_stats("8 0 sda 1 2 3\n").malformed, 1U);
  EXPECT_EQ(parse_disk_stats("8 0 sda 1 2 3 4 5 x 7 8 9 10 11\n").malformed, 1U);
  EXPECT_EQ(parse_disk_stats("8 0 sda 1 2 3 4 5 6 7 8 9 10 11").malformed, 1U) << "cut off";
  EXPECT_EQ(parse_disk_stats("").malformed, 0U);
}

class DiskIoCollectorTest : public testing::Test {
 protected:
  Collected collect(double seconds, std::string_view text) {
    tree_.write("proc/diskstats", text);
    return tick(collector_, at(seconds));
  }

  TempTree tree_;
  DiskIoCollector collector_{tree_.roots()};
};

TEST_F(DiskIoCollectorTest, SectorsAreOf512BytesAndBusyIsOfWallTime) {
  EXPECT_TRUE(collect(0, "8 0 sda 0 0 0 0 0 0 0 0 0 0 0\n").samples.empty());
  EXPECT_EQ(by_name(collect(2, "8 0 sda 10 0 100 0 5 0 8 0 0 500 0\n")),
            (Values{{"disk_reads_per_second{sda}", 5},
                    {"disk_read_bytes_per_second{sda}", 25600},
                    {"disk_writes_per_second{sda}", 2.5},
                    {"disk_written_bytes_per_second{sda}", 2048},
                    {"disk_busy_percent{sda}", 25}}));
}

TEST_F(DiskIoCollectorTest, BusyIsAtMostAHundred) {
  collect(0, "8 0 sda 1 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_DOUBLE_EQ(by_name(collect(1, "8 0 sda 1 0 0 0 0 0 0 0 0 1010 0\n")).at("disk_busy_percent{sda}"),
                   100);
}

TEST_F(DiskIoCollectorTest, OneThatWasBusyForLongerThanWentByCountsFromSomewhereElse) {
  collect(0, "8 0 sda 1 0 0 0 0 0 0 0 0 0 0\n");
  const Values values = by_name(collect(1, "8 0 sda 1 0 0 0 0 0 0 0 0 900000000 0\n"));
  EXPECT_FALSE(values.contains("disk_busy_percent{sda}"));
  EXPECT_TRUE(values.contains("disk_reads_per_second{sda}"));
}

TEST_F(DiskIoCollectorTest, AnIdleDiskIsZeroAndOneThatNeverDidAnythingAbsent) {
  const std::string_view text = "8 0 sda 1 0 8 0 0 0 0 0 0 3 0\n8 16 sdb 0 0 0 0 0 0 0 0 0 0 0\n";
  collect(0, text);
  const Values values = by_name(collect(1, text));
  EXPECT_EQ(values.size(), 5U);
  EXPECT_DOUBLE_EQ(values.at("disk_reads_per_second{sda}"), 0);
}

TEST_F(DiskIoCollectorTest, ACounterThatGoesBackIsLeftOutAloneForOneTick) {
  collect(0, "8 0 sda 10 0 100 0 5 0 8 0 0 4294967290 0\n");
  const Values wrapped = by_name(collect(1, "8 0 sda 11 0 100 0 5 0 8 0 0 4 0\n"));
  EXPECT_FALSE(wrapped.contains("disk_busy_percent{sda}"));
  EXPECT_DOUBLE_EQ(wrapped.at("disk_reads_per_second{sda}"), 1);
  EXPECT_DOUBLE_EQ(by_name(collect(2, "8 0 sda 11 0 100 0 5 0 8 0 0 104 0\n")).at("disk_busy_percent{sda}"),
                   10);
}

TEST_F(DiskIoCollectorTest, ADiskThatIsReplacedStartsAnew) {
  collect(0, "8 0 sda 10 0 100 0 5 0 8 0 0 9 0\n8 16 sdb 10 0 0 0 0 0 0 0 0 0 0\n");
  collect(1, "8 16 sdb 11 0 0 0 0 0 0 0 0 0 0\n");
  const Values back =
      by_name(collect(2, "8 0 sda 90000 0 1 0 5 0 8 0 0 9 0\n8 16 sdb 12 0 0 0 0 0 0 0 0 0 0\n"));
  EXPECT_FALSE(back.contains("disk_reads_per_second{sda}"));
  EXPECT_DOUBLE_EQ(back.at("disk_reads_per_second{sdb}"), 1);
}

TEST_F(DiskIoCollectorTest, WhatCanBeUnderstoodOfAGarbledFileIsKept) {
  collect(0, "8 0 sda 1 0 0 0 0 0 0 0 0 0 0\n");
  tree_.write("proc/diskstats", "8 0 sda 3 0 0 0 0 0 0 0 0 0 0\n8 16 sdb 1 tw");
  Collected collected;
  EXPECT_THROW(collector_.collect(at(1), collected), CollectorError);
  EXPECT_DOUBLE_EQ(by_name(collected).at("disk_reads_per_second{sda}"), 2);
}

TEST_F(DiskIoCollectorTest, HundredsOfVolumesDoNotPushTheDisksOut) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "253 0 dm-" + std::to_string(i) + " 1 0 8 0 0 0 0 0 0 3 0\n";
  text += "8 0 sda 1 0 8 0 0 0 0 0 0 3 0\n";
  collect(0, text);
  Collected collected = collect(1, text);
  EXPECT_NE(collected.limit_samples(500), 0U);
  EXPECT_TRUE(by_name(collected).contains("disk_read_bytes_per_second{sda}"));
}

TEST_F(DiskIoCollectorTest, AHostWithoutTheFileHasNoDisks) {
  EXPECT_TRUE(tick(collector_, at(0)).samples.empty());
  EXPECT_TRUE(collect(1, "").samples.empty());
}

}  // namespace
}  // namespace hostwatch::agent::test
