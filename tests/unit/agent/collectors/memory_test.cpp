#include "agent/collectors/memory.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

TEST(MemoryInfo, CountsInBytes) {
  const MemoryInfo info =
      parse_memory_info("MemTotal:       24684084 kB\nMemFree: 1 kB\nHugePages_Total:       0\n");
  EXPECT_EQ(info.total, 24684084ULL * 1024);
  EXPECT_EQ(info.free, 1024U);
  EXPECT_FALSE(info.available);
  EXPECT_FALSE(info.swap_total);
}

TEST(MemoryInfo, LeavesAbsentWhatItCannotUnderstand) {
  const std::string_view texts[] = {"",
                                    "MemTotal:\n",
                                    "MemTotal: x kB\n",
                                    "MemTotal: 12\n",
                                    "MemTotal: -12 kB\n",
                                    "MemTotal: 12 MB\n",
                                    "MemTotal: 18446744073709551615 kB\n",
                                    "MemTotal: 12 kB",
                                    "MemTotal 12 kB\n"};
  for (const std::string_view text : texts) EXPECT_FALSE(parse_memory_info(text).total) << text;
}

TEST(AvailableMemory, IsWhatTheKernelSays) {
  MemoryInfo info;
  info.total = 100;
  info.free = 10;
  info.available = 60;
  EXPECT_EQ(available_memory(info).value().bytes, 60U);
  EXPECT_EQ(available_memory(info).value().by, AvailableBy::kernel);
}

TEST(AvailableMemory, IsGuessedForOldKernels) {
  MemoryInfo info;
  info.total = 100;
  info.free = 10;
  info.buffers = 5;
  info.cached = 30;
  info.reclaimable = 3;
  info.shared = 4;
  EXPECT_EQ(available_memory(info).value().bytes, 44U);
  EXPECT_EQ(available_memory(info).value().by, AvailableBy::estimate);
  info.shared = 1000;
  EXPECT_EQ(available_memory(info).value().bytes, 0U);
}

TEST(AvailableMemory, ThatIsMoreThanTheTotalIsNotBelieved) {
  MemoryInfo info;
  info.total = 100;
  info.available = 101;
  info.free = 20;
  info.cached = 10;
  info.shared = 5;
  EXPECT_EQ(available_memory(info).value().bytes, 25U);
  EXPECT_EQ(available_memory(info).value().by, AvailableBy::mistrust);
}

TEST(AvailableMemory, IsWhatIsFreeWhereTheCachesAreMoreThanTheTotalToo) {
  MemoryInfo info;
  info.total = 100;
  info.available = 5000;
  info.free = 20;
  info.cached = std::numeric_limits<std::uint64_t>::max();
  info.reclaimable = 4000;
  EXPECT_EQ(available_memory(info).value().bytes, 20U);
  EXPECT_EQ(available_memory(info).value().by, AvailableBy::free_alone);
  info.free = 101;
  EXPECT_EQ(available_memory(info).value().bytes, 100U);
  info.free.reset();
  EXPECT_EQ(available_memory(info).value().bytes, 100U) << "nothing else is known";
}

TEST(AvailableMemory, NeedsATotalAndSomethingToGoBy) {
  MemoryInfo info;
  EXPECT_FALSE(available_memory(info));
  info.total = 100;
  EXPECT_FALSE(available_memory(info));
}

constexpr std::string_view kArcStats =
    "9 1 0x01 147 39984 11 22\nname                            type data\nhits 4 17\n"
    "c_min                           4    1048576\nsize                            4    3145728\n";

TEST(Arc, GivesBackAllButItsMinimum) {
  EXPECT_EQ(parse_arc_reclaimable(kArcStats), 2097152U);
  EXPECT_EQ(parse_arc_reclaimable("size 4 10\nc_min 4 11\n"), 0U);
}

TEST(Arc, IsNotKnownFromAnythingElse) {
  for (const std::string_view text : {"", "size 4 10\n", "size 4 x\nc_min 4 1\n", "size\nc_min\n",
                                      "anon_size 4 10\nc_min 4 1\n", "c_min 4 1\nsize 4 -1\n"}) {
    EXPECT_FALSE(parse_arc_reclaimable(text)) << text;
  }
}

