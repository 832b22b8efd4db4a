// What goes in comes out, once, whatever happens in between.
#include <random>
#include <set>
#include <stop_token>

#include "tests/unit/agent/spool/spool_fixture.h"

namespace hostwatch::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

TEST_F(SpoolTest, IsEmptyAtFirst) {
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(spool->fresh(10, 1'000).readings, 0U);
  EXPECT_EQ(spool->backlog(10, 1'000).readings, 0U);
}

TEST_F(SpoolTest, AReadingIsInAFileBeforeAnybodySendsIt) {
  push(1);
  EXPECT_GT(bytes_of_files(), 0U);
  open();
  EXPECT_THAT(drain(), ElementsAre(1));
}

TEST_F(SpoolTest, WhatIsDeliveredAtOnceLeavesNothing) {
  for (int i = 0; i < 100; ++i) {
    push(1);
    spool->acknowledge(spool->fresh(10, 10'000));
    EXPECT_EQ(bytes_of_files(), 0U);
  }
  EXPECT_LE(files().size(), 1U);
  open();
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(SpoolTest, TheNewestAreFreshAndTheOthersTheBacklog) {
  push(12);
  EXPECT_THAT(timestamps(spool->fresh(100, 1'000'000)), ElementsAreArray(range(8, 12)));
  const Batch batch = spool->backlog(100, 1'000'000);
  EXPECT_THAT(timestamps(batch), ElementsAreArray(range(1, 7)));
}

TEST_F(SpoolTest, BatchesKeepToTheirLimits) {
  push(30);
  EXPECT_EQ(spool->fresh(2, 1'000'000).readings, 2U);
  EXPECT_EQ(spool->backlog(3, 1'000'000).readings, 3U);
  const Batch small = spool->backlog(100, 500);
  EXPECT_LE(small.body.size(), 500U);
  EXPECT_GT(small.readings, 1U);
  EXPECT_EQ(spool->backlog(100, 1).readings, 1U) << "one always";
  EXPECT_EQ(spool->fresh(100, 1).readings, 1U);
}

TEST_F(SpoolTest, ABatchThatWasNotDeliveredComesAgain) {
  push(12);
  const Batch first = spool->backlog(4, 1'000'000);
  EXPECT_EQ(spool->backlog(4, 1'000'000).body, first.body);
  spool->acknowledge(first);
  EXPECT_NE(spool->backlog(4, 1'000'000).body, first.body);
}

TEST_F(SpoolTest, FreshReadingsGoWhileTheBacklogWaits) {
  push(20);
  for (int i = 0; i < 30; ++i) {
    spool->acknowledge(spool->fresh(100, 1'000'000));
    push(1);
  }
  EXPECT_THAT(timestamps(spool->fresh(100, 1'000'000)), ElementsAre(50));
  EXPECT_EQ(waiting(), 16U);
  EXPECT_THAT(drain(), ElementsAreArray([] {
                auto numbers = range(1, 15);
                numbers.push_back(50);
                return numbers;
              }()));
}

TEST_F(SpoolTest, AfterAKillNothingIsMissing) {
  push(57);
  open();
  EXPECT_EQ(waiting(), 57U);
  push(3);
  EXPECT_THAT(drain(), ElementsAreArray(range(1, 60)));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(bytes_of_files(), 0U);
}

TEST_F(SpoolTest, TheNewestTimestampFoundIsKnown) {
  push(57);
  open();
  EXPECT_EQ(spool->newest_found(), 57);
}

TEST_F(SpoolTest, TheNewestTimestampOutlivesItsDelivery) {
  EXPECT_FALSE(spool->newest_found());
  last = 1'763'884'800;
  push(3);
  drain();
  for (int life = 0; life < 3; ++life) {
    open();
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(spool->newest_found(), 1'763'884'803) << "killed before another reading was taken, too";
  }
  push(30);
  drain();
  open();
  EXPECT_EQ(spool->newest_found(), 1'763'884'833);
}

TEST_F(SpoolTest, TheNewestTimestampFoundOutlivesItsDeliveryToo) {
  last = 1'763'884'800;
  push(25);
  open();
  EXPECT_THAT(drain(), ElementsAreArray(range(1'763'884'801, 1'763'884'825)));
  open();
  EXPECT_EQ(spool->newest_found(), 1'763'884'825) << "killed before it took a reading of its own";
  push(1);
  EXPECT_EQ(drain().size(), 1U);
  open();
  EXPECT_EQ(spool->newest_found(), 1'763'884'826);
}

TEST_F(SpoolTest, LivesThatEndSoonAfterEachOtherLoseNothing) {
  push(25);
  drain();
  open();  // into the emptied file ...
  push(3);
  open();  // ... and beside it
  push(2);
  open();
  EXPECT_THAT(drain(), ElementsAreArray(range(26, 30)));
}

TEST_F(SpoolTest, FilesThatAreDoneWithGoOneByOne) {
  push(100);
  const std::size_t before = files().size();
  EXPECT_GT(before, 3U);
  for (int i = 0; i < 5; ++i) spool->acknowledge(spool->backlog(10, 1'000'000));
  EXPECT_LT(files().size(), before);
  EXPECT_EQ(spool->statistics().bytes, bytes_of_files());
}

TEST_F(SpoolTest, ItHoldsAnythingThatAnyOrderOfEventsLeavesInIt) {
  std::mt19937 random(5);
  std::set<std::int64_t> expected;
  for (int i = 0; i < 3'000; ++i) {
    switch (random() % 8) {
      case 0:
      case 1:
      case 2:
        push(1 + static_cast<int>(random() % 4));
        break;
      case 3:
      case 4:
      case 5: {
        const Batch batch =
            random() % 2 == 0 ? spool->fresh(random() % 9, 3'000) : spool->backlog(random() % 9, 3'000);
        if (random() % 3 != 0) {
          for (const std::int64_t time : timestamps(batch)) expected.insert(time);
          spool->acknowledge(batch);
        }
        break;
      }
      case 6:
        if (random() % 20 == 0) open();  // what was delivered of a file that is still needed may come again
        break;
      default:
        EXPECT_EQ(spool->statistics().bytes, bytes_of_files());
    }
  }
  for (const std::int64_t time : drain()) expected.insert(time);
  EXPECT_THAT(expected, ElementsAreArray(range(1, last)));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(SpoolTest, BeyondItsLimitTheOldestGoFirstAndAreCounted) {
  settings.max_bytes = 5'000;
  open();
  push(300);
  EXPECT_LE(bytes_of_files(), 6'000U);
  const SpoolStatistics statistics = spool->statistics();
  EXPECT_GT(statistics.dropped, 100U);
  EXPECT_EQ(statistics.dropped + statistics.waiting, 300U);
  const auto left = drain();
  EXPECT_THAT(left, ElementsAreArray(range(301 - static_cast<std::int64_t>(statistics.waiting), 300)));
}

TEST_F(SpoolTest, ABatchWhoseFileWasDroppedMeanwhileDoesNoHarm) {
  settings.max_bytes = 5'000;
  open();
  push(30);
  const Batch batch = spool->backlog(5, 1'000'000);
  push(300);
  spool->acknowledge(batch);
  const SpoolStatistics statistics = spool->statistics();
  EXPECT_EQ(statistics.dropped + statistics.waiting, 330U);
  EXPECT_EQ(drain().size(), statistics.waiting);
}

TEST_F(SpoolTest, WaitingForAReadingEndsWithOneOrWithAStop) {
  std::stop_source stop;
  push(1);
  EXPECT_TRUE(spool->wait_for_reading(stop.get_token()));
  spool->wait_for_fresh(stop.get_token(), std::chrono::hours(1));
  stop.request_stop();
  EXPECT_FALSE(spool->wait_for_reading(stop.get_token()));
  drain();
  EXPECT_FALSE(spool->wait_for_reading(stop.get_token()));
  spool->wait_for_fresh(stop.get_token(), std::chrono::hours(1));
}

TEST_F(SpoolTest, WithoutAFolderItIsAllInMemory) {
  settings.folder.clear();
  settings.memory_bytes = 1U << 20U;
  open();
  push(500);
  EXPECT_TRUE(spool->statistics().in_memory);
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(drain(100), ElementsAreArray(range(1, 500)));
}

TEST_F(SpoolTest, MemoryIsBoundedToo) {
  settings.folder.clear();
  settings.memory_bytes = 200'000;
  open();
  push(10'000);
  const SpoolStatistics statistics = spool->statistics();
  EXPECT_GT(statistics.dropped, 1'000U);
  EXPECT_EQ(statistics.dropped + statistics.waiting, 10'000U);
  EXPECT_EQ(drain(1'000).back(), 10'000);
}

TEST_F(SpoolTest, ABatchHoldsReadingsOfOneHostName) {
  const auto push_as = [this](const char* name, int readings) {
    for (int i = 0; i < readings; ++i)
      spool->push({name, ++last, static_cast<double>(last % 100), 2, 3, {}, std::nullopt});
  };
  push_as("localhost", 8);
  push_as("web-7", 4);
  // Five are fresh: the last of the former name and all of the new one.
  const Batch former = spool->fresh(100, 1'000'000);
  EXPECT_EQ(former.hostname, "localhost");
  EXPECT_EQ(timestamps(former), (std::vector<std::int64_t>{8}));
  spool->acknowledge(former);
  const Batch fresh = spool->fresh(100, 1'000'000);
  EXPECT_EQ(fresh.hostname, "web-7");
  EXPECT_EQ(fresh.readings, 4U);
  open();  // after a restart nothing is fresh
  std::vector<std::pair<std::string, std::size_t>> backlog;
  while (true) {
    const Batch batch = spool->backlog(100, 1'000'000);
    if (batch.readings == 0) break;
    if (backlog.empty() || backlog.back().first != batch.hostname) backlog.emplace_back(batch.hostname, 0);
    backlog.back().second += batch.readings;
    spool->acknowledge(batch);
  }
  EXPECT_EQ(backlog.size(), 2U);
  EXPECT_EQ(backlog.front().first, "localhost");
  EXPECT_EQ(backlog.back(), (std::pair<std::string, std::size_t>{"web-7", 4}));
}

}  // namespace
}  // namespace hostwatch::agent
