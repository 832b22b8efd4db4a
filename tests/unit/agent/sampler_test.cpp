#include "agent/sampler.h"

#include <gtest/gtest.h>

#include <vector>

namespace hostwatch::agent {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

/// A host whose values, clock and facts a test sets.
class SamplerTest : public ::testing::Test {
 protected:
  SamplerTest() {
    values.cpu = 12.5;
    values.ram = 41;
    values.disk = 73;
    values.samples = {{"load1", "", 0.5}};
    facts.os = "Debian";
  }

  std::optional<protocol::Reading> tick(std::chrono::seconds later = 10s) {
    now += later;
    return sampler.sample(now);
  }

  Collected values;
  protocol::HostFacts facts;
  std::int64_t unix_now = 1'763'884'800;
  int collected = 0;
  Time now{1h};
  Sampler sampler{"web-1",
                  10s,
                  {[this](Time) {
                     ++collected;
                     return values;
                   },
                   [this] { return facts; }, [this] { return unix_now; }}};
};

TEST_F(SamplerTest, AReadingCarriesTheNameTheTimeAndTheValues) {
  const auto reading = tick();
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->hostname, "web-1");
  EXPECT_EQ(reading->timestamp, 1'763'884'800);
  EXPECT_EQ(reading->cpu, 12.5);
  EXPECT_EQ(reading->ram, 41);
  EXPECT_EQ(reading->disk, 73);
  EXPECT_EQ(reading->samples, values.samples);
}

TEST_F(SamplerTest, TheWarmUpCollectsAndTakesNoTimestampAndNoFacts) {
  sampler.warm_up(now);
  EXPECT_EQ(collected, 1);
  const auto reading = tick();
  EXPECT_EQ(reading->timestamp, unix_now);
  EXPECT_TRUE(reading->facts);
}

TEST_F(SamplerTest, WithoutCpuRamOrDiskThereIsNoReading) {
  values.cpu.reset();
  EXPECT_FALSE(tick());
  values.cpu = 1;
  values.ram.reset();
  EXPECT_FALSE(tick());
  values.ram = 1;
  values.disk.reset();
  EXPECT_FALSE(tick());
  values.disk = 1;
  const auto reading = tick();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->facts) << "the facts wait for a reading that can carry them";
}

TEST_F(SamplerTest, FactsTravelWithTheFirstReadingAndNameTheInterval) {
  const auto first = tick();
  ASSERT_TRUE(first->facts);
  EXPECT_EQ(first->facts->os, "Debian");
  EXPECT_EQ(first->facts->interval_seconds, 10);
  EXPECT_FALSE(tick()->facts);
}

TEST_F(SamplerTest, FactsTravelAgainWhenTheServerMayNotKnowThem) {
  tick();
  sampler.want_facts();
  EXPECT_TRUE(tick()->facts);
  EXPECT_FALSE(tick()->facts);
}

TEST_F(SamplerTest, FactsTravelWithinFiveMinutesOfAChange) {
  tick();
  facts.os = "Debian, upgraded";
  EXPECT_FALSE(tick()->facts);
  const auto later = tick(5min);
  ASSERT_TRUE(later->facts);
  EXPECT_EQ(later->facts->os, "Debian, upgraded");
  EXPECT_FALSE(tick(5min)->facts);
}

TEST_F(SamplerTest, FactsTravelOnceAnHour) {
  tick();
  int times = 0;
  for (int i = 0; i < 3 * 360; ++i) times += tick()->facts ? 1 : 0;
  EXPECT_EQ(times, 3);
}

}  // namespace
}  // namespace hostwatch::agent
