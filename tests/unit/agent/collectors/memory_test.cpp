#include "agent/collectors/memory.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(available_memory(info), 60U);
}

TEST(AvailableMemory, IsGuessedForOldKernels) {
  MemoryInfo info;
  info.total = 100;
  info.free = 10;
  info.buffers = 5;
  info.cached = 30;
  info.reclaimable = 3;
  info.shared = 4;
  EXPECT_EQ(available_memory(info), 44U);
  info.shared = 1000;
  EXPECT_EQ(available_memory(info), 0U);
}

TEST(AvailableMemory, IsNeverMoreThanTheTotal) {
  MemoryInfo info;
  info.total = 100;
  info.available = 101;
  EXPECT_EQ(available_memory(info), 100U);
}

TEST(AvailableMemory, NeedsATotalAndSomethingToGoBy) {
  MemoryInfo info;
  EXPECT_FALSE(available_memory(info));
  info.total = 100;
  EXPECT_FALSE(available_memory(info));
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
