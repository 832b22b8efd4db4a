#include "agent/collectors/cpu.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/agent/collectors/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

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

class CpuCollectorTest : public testing::Test {
 protected:
  void write(std::string_view text) { tree_.write("proc/stat", text); }

  TempTree tree_;
  CpuCollector collector_{tree_.roots()};
};

TEST_F(CpuCollectorTest, TheFirstTickHasOnlyWhatNeedsNoEarlierOne) {
  write(
      "cpu  1 0 0 4 0 0 0 0\ncpu0 1 0 0 4 0 0 0 0\nctxt 5\nprocesses 6\nprocs_running 2\nprocs_blocked 0\n");
  const Collected first = tick(collector_, at(0));
  EXPECT_FALSE(first.cpu);
  EXPECT_EQ(by_name(first), (Values{{"processes_running", 2}, {"processes_blocked", 0}}));
}

TEST_F(CpuCollectorTest, RatesAreOverTheTimeBetween) {
  write("cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\nctxt 100\nprocesses 10\n");
  tick(collector_, at(0));
  write("cpu  30 0 0 70 0 0 0 0\ncpu0 30 0 0 70 0 0 0 0\nctxt 1100\nprocesses 15\n");
  const Collected second = tick(collector_, at(2));
  EXPECT_DOUBLE_EQ(second.cpu.value(), 30);
  const Values values = by_name(second);
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{0}"), 30);
  EXPECT_DOUBLE_EQ(values.at("cpu_state_percent{user}"), 30);
  EXPECT_DOUBLE_EQ(values.at("cpu_state_percent{idle}"), 70);
  EXPECT_DOUBLE_EQ(values.at("context_switches_per_second"), 500);
  EXPECT_DOUBLE_EQ(values.at("forks_per_second"), 2.5);
  EXPECT_FALSE(values.contains("processes_blocked")) << "absent is not zero";
}

TEST_F(CpuCollectorTest, ACoreThatComesHasNoValueUntilItsSecondTick) {
  write("cpu  0 0 0 0\ncpu0 0 0 0 0\n");
  tick(collector_, at(0));
  write("cpu  10 0 0 10\ncpu0 5 0 0 5\ncpu1 500 0 0 0\n");
  EXPECT_FALSE(by_name(tick(collector_, at(1))).contains("cpu_core_percent{1}"));
  write("cpu  20 0 0 20\ncpu0 10 0 0 10\ncpu1 501 0 0 3\n");
  EXPECT_DOUBLE_EQ(by_name(tick(collector_, at(2))).at("cpu_core_percent{1}"), 25);
}

TEST_F(CpuCollectorTest, ACoreThatGoesTakesNoOtherWithIt) {
  write("cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\ncpu2 0 0 0 0\n");
  tick(collector_, at(0));
  write("cpu  1 0 0 3\ncpu0 1 0 0 3\ncpu2 3 0 0 1\n");
  const Values values = by_name(tick(collector_, at(1)));
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{0}"), 25);
  EXPECT_FALSE(values.contains("cpu_core_percent{1}"));
  EXPECT_DOUBLE_EQ(values.at("cpu_core_percent{2}"), 75);
}

TEST_F(CpuCollectorTest, TimeStandingStillGivesNoRatesAndForgetsNothing) {
  write("cpu  0 0 0 0\nctxt 0\n");
  tick(collector_, at(0));
  write("cpu  50 0 0 50\nctxt 500\n");
  const Collected still = tick(collector_, at(0));
  EXPECT_FALSE(still.cpu);
  EXPECT_TRUE(still.samples.empty());
  EXPECT_DOUBLE_EQ(by_name(tick(collector_, at(1))).at("context_switches_per_second"), 500);
}

TEST_F(CpuCollectorTest, WhereNobodyKnowsWhatTheTimeWasSpentOnCpuIs0AndItsStatesAreAbsent) {
  write("cpu  1000 0 0 1000\nctxt 1000\n");
  tick(collector_, at(0));
  write("cpu  10 0 0 10\nctxt 10\n");
  const Collected reset = tick(collector_, at(1));
  EXPECT_EQ(reset.cpu, 0);
  EXPECT_TRUE(reset.samples.empty());
  write("cpu  20 0 0 20\nctxt 20\n");
  const Collected after = tick(collector_, at(2));
  EXPECT_DOUBLE_EQ(after.cpu.value(), 50);
  EXPECT_DOUBLE_EQ(by_name(after).at("context_switches_per_second"), 10);
}

