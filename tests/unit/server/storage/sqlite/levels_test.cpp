// Readings, minutes and hours never contradict each other, whatever expires or comes late in which order.
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

TEST_F(LevelsTest, AnHourHasAllItsReadingsThoughTheirChunkExpiresWhileTheTailHasSome) {
  keep(kHour);
  std::int64_t now = kBorder - 6 * kHour;
  for (; now < kBorder + 26 * kHour; now += 60) {
    post(now, now);
    if (now % 1800 == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  fixture_.maintain(now + kDay);
  fixture_.maintain(now + kDay + 301);
  EXPECT_EQ(ask("SELECT count(*) FROM raw_chunk WHERE (id & 4294967295) < " + std::to_string(kBorder)), 0);
  for (const std::int64_t step : {60, 1800, 3600, 86400}) expect_exact(0, now, step);
  expect_sound();
}

TEST_F(LevelsTest, LateReadingsAreAddedToTheirHour) {
  for (const std::int64_t interval : {7, 60, 300}) {
    keep(6 * kHour, 6 * kHour);
    fixture_.store().delete_history("web-1", 0);
    model_.clear();
    const std::int64_t begin = kBorder - kDay;
    std::vector<std::int64_t> late;
    std::int64_t now = begin;
    for (; now < kBorder + (interval == 7 ? kDay / 2 : 5 * kDay); now += interval) {
      if (random_() % 20 == 0) {
        late.push_back(now);
      } else {
        post(now, now);
      }
      if (now / interval % 40 != 0) continue;
      std::erase_if(late, [&](std::int64_t time) {
        if (time < now - 6 * kHour + 300) return true;
        if (random_() % 4 != 0) return false;
        post(time, now);
        return true;
      });
      send_and_maintain(now);
    }
    send_and_maintain(now);
    fixture_.maintain(now + 301);
    for (const std::int64_t step : {3600, 7200}) expect_exact(begin, now, step);
    expect_exact((now - 6 * kHour) / kHour * kHour + kHour, now, 60);
    expect_sound();
  }
}

TEST_F(LevelsTest, MinutesStayAsLongAsTheReadingsThatTheyAreMadeOf) {
  keep(2 * kDay, 2 * kDay);
  for (std::int64_t time = kBorder; time < kBorder + 600; ++time) post(time, kBorder + 600);
  send_and_maintain(kBorder + 700);
  std::int64_t now = kBorder + 1200;
  for (; now < kBorder + 3 * kDay + kDay / 2; now += 60) post(now, now);
  send(now);
  fixture_.maintain(now);
  fixture_.maintain(now + 301);
  for (const std::int64_t step : {30, 60, 90, 300, 3600}) expect_exact(kBorder, now, step);
  expect_sound();
}

TEST_F(LevelsTest, EqualTimesForAllLevelsEndThemTogether) {
  keep(kHour, kHour, kHour);
  std::int64_t now = kBorder - kDay;
  for (; now < kBorder + 40 * kDay; now += 600) {
    post(now, now);
    if (now % kDay == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  EXPECT_EQ(
      ask("SELECT count(*) FROM hour_chunk WHERE (id & 4294967295) < " + std::to_string(kBorder - 32 * kDay)),
      0);
  expect_exact(now - kHour, now, 60);
  expect_exact(now - kHour, now, 3600);
  expect_sound();
}

TEST_F(LevelsTest, AfterALongSilenceHistoryBeginsWithItsFirstReading) {
  fixture_.options.compact_after_readings = 1;
  keep(kDay, kDay, kDay);
  for (int i = 0; i < 10; ++i) post(kBorder - 100 * kDay + i * 60, kBorder - 99 * kDay);
  send(kBorder - 100 * kDay + 600);
  fixture_.maintain(kBorder - 100 * kDay + 700);
  const std::int64_t again = kBorder + 20 * kDay + 3 * kHour;  // within a chunk of each level
  post(again, again);
  send(again);
  fixture_.maintain(again + 100);
  fixture_.maintain(again + 500);
  ASSERT_EQ(ask("SELECT count(*) FROM hour_chunk"), 1);
  EXPECT_EQ(fixture_.store().statistics().oldest, again);
  EXPECT_EQ(fixture_.store().statistics().oldest_reading, again);
}

TEST_F(LevelsTest, WhatIsDeletedIsNotTakenASecondTime) {
  keep(kHour);
  std::int64_t now = kBorder - 2 * kHour;
  for (; now < kBorder + 2 * kHour; now += 60) post(now, now);
  send_and_maintain(now);
  fixture_.maintain(now + kDay);
  fixture_.maintain(now + kDay + 301);
  keep(30 * kDay);
  EXPECT_FALSE(fixture_.store().keeps("web-1", kBorder - 60));
  EXPECT_TRUE(fixture_.store().keeps("web-1", kBorder));
  const AppendResult again = fixture_.append(
      {StoreFixture::reading("web-1", kBorder - 60), StoreFixture::reading("web-1", kBorder)}, now);
  EXPECT_EQ(again.lost, 1U) << "also past the edge";
  EXPECT_EQ(again.duplicates, 1U);
  fixture_.maintain(now + 2 * kDay);
  expect_exact(0, now, kHour);
}

TEST_F(LevelsTest, ReadingsThatComeWhileOthersAreFiledAreNotReadBackASecondTime) {
  fixture_.options.file_at_once = 50;
  fixture_.options.file_after_readings = 1;
  fixture_.options.compact_after_readings = 1;
  fixture_.reopen();
  for (int i = 0; i < 120; ++i) post(kBorder + i, kBorder + 200);
  send(kBorder + 200);
  fixture_.store().maintain(kBorder + 200);
  fixture_.store().maintain(kBorder + 200);  // a slice of it
  for (int i = 120; i < 180; ++i) post(kBorder + i, kBorder + 200);
  send(kBorder + 200);
  for (int i = 0; i < 100; ++i) fixture_.store().maintain(kBorder + 200);
  fixture_.reopen();
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 180U);
  EXPECT_EQ(fixture_.store().count("web-1", 0, INT64_MAX, 1000), 180U);
  fixture_.maintain(kBorder + 300);
  expect_exact(0, kBorder + 300, kHour);
}

}  // namespace
}  // namespace hostwatch::storage
