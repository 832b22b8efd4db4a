#include "agent/collectors/cpu.h"

#include <gtest/gtest.h>

namespace hostwatch::agent::test {
namespace {

CpuUse use_between(std::string_view before, std::string_view after) {
  return cpu_use(parse_cpu_stat(before), parse_cpu_stat(after));
}

TEST(CpuUse, IsThatOfTheLineOfAllCores) {
  const CpuUse use = use_between("cpu  0 0 0 0\ncpu0 0 0 0 0\n", "cpu  30 0 0 70\ncpu0 1 0 0 1\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 30);
  EXPECT_EQ(use.fallback, CpuFallback::none);
}

TEST(CpuUse, OneTickBackIsRoundingAndNotWorthAWord) {
  const CpuUse use = use_between("cpu  700 0 0 1000\n", "cpu  699 0 4 1036\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 10);
  EXPECT_EQ(use.fallback, CpuFallback::none);
}

TEST(CpuUse, StolenTimeThatGoesFarBackCountsAsNone) {
  const CpuUse use = use_between("cpu  0 0 0 0 0 0 0 5000000\n", "cpu  8 0 2 190 0 0 0 4000\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 5);
  EXPECT_EQ(use.fallback, CpuFallback::went_back);
}

TEST(CpuUse, WhereACoreWasAwayTheOthersTell) {
  const CpuUse use =
      use_between("cpu  30 0 0 30000\ncpu0 10 0 0 10000\ncpu1 10 0 0 10000\ncpu2 10 0 0 10000\n",
                  "cpu  50 0 0 20180\ncpu0 30 0 0 10080\ncpu1 10 0 0 10100\ncpu2 10 0 0 0\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 10);
  EXPECT_EQ(use.fallback, CpuFallback::core_was_away);
}

TEST(CpuUse, ACoreThatWasAwayIsNoticedThoughTheSumGrew) {
  const CpuUse use = use_between("cpu  2000 0 0 1500\ncpu0 1000 0 0 1000\ncpu1 1000 0 0 500\n",
                                 "cpu  1050 0 0 1950\ncpu0 1050 0 0 1950\ncpu1 0 0 0 0\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 5);
}

TEST(CpuUse, WhereTheLineOfAllCoresCannotBeReadTheirOwnTell) {
  for (const char* line : {"", "cpu  x 0 0 9\n", "cpu  1 2 3\n", "cpu  5 0 0 -1\n", "cpu\n"}) {
    const CpuUse use = use_between("cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n",
                                   line + std::string("cpu0 10 0 0 90\ncpu1 50 0 0 50\n"));
    EXPECT_DOUBLE_EQ(use.shares.value().busy, 30) << line;
    EXPECT_EQ(use.fallback, CpuFallback::line_unread);
  }
}

TEST(CpuUse, ACoreWhoseOwnLineCannotBeReadIsLeftOutOfTheSum) {
  const CpuUse use = use_between("cpu0 0 0 0 0\ncpu1 0 0 0 0\n", "cpu0 90 x 0 10\ncpu1 20 0 0 80\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 20);
  EXPECT_TRUE(use.shares->unreadable.none());
}

TEST(CpuUse, WithoutLinesOfCoresTheColumnsThatCanBeReadTell) {
  const CpuUse use = use_between("cpu  0 0 0 0 0\n", "cpu  10 x 10 60 20\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 20);
  EXPECT_TRUE(use.shares->unreadable.test(CpuTimes::nice));
  EXPECT_EQ(use.fallback, CpuFallback::line_unread);
}

TEST(CpuUse, WhereNothingGrewThereIsNone) {
  const char* zero = "cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\n";
  EXPECT_FALSE(use_between(zero, zero).shares);
  EXPECT_EQ(use_between(zero, zero).fallback, CpuFallback::no_time);
  // Idle time alone would tell how much all of it was; what is left says nothing.
  EXPECT_FALSE(use_between("cpu  0 0 0 90000\n", "cpu  15 0 0 80000\n").shares);
}

TEST(CpuUse, WhereACoreWentThoseThatStayedTell) {
  // The line of all cores counts another idle time of a core that is offline, here 90,000 ticks more.
  const CpuUse use = use_between("cpu  1000 0 1000 100000\ncpu0 500 0 500 50000\ncpu1 500 0 500 50000\n",
                                 "cpu  1090 0 1000 190010\ncpu0 590 0 500 50010\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 90);
  EXPECT_EQ(use.fallback, CpuFallback::cores_changed);
}

TEST(CpuUse, WhereACoreCameThoseThatWereThereTell) {
  const CpuUse use = use_between("cpu  100000 0 0 900000\ncpu0 100000 0 0 900000\n",
                                 "cpu  100695 0 0 1800005\ncpu0 100095 0 0 900005\ncpu1 600 0 0 900000\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 95);
  EXPECT_EQ(use.fallback, CpuFallback::cores_changed);
}

TEST(CpuUse, WhereOneCoreCameForAnotherThoseInBothTell) {
  const CpuUse use = use_between("cpu  100 0 0 100\ncpu0 50 0 0 50\ncpu1 50 0 0 50\n",
                                 "cpu  9000 0 0 110\ncpu0 80 0 0 120\ncpu2 9000 0 0 40\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 30);
  EXPECT_EQ(use.fallback, CpuFallback::cores_changed);
}

TEST(CpuUse, WhereNoCoreIsInBothTheLineOfAllTells) {
  for (const char* before : {"cpu  0 0 0 0\n", "cpu  0 0 0 0\ncpu1 0 0 0 0\n"}) {
    const CpuUse use = use_between(before, "cpu  20 0 0 80\ncpu0 9 0 0 1\n");
    EXPECT_DOUBLE_EQ(use.shares.value().busy, 20) << before;
    EXPECT_EQ(use.fallback, CpuFallback::none) << before;
  }
}

/// Between two readings of which the monotonic clock says that they are a second apart.
CpuUse use_in_a_second(std::string_view before, std::string_view after) {
  return cpu_use(parse_cpu_stat(before), parse_cpu_stat(after), most_ticks_in(1, 100));
}

TEST(CpuUse, AStateThatGrewByMoreThanWentByCountsAsNone) {
  const CpuUse use =
      use_in_a_second("cpu  0 0 0 0 0 0 0 1000\ncpu0 0 0 0 0 0 0 0 500\ncpu1 0 0 0 0 0 0 0 500\n",
                      "cpu  10 0 0 190 0 0 0 900001000\ncpu0 5 0 0 95 0 0 0 900000500\n"
                      "cpu1 5 0 0 95 0 0 0 500\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 5);
  EXPECT_DOUBLE_EQ(use.shares->percent[CpuTimes::steal], 0);
  EXPECT_EQ(use.fallback, CpuFallback::leapt);
  ASSERT_EQ(use.cores.size(), 2U);
  EXPECT_DOUBLE_EQ(use.cores[0].busy, 5);
}

TEST(CpuUse, WithoutLinesOfCoresAStateLeapsWhenNoNumberOfCoresCanHaveSpentIt) {
  const CpuUse use = use_in_a_second("cpu  0 0 0 0 0 0 0 0\n", "cpu  5 0 0 95 0 0 0 900000000\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 5);
  EXPECT_EQ(use.fallback, CpuFallback::leapt);
  const CpuUse of_many = use_in_a_second("cpu  0 0 0 0\n", "cpu  50000 0 0 50000\n");
  EXPECT_DOUBLE_EQ(of_many.shares.value().busy, 50);
  EXPECT_EQ(of_many.fallback, CpuFallback::none);
}

TEST(CpuUse, ALeapOfOneCoreIsNoticedThoughAllTogetherCouldHaveSpentIt) {
  std::string before = "cpu  0 0 0 0\n";
  std::string after = "cpu  5000 0 0 1600\ncpu0 5000 0 0 100\n";
  for (int core = 0; core < 16; ++core) {
    before += "cpu" + std::to_string(core) + " 0 0 0 0\n";
    if (core > 0) after += "cpu" + std::to_string(core) + " 0 0 0 100\n";
  }
  EXPECT_DOUBLE_EQ(use_in_a_second(before, after).shares.value().busy, 0);
}

TEST(CpuUse, ACoreWhoseIdleTimeLeaptIsLeftOut) {
  const CpuUse use = use_in_a_second("cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n",
                                     "cpu  60 0 0 90040\ncpu0 60 0 0 40\ncpu1 0 0 0 90000\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 60);
  EXPECT_EQ(use.fallback, CpuFallback::core_was_away);
  EXPECT_EQ(use.cores.size(), 1U);
}

TEST(CpuUse, ATickThatIsSlowIsNoLeap) {
  const CpuUse use =
      use_in_a_second("cpu  0 0 0 0\ncpu0 0 0 0 0\n", "cpu  1000 0 0 100\ncpu0 1000 0 0 100\n");
  EXPECT_EQ(use.fallback, CpuFallback::none) << "eleven seconds, by a clock that was read ten earlier";
  EXPECT_NEAR(use.shares.value().busy, 90.9, 0.1);
}

TEST(CpuUse, WhereAllLeaptItCountsAsItIs) {
  const CpuUse use =
      use_in_a_second("cpu  0 0 0 0\ncpu0 0 0 0 0\n", "cpu  30000 0 0 70000\ncpu0 30000 0 0 70000\n");
  EXPECT_DOUBLE_EQ(use.shares.value().busy, 30);
  EXPECT_EQ(use.fallback, CpuFallback::all_leapt);
  EXPECT_EQ(use.cores.size(), 1U);
}

TEST(MostTicks, AreGenerousAndNeverOverflow) {
  EXPECT_EQ(most_ticks_in(1, 100), 1200U);
  EXPECT_EQ(most_ticks_in(60, 100), 13000U);
  EXPECT_EQ(most_ticks_in(1e300, 1024), kAnyTicks);
}

}  // namespace
}  // namespace hostwatch::agent::test
