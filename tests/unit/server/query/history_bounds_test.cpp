// What one question for history may cost, and what is said of one that costs more.
#include <gmock/gmock.h>

#include "tests/unit/server/query/history_fixture.h"

namespace hostwatch::query {
namespace {

using storage::StoreFixture;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class HistoryBoundsTest : public HistoryTest {};

TEST_F(HistoryBoundsTest, TooMuchIsRefusedWithWhatToDo) {
  append_each_second(300, 0);
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

/// A fine step over a long range costs what the readings in it cost.
TEST_F(HistoryBoundsTest, BucketsWithoutReadingsTakeNoMemory) {
  fixture_.append({StoreFixture::reading("a", kStart, 1, storage::named("", 200))});
  HistoryLimits limits;
  limits.max_gathered = 256UL * 1024;
  for (const std::int64_t step : {0, 1, 10, 3600}) {
    const History history = read(everything(kStart - 99000, kStart + 100, step), limits);
    ASSERT_EQ(history.rows(), 1U) << step;
    EXPECT_EQ(history.hosts[0].series.size(), 203U);
  }
}

TEST_F(HistoryBoundsTest, WhatIsGatheredIsCountedBeforeItIsTaken) {
  constexpr int kRows = 500;
  constexpr int kSeries = 20;
  append_each_second(kRows, kSeries);
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

TEST_F(HistoryBoundsTest, RowsAreCountedBeforeTheirValuesTakeMemory) {
  append_each_second(300, 100);
  HistoryLimits limits;
  limits.max_rows = 200;
  AnswerBudget budget(limits);
  EXPECT_THAT([&] { read_history(fixture_.store(), everything(kStart, kStart + 300, 1), budget); },
              ThrowsMessage<HistoryTooLarge>(HasSubstr("more than 200 rows")));
  EXPECT_LT(budget.gathered(), 300U * 100 * 8);
}

/// Readings of 500 values each second: more than an answer may take, at any step that has them all.
TEST_F(HistoryBoundsTest, NoStepTakesMoreThanAnAnswerMay) {
  append_each_second(500, 200);
  HistoryLimits limits;
  limits.max_gathered = 512UL * 1024;
  for (const std::int64_t step : {0, 1}) {
    for (const std::int64_t from : {kStart, kStart - 99000, kStart - 300000}) {
      AnswerBudget budget(limits);
      EXPECT_THAT([&] { read_history(fixture_.store(), everything(from, kStart + 500, step), budget); },
                  ThrowsMessage<HistoryTooLarge>(
                      HasSubstr("ask for fewer hosts or metrics, a shorter range or a longer step")))
          << step;
    }
  }
  for (const std::int64_t step : {60, 3600}) {
    EXPECT_GE(read(everything(kStart - 300000, kStart + 500, step), limits).rows(), 1U) << step;
  }
}

TEST_F(HistoryBoundsTest, HostByHostIsTheSameAndNeverTogether) {
  std::vector<protocol::Reading> readings;
  for (const char* host : {"a", "b", "c"}) {
    for (int i = 0; i < 100; ++i)
      readings.push_back(StoreFixture::reading(host, kStart + i, i, storage::named("", 20)));
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

TEST_F(HistoryBoundsTest, ReadingEndsWhenNobodyWantsItAnyMore) {
  fixture_.append({StoreFixture::reading("a", kStart), StoreFixture::reading("b", kStart)});
  AnswerBudget budget({}, [] { return false; });
  EXPECT_THROW(read_history(fixture_.store(), request(kStart, kStart), budget), AnswerUnwanted);
}

}  // namespace
}  // namespace hostwatch::query
