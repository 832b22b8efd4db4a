// Buckets of the history: held against the plain definition on random data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "protocol/catalogue.h"
#include "server/query/history.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::query {
namespace {

using storage::StoreFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int64_t kStart = 1763884800;  // a multiple of every round step up to a day

HistoryRequest request(std::int64_t from, std::int64_t to) {
  HistoryRequest result;
  result.from = from;
  result.to = to;
  result.metrics = {"cpu", "ram", "disk"};
  return result;
}

class HistoryTest : public ::testing::Test {
 protected:
  History read(HistoryRequest asked, HistoryLimits limits = {}) {
    return read_history(fixture_.store(), std::move(asked), limits);
  }
  StoreFixture fixture_;
};

TEST(RoundStep, GivesRoundNumbersWithAtMostThatManyBuckets) {
  EXPECT_EQ(round_step(3600, 500), 10);
  EXPECT_EQ(round_step(86400, 500), 300);
  EXPECT_EQ(round_step(900, 500), 2);
  EXPECT_EQ(round_step(10, 500), 1);
  EXPECT_EQ(round_step(0, 1), 1);
  for (const std::int64_t span : {1, 59, 900, 3600, 86399, 604800, 31536000}) {
    for (const std::int64_t points : {2, 10, 500, 5000}) {
      const std::int64_t step = round_step(span, points);
      EXPECT_LE(span / step + 1, points) << span << " s in " << points;
    }
  }
}

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
  for (int i = 0; i < 3600; ++i) readings.push_back(StoreFixture::reading("a", kStart + i, i % 100));
  fixture_.append(readings);
  HistoryRequest asked = request(kStart, kStart + 3599);
  asked.points = 100;
  const History history = read(asked);
  EXPECT_EQ(history.step, 60);
  EXPECT_LE(history.hosts.at(0).timestamps.size(), 100U);
  EXPECT_EQ(history.hosts[0].find("cpu")->maximum[0], 59);
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

TEST_F(HistoryTest, TooMuchIsRefusedWithWhatToDo) {
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < 300; ++i) readings.push_back(StoreFixture::reading("a", kStart + i));
  fixture_.append(readings);
  HistoryRequest asked = request(kStart, kStart + 299);
  asked.step = 0;
  HistoryLimits limits;
  limits.max_rows = 200;
  EXPECT_THAT([&] { read(asked, limits); }, ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 200 rows")));
  limits = {};
  limits.max_values = 500;
  EXPECT_THAT([&] { read(asked, limits); },
              ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 500 values")));
}

std::vector<protocol::Sample> own_samples(int count) {
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < count; ++i) samples.push_back({"own", std::to_string(i), 1.0});
  return samples;
}

HistoryRequest everything(std::int64_t from, std::int64_t to, std::int64_t step) {
  HistoryRequest asked = request(from, to);
  asked.all_metrics = true;
  asked.step = step;
  return asked;
}

/// A fine step over a long range costs what the readings in it cost.
TEST_F(HistoryTest, BucketsWithoutReadingsTakeNoMemory) {
  fixture_.append({StoreFixture::reading("a", kStart, 1, own_samples(200))});
  HistoryLimits limits;
  limits.max_gathered = 256UL * 1024;
  for (const std::int64_t step : {0, 1, 10, 3600}) {
    const History history = read(everything(kStart - 99000, kStart + 100, step), limits);
    ASSERT_EQ(history.rows(), 1U) << step;
    EXPECT_EQ(history.hosts[0].series.size(), 203U);
  }
}

TEST_F(HistoryTest, WhatIsGatheredIsCountedBeforeItIsTaken) {
  constexpr int kRows = 500;
  constexpr int kSeries = 20;
  std::vector<protocol::Reading> readings;
  for (int i = 0; i < kRows; ++i)
    readings.push_back(StoreFixture::reading("a", kStart + i, 1, own_samples(kSeries)));
  fixture_.append(readings);
  constexpr std::size_t kValues = kRows * (kSeries + 3);
  for (const std::int64_t step : {0, 1}) {
    AnswerBudget budget{HistoryLimits{}};
    HistoryRequest asked = everything(kStart, kStart + kRows, step);
    asked.extremes = false;
    const History averages = read_history(fixture_.store(), asked, budget);
    EXPECT_GE(budget.gathered(), kValues * 8);
    EXPECT_LE(budget.gathered(), kValues * 8 + 20000) << "an average a value, and what they are called";
    EXPECT_TRUE(averages.hosts[0].series[0].minimum.empty());
    HistoryLimits limits;
    limits.max_gathered = kValues * 8;
    EXPECT_THAT([&] { read(asked, limits); },
                ThrowsMessage<HistoryTooLarge>(HasSubstr("to gather; ask for fewer")))
        << step;
  }
  AnswerBudget budget{HistoryLimits{}};
  read_history(fixture_.store(), everything(kStart, kStart + kRows, 10), budget);
  EXPECT_GE(budget.gathered(), kValues / 10 * 24) << "minima and maxima, too";
}

TEST_F(HistoryTest, HostByHostIsTheSameAndNeverTogether) {
  std::vector<protocol::Reading> readings;
  for (const char* host : {"a", "b", "c"}) {
    for (int i = 0; i < 100; ++i)
      readings.push_back(StoreFixture::reading(host, kStart + i, i, own_samples(20)));
  }
  fixture_.append(readings);
  const HistoryRequest asked = everything(kStart, kStart + 100, 5);
  const History together = read(asked);
  AnswerBudget budget{HistoryLimits{}};
  std::size_t number = 0;
  std::size_t most = 0;
  read_hosts(fixture_.store(), asked, budget, [&](const HostHistory& host) {
    EXPECT_EQ(host.hostname, together.hosts[number].hostname);
    EXPECT_EQ(host.timestamps, together.hosts[number].timestamps);
    EXPECT_EQ(host.find("cpu")->average, together.hosts[number].find("cpu")->average);
    ++number;
    most = std::max(most, budget.gathered());
  });
  EXPECT_EQ(number, 3U);
  EXPECT_EQ(budget.gathered(), 0U);
  AnswerBudget of_all{HistoryLimits{}};
  read_history(fixture_.store(), asked, of_all);
  EXPECT_LE(most * 2, of_all.gathered());
}

TEST_F(HistoryTest, ReadingEndsWhenNobodyWantsItAnyMore) {
  fixture_.append({StoreFixture::reading("a", kStart), StoreFixture::reading("b", kStart)});
  AnswerBudget budget({}, [] { return false; });
  EXPECT_THROW(read_history(fixture_.store(), request(kStart, kStart), budget), AnswerUnwanted);
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
