#include "agent/collectors/cpu.h"

#include <gtest/gtest.h>

#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

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
  const hostwatch::test::LogCapture log;
  for (int second = 0; second < 3; ++second) {
    write("cpu  0 0 0 0\n");
    tick(collector_, at(second));
  }
  EXPECT_EQ(log.text(), "warning cpu: no time went by in any state, so it is 0\n");
}

TEST_F(CpuCollectorTest, SaysOnceThatAStateGrewByMoreThanWentBy) {
  const hostwatch::test::LogCapture log;
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
  const hostwatch::test::LogCapture log;
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
