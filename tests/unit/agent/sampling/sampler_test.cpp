#include "agent/sampling/sampler.h"

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
  std::vector<protocol::Sample> sent_with_facts;
  Time now{1h};
  Sampler sampler{"web-1",
                  10s,
                  {[this](Time) {
                     ++collected;
                     return values;
                   },
                   [this](const std::vector<protocol::Sample>& samples) {
                     sent_with_facts = samples;
                     return facts;
                   },
                   [this] { return unix_now; }}};
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

TEST_F(SamplerTest, TheFactsAreReadKnowingWhatIsSentWithThem) {
  tick();
  EXPECT_EQ(sent_with_facts, values.samples);
}

TEST_F(SamplerTest, AReadingHangsOnNoSingleNumber) {
  values.cpu.reset();
  EXPECT_EQ(tick().value().cpu, 0);
  values.cpu = 1;
  values.ram.reset();
  values.disk.reset();
  const auto reading = tick();
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->cpu, 1);
  EXPECT_EQ(reading->ram, 0);
  EXPECT_EQ(reading->disk, 0);
  EXPECT_EQ(reading->samples, values.samples);
}

TEST_F(SamplerTest, WithoutCpuAndRamThereIsNoReading) {
  values.cpu.reset();
  values.ram.reset();
  EXPECT_FALSE(tick());
  values.ram = 1;
  const auto reading = tick();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->facts) << "the facts wait for a reading that can carry them";
}

TEST_F(SamplerTest, ANameThatWasGivenStays) {
  EXPECT_EQ(tick(1h)->hostname, "web-1");
}

/// A host whose own name a test sets.
class RenamedHostTest : public SamplerTest {
 protected:
  Sampler follow(const std::string& first, bool may_take = true) {
    name = first;
    return Sampler(first, 10s,
                   {[this](Time) { return values; }, [this](const auto&) { return facts; },
                    [this] { return unix_now; }, [this] { return name; },
                    [this, may_take](const std::string& wanted) {
                      asked.push_back(wanted);
                      return may_take;
                    }});
  }

  std::string name;
  std::vector<std::string> asked;
};

TEST_F(RenamedHostTest, HasItsNewNameWithinFiveMinutesAndTellsItsFacts) {
  Sampler renamed = follow("web-1");
  EXPECT_EQ(renamed.sample(now)->hostname, "web-1");
  name = "web-7";
  EXPECT_EQ(renamed.sample(now + 10s)->hostname, "web-1");
  const auto reading = renamed.sample(now + 5min);
  EXPECT_EQ(reading->hostname, "web-7");
  EXPECT_TRUE(reading->facts);
}

TEST_F(RenamedHostTest, ThatHadNoNameOfItsOwnHasOneAtTheNextTick) {
  for (const char* none : {"localhost", "localhost.localdomain"}) {
    Sampler renamed = follow(none);
    EXPECT_EQ(renamed.sample(now)->hostname, none);
    name = "web-7";
    EXPECT_EQ(renamed.sample(now + 1s)->hostname, "web-7");
  }
}

TEST_F(RenamedHostTest, ThatLostItsNameKeepsIt) {
  Sampler renamed = follow("web-1");
  renamed.sample(now);
  for (const char* none : {"localhost", "(none)", ""}) {
    name = none;
    now += 5min;
    EXPECT_EQ(renamed.sample(now)->hostname, "web-1") << none;
  }
}

TEST_F(RenamedHostTest, KeepsItsNameUntilItMayTakeTheOtherAndAsksOnce) {
  Sampler renamed = follow("web-1", /*may_take=*/false);
  name = "web-7";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(renamed.sample(now += 5min)->hostname, "web-1");
  EXPECT_EQ(asked, (std::vector<std::string>{"web-7"}));
  renamed.set_hostname("web-7");
  EXPECT_EQ(renamed.sample(now += 10s)->hostname, "web-7");
}

TEST_F(RenamedHostTest, ThatHasItsFormerNameAgainBeforeItMightTakeTheOtherAsksForThatOne) {
  Sampler renamed = follow("web-1", /*may_take=*/false);
  renamed.sample(now);
  for (const char* called : {"web-7", "web-1", "web-1", "web-7"}) {
    name = called;
    renamed.sample(now += 5min);
  }
  EXPECT_EQ(asked, (std::vector<std::string>{"web-7", "web-1", "web-7"}));
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
