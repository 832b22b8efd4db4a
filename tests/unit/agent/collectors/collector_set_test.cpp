#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "agent/collectors/collector_set.h"
#include "agent/collectors/registry.h"
#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

/// Adds one value, and fails behind it while it is told to.
class FakeCollector : public Collector {
 public:
  explicit FakeCollector(std::string metric, const bool* failing = nullptr)
      : metric_(std::move(metric)), failing_(failing) {}
  void collect(std::chrono::steady_clock::time_point, Collected& into) override {
    into.add(metric_, "", 1);
    if (failing_ != nullptr && *failing_) throw CollectorError("the disk is on fire");
  }

 private:
  std::string metric_;
  const bool* failing_;
};

/// first, second, which fails while it is told to, and third.
std::vector<NamedCollector> three_collectors(const bool& failing) {
  std::vector<NamedCollector> collectors;
  collectors.push_back({"first", std::make_unique<FakeCollector>("first")});
  collectors.push_back({"second", std::make_unique<FakeCollector>("second", &failing)});
  collectors.push_back({"third", std::make_unique<FakeCollector>("third")});
  return collectors;
}

/// Without the set's own values.
Values of_collectors(const Collected& collected) {
  Values values = by_name(collected);
  std::erase_if(values, [](const auto& value) { return value.first.starts_with("agent_collector_"); });
  return values;
}

/// The set's own alone.
Values of_set(const Collected& collected) {
  Values values = by_name(collected);
  std::erase_if(values, [](const auto& value) { return !value.first.starts_with("agent_collector_"); });
  return values;
}

TEST(CollectorSet, OneThatFailsDoesNotSilenceTheOthersAndSaysSoOnce) {
  const hostwatch::test::LogCapture log;
  bool failing = true;
  CollectorSet set(three_collectors(failing));
  for (int second = 0; second < 3; ++second) {
    EXPECT_EQ(of_collectors(set.collect(at(second))), (Values{{"first", 1}, {"second", 1}, {"third", 1}}));
  }
  const std::string warning =
      "warning collector second: the disk is on fire (what it cannot tell is left out until it works "
      "again)\n";
  EXPECT_EQ(log.text(), warning);
  failing = false;
  set.collect(at(3));
  set.collect(at(4));
  EXPECT_EQ(log.text(), warning + "info collector second: works again\n");
  failing = true;
  set.collect(at(5));
  EXPECT_EQ(log.text(), warning + "info collector second: works again\n" + warning);
}

TEST(CollectorSet, AFailureIsAValueFromTheFirstOneOn) {
  const hostwatch::test::LogCapture log;
  bool failing = false;
  CollectorSet set(three_collectors(failing));
  EXPECT_EQ(of_set(set.collect(at(0))), Values{}) << "nothing failed yet, and readings stay small";
  failing = true;
  EXPECT_EQ(of_set(set.collect(at(1))), (Values{{"agent_collector_failing{second}", 1}}));
  failing = false;
  EXPECT_EQ(of_set(set.collect(at(2))), (Values{{"agent_collector_failing{second}", 0}}));
  EXPECT_EQ(of_set(set.collect(at(3))), (Values{{"agent_collector_failing{second}", 0}}));
}

TEST(CollectorSet, WithAClockEachCollectorsTimeIsAValue) {
  const hostwatch::test::LogCapture log;
  double time = 0;
  double step = 0;
  bool failing = true;
  CollectorSet set(three_collectors(failing), [&] {
    step += 0.001;  // what each takes is a millisecond more than what the one before took
    return at(time += step);
  });
  EXPECT_EQ(of_set(set.collect(at(0))), (Values{{"agent_collector_seconds{first}", 0.002},
                                                {"agent_collector_seconds{second}", 0.003},
                                                {"agent_collector_failing{second}", 1},
                                                {"agent_collector_seconds{third}", 0.004}}))
      << "one that fails takes its time too";
}

TEST(CollectorSet, WithoutAClockNoTimeIsMeasured) {
  bool failing = false;
  CollectorSet set(three_collectors(failing));
  EXPECT_EQ(of_set(set.collect(at(0))), Values{});
}

TEST(CollectorSet, IsNotStuckWhenNoneIs) {
  EXPECT_FALSE(CollectorSet(make_collectors(default_collectors(), {})).has_stuck_worker());
}

TEST(Collected, RoundsAsTheCatalogueSays) {
  Collected collected;
  collected.add("load1", "", 0.126);
  collected.add("memory_used_bytes", "", 12.5);
  collected.add("filesystem_used_percent", "/", 99.94);
  collected.add("my_own_gauge", "", 1.23456);
  EXPECT_EQ(by_name(collected), (Values{{"load1", 0.13},
                                        {"memory_used_bytes", 13},
                                        {"filesystem_used_percent{/}", 99.9},
                                        {"my_own_gauge", 1.235}}));
}

TEST(Collected, HasNoNegativeZero) {
  Collected collected;
  collected.add("my_own_gauge", "", -0.0);
  collected.add("another", "", -0.0001);
  for (const auto& sample : collected.samples) EXPECT_FALSE(std::signbit(sample.value)) << sample.metric;
}

TEST(Collected, LeavesOutWhatTheServerWouldRefuse) {
  Collected collected;
  collected.add("load1", "", std::nan(""));
  collected.add("load1", "", std::numeric_limits<double>::infinity());
  collected.add("load1", "", -1);
  collected.add("disk_busy_percent", "sda", 101);
  collected.add("my_own_gauge", "", std::nan(""));
  collected.add("my_own_gauge", "", -std::numeric_limits<double>::infinity());
  collected.add("my_own_gauge", "", 1.1e300);
  EXPECT_TRUE(collected.samples.empty());
}

TEST(Collected, OfTooManySamplesTheLastInstancesGo) {
  Collected collected;
  for (int i = 0; i < 600; ++i) collected.add("cpu_core_percent", std::to_string(i), 1);
  for (int i = 0; i < 40; ++i) collected.add("filesystem_size_bytes", std::to_string(i), 1);
  collected.add("load1", "", 1);
  EXPECT_EQ(collected.limit_samples(500), 141U);
  const Values values = by_name(collected);
  EXPECT_EQ(values.size(), 500U);
  EXPECT_TRUE(values.contains("load1"));
  EXPECT_TRUE(values.contains("filesystem_size_bytes{39}"));
  EXPECT_TRUE(values.contains("cpu_core_percent{458}"));
  EXPECT_FALSE(values.contains("cpu_core_percent{459}"));
  EXPECT_EQ(collected.limit_samples(500), 0U);
}

}  // namespace
}  // namespace hostwatch::agent::test
