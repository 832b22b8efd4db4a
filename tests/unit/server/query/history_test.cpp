// Buckets of the history: held against the plain definition on random data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/unit/server/query/history_fixture.h"

namespace hostwatch::query {
namespace {

using storage::StoreFixture;
using ::testing::ElementsAre;

TEST_F(HistoryTest, FewReadingsComeAsTheyAre) {
  fixture_.append({StoreFixture::reading("a", kStart + 3, 1), StoreFixture::reading("a", kStart + 17, 2)});
  const History history = read(request(kStart, kStart + 100));
  EXPECT_EQ(history.step, 0);
  ASSERT_EQ(history.hosts.size(), 1U);
  EXPECT_THAT(history.hosts[0].timestamps, ElementsAre(kStart + 3, kStart + 17));
  EXPECT_THAT(history.hosts[0].find("cpu")->maxima(), ElementsAre(1, 2));
}

TEST_F(HistoryTest, BucketsHoldTheAverageMinimumAndMaximumOfTheirReadings) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::int64_t, std::vector<double>> expected;
  constexpr std::int64_t kStep = 60;
  std::vector<protocol::Reading> readings;
  for (std::int64_t t = kStart + 7; t < kStart + 7200; t += 1 + static_cast<std::int64_t>(random() % 40)) {
    if (t > kStart + 3000 && t < kStart + 4000) continue;  // a gap
    const double cpu = static_cast<double>(random() % 1001) / 10;
    readings.push_back(StoreFixture::reading("a", t, cpu));
    expected[t / kStep * kStep].push_back(cpu);
  }
  fixture_.append(std::vector(readings.begin() + 50, readings.end()));
  fixture_.maintain();
  fixture_.append(std::vector(readings.begin(), readings.begin() + 50));  // a seam in the middle of a bucket
  HistoryRequest asked = request(kStart, kStart + 7200);
  asked.step = kStep;
  const History history = read(asked);
  ASSERT_EQ(history.hosts.at(0).timestamps.size(), expected.size());
  const SeriesHistory& cpu = *history.hosts[0].find("cpu");
  std::size_t row = 0;
  for (const auto& [bucket, values] : expected) {
    EXPECT_EQ(history.hosts[0].timestamps[row], bucket);
    EXPECT_EQ(cpu.minimum[row], *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(cpu.maximum[row], *std::max_element(values.begin(), values.end()));
    double sum = 0;
    for (const double value : values) sum += value;
    EXPECT_NEAR(cpu.average[row], sum / static_cast<double>(values.size()), 0.005 + 1e-9)
        << "rounded to 0.01";
    ++row;
  }
}

TEST_F(HistoryTest, ASeriesThatIsMissingForAWhileHasNoValuesThere) {
  fixture_.append({StoreFixture::reading("a", kStart, 1),
                   StoreFixture::reading("a", kStart + 10, 1, {{"load1", "", 5}}),
                   StoreFixture::reading("a", kStart + 20, 1)});
  HistoryRequest asked = request(kStart, kStart + 100);
  asked.all_metrics = true;
  const History history = read(asked);
  const SeriesHistory& load = *history.hosts.at(0).find("load1");
  ASSERT_EQ(load.average.size(), 3U);
  EXPECT_TRUE(std::isnan(load.average[0]));
  EXPECT_EQ(load.average[1], 5);
  EXPECT_TRUE(std::isnan(load.average[2]));
}

TEST_F(HistoryTest, SeriesStandInTheCataloguesOrderCustomOnesLast) {
  fixture_.append({StoreFixture::reading("a", kStart, 1,
                                         {{"zebra", "", 1},
                                          {"load1", "", 1},
                                          {"ant", "", 1},
                                          {"cpu_core_percent", "1", 1},
                                          {"cpu_core_percent", "0", 1}})});
  HistoryRequest asked = request(kStart, kStart);
  asked.all_metrics = true;
  const History history = read(asked);
  std::vector<std::string> names;
  for (const SeriesHistory& series : history.hosts.at(0).series)
    names.push_back(series.metric + series.instance);
  EXPECT_THAT(names, ElementsAre("cpu", "ram", "disk", "cpu_core_percent0", "cpu_core_percent1", "load1",
                                 "ant", "zebra"));
}

TEST_F(HistoryTest, ManyReadingsBecomeAtMostThatManyPoints) {
  std::vector<protocol::Reading> readings;
  readings.reserve(3600);
  for (int i = 0; i < 3600; ++i) readings.push_back(StoreFixture::reading("a", kStart + i, i % 100));
  fixture_.append(readings);
  HistoryRequest asked = request(kStart, kStart + 3599);
  asked.points = 100;
  const History history = read(asked);
  EXPECT_EQ(history.step, 60);
  EXPECT_LE(history.hosts.at(0).timestamps.size(), 100U);
  EXPECT_EQ(history.hosts[0].find("cpu")->maximum[0], 59);
}

/// The clocks of hosts may be ahead: what lies behind `to` counts as well.
TEST_F(HistoryTest, ReadingsOfAClockThatIsAheadAreWithinThePoints) {
  std::vector<protocol::Reading> readings;
  readings.reserve(890);
  for (int i = -600; i < 290; ++i) readings.push_back(StoreFixture::reading("a", kStart + i, 1));
  fixture_.append(readings);
  for (const std::int64_t points : {1, 2, 11, 50, 100, 500}) {
    for (const std::int64_t seconds : {10, 40, 599}) {
      HistoryRequest asked = request(kStart - seconds, kStart);
      asked.slack = 300;
      asked.points = points;
      const History history = read(asked);
      EXPECT_LE(history.rows(), static_cast<std::size_t>(points)) << seconds << " s";
      EXPECT_GE(history.rows(), 1U) << seconds << " s in " << points;
    }
  }
}

TEST_F(HistoryTest, ManyHostsShareTheRows) {
  std::vector<protocol::Reading> readings;
  for (int host = 0; host < 10; ++host) {
    for (int i = 0; i < 100; ++i)
      readings.push_back(StoreFixture::reading("host-" + std::to_string(host), kStart + i));
  }
  fixture_.append(readings);
  HistoryLimits limits;
  limits.max_rows = 200;
  const History history = read(request(kStart, kStart + 99), limits);
  EXPECT_EQ(history.hosts.size(), 10U);
  EXPECT_LE(history.rows(), 200U);
  EXPECT_GT(history.step, 0);
}

/// Such values came in before they were limited, and are kept.
TEST_F(HistoryTest, AnAverageBeyondADoubleIsNone) {
  fixture_.append({StoreFixture::reading("a", kStart, 1, {{"big", "", 1.5e308}, {"two", "", 1.7e308}}),
                   StoreFixture::reading("a", kStart + 1, 1, {{"big", "", 1.5e308}, {"two", "", -1.7e308}}),
                   StoreFixture::reading("a", kStart + 60, 1, {{"big", "", 1e300}, {"two", "", 1}}),
                   StoreFixture::reading("a", kStart + 61, 1, {{"big", "", 1e300}, {"two", "", 2}})});
  const HostHistory host = read(everything(kStart, kStart + 100, 60)).hosts.at(0);
  const SeriesHistory& big = *host.find("big");
  EXPECT_TRUE(std::isnan(big.average[0]));
  EXPECT_EQ(big.minimum[0], 1.5e308);
  EXPECT_EQ(big.maximum[0], 1.5e308);
  EXPECT_DOUBLE_EQ(big.average[1], 1e300);
  EXPECT_THAT(host.find("two")->average, ElementsAre(0, 1.5));
}

/// A store that makes chunks and roll-ups of everything at once, when it is told to.
class CompactedHistoryTest : public HistoryTest {
 protected:
  CompactedHistoryTest() {
    fixture_.options.compact_after_readings = 1;
    fixture_.options.most_uncompacted = 0;
    fixture_.options.file_after_readings = 1;
    fixture_.reopen();
  }
};

std::vector<std::string> instances_of(const History& history) {
  std::vector<std::string> names;
  for (const SeriesHistory& series : history.hosts.at(0).series) names.push_back(series.instance);
  return names;
}

TEST_F(CompactedHistoryTest, ASeriesWithoutAValueInTheRangeIsNotThere) {
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < 1440; ++i) {
    std::vector<protocol::Sample> samples{{"net", "lo", 1}};
    if (i < 720) samples.push_back({"net", "eth0", 2});
    readings.push_back(StoreFixture::reading("a", kStart + i * 5, 1, samples));
  }
  fixture_.append(readings);
  const auto expect_right = [&] {
    for (const std::int64_t step : {0, 1, 5, 60, 3600}) {
      HistoryRequest asked = request(kStart + 3600, kStart + 7199);
      asked.metrics = {"net"};
      asked.step = step;
      EXPECT_THAT(instances_of(read(asked)), ElementsAre("lo")) << step;
      asked.from = kStart + 3595 / 60 * 60;
      EXPECT_THAT(instances_of(read(asked)),
                  step == 3600 ? std::vector<std::string>{"lo"} : std::vector<std::string>({"eth0", "lo"}))
          << step;
    }
  };
  expect_right();
  fixture_.maintain();
  ASSERT_EQ(storage::detail_of(fixture_.store(), "uncompacted_readings"), 0);
  expect_right();
}

/// Whether readings are roll-ups already makes no difference, neither at the ends of the range.
TEST_F(CompactedHistoryTest, AtTheEndsOfTheRangeTheSameCountsBeforeAndAfter) {
  std::vector<protocol::Reading> readings;
  readings.reserve(1440);
  for (int i = 0; i < 1440; ++i) readings.push_back(StoreFixture::reading("a", kStart + i * 5, i % 100));
  fixture_.append(readings);
  const auto ask = [&] {
    std::string told;
    for (const std::int64_t step : {60, 300, 3600}) {
      for (const std::int64_t from : {kStart, kStart + 30, kStart + 601, kStart + 3000}) {
        for (const std::int64_t length : {40, 500, 4000}) {
          HistoryRequest asked = request(from, from + length);
          asked.step = step;
          for (const HostHistory& host : read(asked).hosts) {
            const SeriesHistory& cpu = *host.find("cpu");
            for (std::size_t i = 0; i < host.timestamps.size(); ++i) {
              told += std::to_string(host.timestamps[i] - kStart) + " " + std::to_string(cpu.average[i]) +
                      " " + std::to_string(cpu.minimum[i]) + " " + std::to_string(cpu.maximum[i]) + "\n";
            }
          }
          told += std::to_string(step) + " from " + std::to_string(from) + "\n";
        }
      }
    }
    return told;
  };
  const std::string before = ask();
  fixture_.maintain();
  ASSERT_EQ(storage::detail_of(fixture_.store(), "uncompacted_readings"), 0);
  EXPECT_EQ(ask(), before);
}

TEST_F(HistoryTest, UnknownHostsHaveNoRowsAndNoHostnameMeansAll) {
  fixture_.append({StoreFixture::reading("b", kStart), StoreFixture::reading("a", kStart)});
  HistoryRequest asked = request(kStart, kStart);
  EXPECT_EQ(read(asked).hosts.size(), 2U);
  asked.hostnames = {"nobody"};
  EXPECT_EQ(read(asked).rows(), 0U);
}

TEST_F(HistoryTest, AClockThatIsAheadFallsIntoTheSlack) {
  fixture_.append({StoreFixture::reading("a", kStart + 50)});
  HistoryRequest asked = request(kStart - 100, kStart);
  EXPECT_EQ(read(asked).rows(), 0U);
  asked.slack = 60;
  EXPECT_EQ(read(asked).rows(), 1U);
}

}  // namespace
}  // namespace hostwatch::query
