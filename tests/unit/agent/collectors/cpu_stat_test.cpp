#include "agent/collectors/cpu.h"

#include <gtest/gtest.h>

#include <limits>

namespace hostwatch::agent::test {
namespace {

CpuTimes times(std::array<std::uint64_t, CpuTimes::kStates> ticks) {
  return {ticks, CpuTimes::kStates, {}};
}

TEST(CpuStat, ReadsTheLinesItKnows) {
  const CpuStat stat = parse_cpu_stat(
      "cpu  1 2 3 4 5 6 7 8 9 10\n"
      "cpu0 10 20 30 40 50 60 70 80 90 100\n"
      "cpu7 11 21 31 41 51 61 71 81 91 101\n"
      "intr 99 1 2 3\n"
      "ctxt 18446744073709551615\n"
      "btime 1600000000\n"
      "processes 12\n"
      "procs_running 3\n"
      "procs_blocked 0\n");
  ASSERT_TRUE(stat.total);
  EXPECT_EQ(stat.total->ticks, (std::array<std::uint64_t, 8>{1, 2, 3, 4, 5, 6, 7, 8}));
  ASSERT_EQ(stat.cores.size(), 2U);
  EXPECT_EQ(stat.cores[1].name, 7U);
  EXPECT_EQ(stat.cores[1].times.ticks[CpuTimes::steal], 81U);
  EXPECT_EQ(stat.context_switches, 18446744073709551615U);
  EXPECT_EQ(stat.forks, 12U);
  EXPECT_EQ(stat.running, 3U);
  EXPECT_EQ(stat.blocked, 0U);
}

TEST(CpuStat, LeavesAbsentWhatItCannotUnderstand) {
  for (const std::string_view text :
       {"", "\n\n", "cpu\n", "cpu 1 2 3\n", "cpu 1 2 3 x\n", "cpu 1 2 3 -4\n",
        "cpu 1 2 3 99999999999999999999999\n", "cpu  1 2 3 4 5", "\xFF\xFE\0"}) {
    const CpuStat stat = parse_cpu_stat(text);
    EXPECT_FALSE(stat.total) << text;
    EXPECT_TRUE(stat.cores.empty()) << text;
    EXPECT_FALSE(stat.context_switches) << text;
  }
}

TEST(CpuStat, DoesNotTrustALineThatWasCutOff) {
  const CpuStat stat = parse_cpu_stat("cpu  1 2 3 4 5\nctxt 92630");
  EXPECT_TRUE(stat.total);
  EXPECT_FALSE(stat.context_switches);
}

TEST(CpuStat, KnowsTheFourStatesOfAVeryOldKernel) {
  const CpuStat stat = parse_cpu_stat("cpu  1 2 3 4\n");
  ASSERT_TRUE(stat.total);
  EXPECT_EQ(stat.total->known, 4U);
}

TEST(CpuShares, AddUpToAHundredAndBusyIsAllButIdleAndIowait) {
  const auto shares = cpu_shares(times({0, 0, 0, 0, 0, 0, 0, 0}), times({10, 5, 20, 40, 10, 5, 5, 5}));
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->busy, 50);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::user], 10);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::iowait], 10);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::steal], 5);
}

TEST(CpuShares, IowaitMayDecrease) {
  const auto shares = cpu_shares(times({0, 0, 0, 0, 100, 0, 0, 0}), times({25, 0, 0, 75, 40, 0, 0, 0}));
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->busy, 25);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::iowait], 0);
}

TEST(CpuShares, IdleMayDecreaseByATrifleButMoreMeansThatTheCoreWasAway) {
  const auto before = times({0, 0, 0, 5000, 0, 0, 0, 0});
  EXPECT_TRUE(cpu_shares(before, times({100, 0, 0, 4998, 0, 0, 0, 0})));
  EXPECT_TRUE(cpu_shares(before, times({100, 0, 0, 4700, 0, 0, 0, 0})));
  EXPECT_FALSE(cpu_shares(before, times({100, 0, 0, 4699, 0, 0, 0, 0})));
}

TEST(CpuShares, AStateWhoseTimeGoesBackCountsAsNone) {
  const auto shares = cpu_shares(times({500, 0, 0, 100, 0, 0, 0, 70}), times({5, 0, 20, 180, 0, 0, 0, 0}));
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->busy, 20);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::user], 0);
  EXPECT_DOUBLE_EQ(shares->percent[CpuTimes::steal], 0);
}

TEST(CpuShares, AKernelThatCountsMoreStatesThanBeforeIsComparedByThoseOfBoth) {
  CpuTimes before = times({0, 0, 0, 0});
  before.known = 4;
  const auto shares = cpu_shares(before, times({25, 0, 0, 75, 900, 900, 900, 900}));
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->known, 4U);
  EXPECT_DOUBLE_EQ(shares->busy, 25);
}

TEST(CpuShares, NoTimeGivesNone) {
  const auto same = times({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_FALSE(cpu_shares(same, same));
}

TEST(CpuShares, OfTimesThatNobodyCanHaveSpentLieBetween0And100) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto shares = cpu_shares(times({}), times({kMost, 1, kMost, kMost, 0, kMost, 0, 0}));
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->busy, 75);
}

TEST(CpuShares, AreExactPast2To53) {
  constexpr std::uint64_t kBig = (1ULL << 53U) + 1;
  const auto shares =
      cpu_shares(times({kBig, 0, 0, kBig, 0, 0, 0, 0}), times({kBig + 1, 0, 0, kBig + 3, 0, 0, 0, 0}));
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->busy, 25);
}

}  // namespace
}  // namespace hostwatch::agent::test
