#include "agent/sampling/sampling_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "tests/unit/agent/delivery/eventually.h"

namespace hostwatch::agent {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using Time = std::chrono::steady_clock::time_point;

Collected some_values() {
  Collected values;
  values.cpu = values.ram = values.disk = 1;
  return values;
}

/// What a sampling thread did.
struct Record {
  std::mutex mutex;
  std::vector<Time> collected;
  std::vector<protocol::Reading> readings;

  std::size_t count() {
    const std::scoped_lock lock(mutex);
    return readings.size();
  }
};

Sampler make_sampler(Record& record) {
  return Sampler("host", 1s,
                 {[&record](Time now) {
                    const std::scoped_lock lock(record.mutex);
                    record.collected.push_back(now);
                    return some_values();
                  },
                  [](const auto&) { return protocol::HostFacts{}; },
                  [time = std::int64_t{1'763'884'800}]() mutable { return time++; }});
}

SamplingThread::HandOn into(Record& record) {
  return [&record](const protocol::Reading& reading) {
    const std::scoped_lock lock(record.mutex);
    record.readings.push_back(reading);
  };
}

TEST(SamplingThreadTest, TheFirstSampleIsSilentAndTheFirstReadingComesAfterTheWarmUp) {
  Record record;
  Sampler sampler = make_sampler(record);
  SamplingThread thread(sampler, 1h, into(record), 50ms);
  ASSERT_TRUE(eventually([&] { return record.count() == 1; }));
  EXPECT_TRUE(thread.stop(20s));
  ASSERT_EQ(record.collected.size(), 2U);
  EXPECT_GE(record.collected[1] - record.collected[0], 50ms);
}

TEST(SamplingThreadTest, ReadingsFollowAtTheIntervalWithGrowingTimestamps) {
  Record record;
  Sampler sampler = make_sampler(record);
  SamplingThread thread(sampler, 5ms, into(record), 1ms);
  ASSERT_TRUE(eventually([&] { return record.count() >= 5; }));
  EXPECT_TRUE(thread.stop(20s));
  for (std::size_t i = 1; i < record.readings.size(); ++i) {
    EXPECT_EQ(record.readings[i].timestamp, record.readings[i - 1].timestamp + 1);
    EXPECT_GT(record.collected[i + 1], record.collected[i]);
  }
}

TEST(SamplingThreadTest, AStopEndsTheWaitForTheNextTick) {
  Record record;
  Sampler sampler = make_sampler(record);
  SamplingThread thread(sampler, 1h, into(record), 1h);
  EXPECT_TRUE(thread.stop(20s));
  EXPECT_EQ(record.count(), 0U);
}

TEST(SamplingThreadTest, ASampleThatFailsDoesNotEndSampling) {
  Record record;
  std::atomic<int> calls = 0;
  Sampler sampler("host", 1s,
                  {[&calls](Time) -> Collected {
                     if (++calls < 4) throw std::runtime_error("no memory");
                     return some_values();
                   },
                   [](const auto&) { return protocol::HostFacts{}; }, [] { return std::int64_t{1}; }});
  SamplingThread thread(sampler, 2ms, into(record), 1ms);
  EXPECT_TRUE(eventually([&] { return record.count() >= 1; }));
}

TEST(SamplingThreadTest, AStopTellsWhenASourceHangs) {
  std::atomic<bool> hangs = false;
  std::atomic<bool> let_go = false;
  Sampler sampler("host", 1s,
                  {[&](Time) {
                     hangs = true;
                     EXPECT_TRUE(eventually([&] { return let_go.load(); }));
                     return some_values();
                   },
                   [](const auto&) { return protocol::HostFacts{}; }, [] { return std::int64_t{1}; }});
  SamplingThread thread(
      sampler, 1h, [](const protocol::Reading&) {}, 1h);
  ASSERT_TRUE(eventually([&] { return hangs.load(); }));
  EXPECT_FALSE(thread.stop(1ms));
  let_go = true;
  EXPECT_TRUE(thread.stop(20s));
}

}  // namespace
}  // namespace hostwatch::agent