TEST(Container, IsKnownByItsMarks) {
  for (const char* mark : {"run/systemd/container", ".dockerenv", "run/.containerenv"}) {
    TempTree tree;
    EXPECT_FALSE(has_marks_of_container(tree.path())) << mark;
    tree.write(mark, "");
    EXPECT_TRUE(has_marks_of_container(tree.path())) << mark;
    EXPECT_TRUE(is_proc_of_container(tree.roots())) << "a container that was mounted, with " << mark;
  }
}

constexpr std::string_view kLxcfsOverProc =
    "40 25 0:50 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw,user_id=0\n";

TEST(Container, IsKnownByLxcfsOverItsProc) {
  EXPECT_TRUE(has_lxcfs_over_proc(kLxcfsOverProc));
  EXPECT_FALSE(has_lxcfs_over_proc("30 25 0:40 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n"))
      << "that is the machine around it";
  EXPECT_FALSE(has_lxcfs_over_proc("30 25 0:40 / /proc/meminfo rw - ext4 /dev/vda rw\n"));
  TempTree tree;
  tree.write("proc/1/mountinfo", kLxcfsOverProc);
  EXPECT_TRUE(is_proc_of_container(tree.roots()));
}

TEST(Container, AMachineThatWasMountedIsNone) {
  TempTree tree;
  EXPECT_FALSE(is_proc_of_container(tree.roots())) << "it says nothing at all";
  tree.write("proc/1/mountinfo", "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  EXPECT_FALSE(is_proc_of_container(tree.roots()));
  EXPECT_FALSE(is_proc_of_container({tree.path("proc"), "/"})) << "the agent's own root tells nothing of it";
}

class MemoryCollectorTest : public testing::Test {
 protected:
  Collected collect(std::string_view text) {
    tree_.write("proc/meminfo", text);
    return tick(collector_, at(0));
  }

  TempTree tree_;
  MemoryCollector collector_{tree_.roots()};
};

TEST_F(MemoryCollectorTest, TellsUsedFromAvailable) {
  const Collected collected = collect(
      "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\nBuffers: 10 kB\nCached: 140 kB\n"
      "SwapTotal: 50 kB\nSwapFree: 20 kB\n");
  EXPECT_DOUBLE_EQ(collected.ram.value(), 75);
  EXPECT_EQ(by_name(collected), (Values{{"memory_used_bytes", 768000},
                                        {"memory_available_bytes", 256000},
                                        {"memory_total_bytes", 1024000},
                                        {"memory_free_bytes", 102400},
                                        {"memory_buffers_bytes", 10240},
                                        {"memory_cached_bytes", 143360},
                                        {"swap_used_bytes", 30720},
                                        {"swap_total_bytes", 51200}}));
}

TEST_F(MemoryCollectorTest, WhatTheZfsCacheGivesBackIsAvailable) {
  tree_.write("proc/spl/kstat/zfs/arcstats", kArcStats);
  const Collected collected = collect("MemTotal: 8192 kB\nMemAvailable: 2048 kB\n");
  EXPECT_DOUBLE_EQ(collected.ram.value(), 50);
  EXPECT_DOUBLE_EQ(by_name(collected).at("memory_used_bytes"), 4194304);
  EXPECT_DOUBLE_EQ(by_name(collected).at("memory_available_bytes"), 4194304);
}

TEST_F(MemoryCollectorTest, AZfsCacheAsLargeAsAllThatIsUsedIsAnotherMachines) {
  const hostwatch::test::LogCapture log;
  tree_.write("proc/spl/kstat/zfs/arcstats", kArcStats);
  for (const char* meminfo :
       {"MemTotal: 2048 kB\nMemAvailable: 1024 kB\n", "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n"}) {
    const Collected collected = collect(meminfo);
    EXPECT_DOUBLE_EQ(collected.ram.value(), 50) << meminfo;
    EXPECT_GT(by_name(collected).at("memory_used_bytes"), 0) << meminfo;
  }
  EXPECT_EQ(log.text(),
            "warning ram: the ZFS cache is as large as all that is used, so it is another machine's, and not "
            "taken off\n");
}

TEST(MemoryOfAMountedContainer, IsItsOwnWithoutTheZfsCacheOfTheMachineAroundIt) {
  for (const char* mark : {"run/systemd/container", "proc/1/mountinfo"}) {
    TempTree tree;
    tree.write("proc/spl/kstat/zfs/arcstats", "c_min 4 2000000000\nsize 4 5000000000\n");
    tree.write("proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n");
    tree.write(mark, kLxcfsOverProc);
    MemoryCollector collector(tree.roots());
    EXPECT_DOUBLE_EQ(tick(collector, at(0)).ram.value(), 50) << mark;
  }
}

TEST_F(MemoryCollectorTest, TheZfsCacheOfTheMachineAroundAContainerIsNotTheContainers) {
  tree_.write("proc/spl/kstat/zfs/arcstats", kArcStats);
  tree_.write("proc/meminfo", "MemTotal: 8192 kB\nMemAvailable: 2048 kB\n");
  MemoryCollector in_container(tree_.roots(), /*in_container=*/true);
  EXPECT_DOUBLE_EQ(tick(in_container, at(0)).ram.value(), 75);
}

TEST_F(MemoryCollectorTest, StatisticsOfZfsThatCannotBeReadTakeNothingWithThem) {
  tree_.write("proc/spl/kstat/zfs/arcstats", "garbage\n");
  tree_.write("proc/meminfo", "MemTotal: 8192 kB\nMemAvailable: 2048 kB\nSwapTotal: 0 kB\n");
  Collected collected;
  EXPECT_THROW(collector_.collect(at(0), collected), CollectorError);
  EXPECT_DOUBLE_EQ(collected.ram.value(), 75);
  EXPECT_TRUE(by_name(collected).contains("swap_total_bytes"));
}

TEST_F(MemoryCollectorTest, ZfsThatIsLoadedLaterIsFoundWithinFiveMinutes) {
  const std::string_view meminfo = "MemTotal: 8192 kB\nMemAvailable: 2048 kB\n";
  collect(meminfo);
  tree_.write("proc/spl/kstat/zfs/arcstats", kArcStats);
  EXPECT_DOUBLE_EQ(tick(collector_, at(299)).ram.value(), 75);
  EXPECT_DOUBLE_EQ(tick(collector_, at(300)).ram.value(), 50);
}

TEST_F(MemoryCollectorTest, WhatIsKnownIsThereThoughTheShareIsNot) {
  tree_.write("proc/meminfo", "MemTotal: x kB\nMemFree: 1 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n");
  Collected collected;
  EXPECT_THROW(collector_.collect(at(0), collected), CollectorError);
  EXPECT_FALSE(collected.ram);
  EXPECT_EQ(by_name(collected),
            (Values{{"memory_free_bytes", 1024}, {"swap_used_bytes", 30720}, {"swap_total_bytes", 51200}}));
}

TEST_F(MemoryCollectorTest, NoSwapConfiguredIsZeroAndAKernelWithoutSwapHasNone) {
  const Values zero =
      by_name(collect("MemTotal: 10 kB\nMemAvailable: 5 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"));
  EXPECT_DOUBLE_EQ(zero.at("swap_used_bytes"), 0);
  EXPECT_DOUBLE_EQ(zero.at("swap_total_bytes"), 0);
  const Values absent = by_name(collect("MemTotal: 10 kB\nMemAvailable: 5 kB\n"));
  EXPECT_FALSE(absent.contains("swap_used_bytes"));
  EXPECT_FALSE(absent.contains("swap_total_bytes"));
}

TEST_F(MemoryCollectorTest, FailsWithoutATotal) {
  EXPECT_THROW(collect(""), CollectorError);
  EXPECT_THROW(collect("MemTotal: 0 kB\nMemAvailable: 0 kB\n"), CollectorError);
  EXPECT_THROW(collect("MemAvailable: 5 kB\n"), CollectorError);
}

}  // namespace
}  // namespace hostwatch::agent::test