TEST_F(CpuCollectorTest, ACoreThatWasAwayHasNoValueForOneTick) {
  write("cpu  20 0 0 20000\ncpu0 10 0 0 10000\ncpu1 10 0 0 10000\n");
  tick(collector_, at(0));
  write("cpu  40 0 0 10100\ncpu0 30 0 0 10080\ncpu1 10 0 0 20\n");
  const Collected back = tick(collector_, at(1));
  EXPECT_DOUBLE_EQ(back.cpu.value(), 20);
  EXPECT_DOUBLE_EQ(by_name(back).at("cpu_core_percent{0}"), 20);
  EXPECT_FALSE(by_name(back).contains("cpu_core_percent{1}"));
  write("cpu  60 0 0 10280\ncpu0 50 0 0 10160\ncpu1 10 0 0 120\n");
  const Collected later = tick(collector_, at(2));
  EXPECT_DOUBLE_EQ(later.cpu.value(), 10);
  EXPECT_DOUBLE_EQ(by_name(later).at("cpu_core_percent{1}"), 0);
}

TEST_F(CpuCollectorTest, AColumnThatCannotBeReadIsAbsentAmongTheStates) {
  write("cpu  0 0 0 0 0\n");
  tick(collector_, at(0));
  write("cpu  10 0 10 80 ?\n");
  const Collected second = tick(collector_, at(1));
  EXPECT_DOUBLE_EQ(second.cpu.value(), 20);
  EXPECT_FALSE(by_name(second).contains("cpu_state_percent{iowait}"));
  EXPECT_TRUE(by_name(second).contains("cpu_state_percent{idle}"));
}

TEST_F(CpuCollectorTest, ALineThatCannotBeReadTakesNoOtherValueWithIt) {
  write("cpu  0 0 0 0\nctxt 0\nprocs_running 1\n");
  tick(collector_, at(0));
  write("cpu  garbage\nctxt 100\nprocs_running 2\n");
  Collected second;
  EXPECT_THROW(collector_.collect(at(1), second), CollectorError);
  EXPECT_EQ(by_name(second), (Values{{"context_switches_per_second", 100}, {"processes_running", 2}}));
}

TEST_F(CpuCollectorTest, SaysOnceWhyAValueIsMadeInAnotherWay) {
  LogCapture log;
  for (int second = 0; second < 3; ++second) {
    write("cpu  0 0 0 0\n");
    tick(collector_, at(second));
  }
  EXPECT_EQ(log.text(), "warning cpu: no time went by in any state, so it is 0\n");
}

TEST_F(CpuCollectorTest, SaysOnceThatAStateGrewByMoreThanWentBy) {
  LogCapture log;
  for (int second = 0; second < 3; ++second) {
    const std::string busy = std::to_string(5 * second);
    const std::string idle = std::to_string(95 * second);
    const std::string steal = std::to_string(900000000LL * second);
    const std::string columns = " " + busy + " 0 0 " + idle + " 0 0 0 " + steal + "\n";
    write("cpu " + columns + "cpu0" + columns);
    const Collected collected = tick(collector_, at(second));
    if (second == 0) continue;
    EXPECT_DOUBLE_EQ(collected.cpu.value(), 5);
    EXPECT_DOUBLE_EQ(by_name(collected).at("cpu_state_percent{steal}"), 0);
    EXPECT_DOUBLE_EQ(by_name(collected).at("cpu_core_percent{0}"), 5);
  }
  EXPECT_EQ(
      log.text(),
      "warning cpu: time spent in a state grew by more than went by, which counts as none spent there\n");
}

TEST_F(CpuCollectorTest, SaysOnceThatACoreCameOrWent) {
  LogCapture log;
  write("cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n");
  tick(collector_, at(0));
  write("cpu  10 0 0 90090\ncpu0 10 0 0 90\n");
  EXPECT_DOUBLE_EQ(tick(collector_, at(1)).cpu.value(), 10);
  write("cpu  30 0 0 170\ncpu0 30 0 0 170\ncpu1 0 0 0 0\n");
  EXPECT_DOUBLE_EQ(tick(collector_, at(2)).cpu.value(), 20);
  EXPECT_EQ(
      log.text(),
      "warning cpu: a core came or went: the lines of those that were there all the time are counted\n");
}

TEST_F(CpuCollectorTest, AFailedTickIsBridged) {
  write("cpu  0 0 0 0\nctxt 0\n");
  tick(collector_, at(0));
  write("");
  EXPECT_THROW(tick(collector_, at(1)), CollectorError);
  write("cpu  10 0 0 30\nctxt 400\n");
  const Collected after = tick(collector_, at(4));
  EXPECT_DOUBLE_EQ(after.cpu.value(), 25);
  EXPECT_DOUBLE_EQ(by_name(after).at("context_switches_per_second"), 100);
}

TEST_F(CpuCollectorTest, FailsWithThePathWhenThereIsNothingToRead) {
  try {
    tick(collector_, at(0));
    FAIL();
  } catch (const CollectorError& error) {
    EXPECT_NE(std::string(error.what()).find("proc/stat"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hostwatch::agent::test
