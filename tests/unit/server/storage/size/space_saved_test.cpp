// History that is given up to save space takes nothing else with it.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kStart = 1763596800;
static_assert(kStart % (4 * kDay) == 0);

class SpaceSaved : public ::testing::Test {
 protected:
  SpaceSaved() {
    fixture_.options.compact_after_readings = 1;
    fixture_.reopen();
  }
  /// From now on the database holds more than it may: by so many bytes, or all of it.
  void want_space(std::uint64_t bytes = UINT64_MAX) {
    fixture_.maintain(0);
    const std::uint64_t used = fixture_.store().statistics().used_bytes;
    fixture_.options.max_database_bytes = used > bytes ? used - bytes : 1;
    fixture_.reopen();
  }
  void store(const std::vector<protocol::Reading>& readings, std::int64_t now) {
    for (std::size_t i = 0; i < readings.size(); i += 5000) {
      const auto begin = readings.begin() + static_cast<std::ptrdiff_t>(i);
      fixture_.append(
          {begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5000, readings.size() - i))},
          now);
      fixture_.maintain(now);
    }
  }
  /// How many values of cpu the history has in each hour, as it is shown at that resolution.
  std::map<std::int64_t, double> counts(std::int64_t resolution) {
    std::map<std::int64_t, double> counts;
    fixture_.store().read({"web-1", 0, INT64_MAX, false, {"cpu"}, resolution}, [&](const HistoryPart& part) {
      const std::uint32_t number =
          part.step == 0 ? kCpuSeries : roll_up_column(kCpuSeries, RollUpPart::count);
      const Column& column = part.table.columns.at(number);
      for (std::size_t row = 0; row < part.table.times.size(); ++row) {
        counts[part.table.times[row] / kHour * kHour] += part.step == 0 ? 1 : column.values[row];
      }
      return true;
    });
    return counts;
  }

  void maintain_again_and_again(std::int64_t now) {
    for (int i = 1; i < 20; ++i) fixture_.maintain(now + i * 301);
  }
  /// Each hour of which there is anything is shown at each resolution, once so many bytes have gone.
  void expect_every_resolution(const std::vector<protocol::Reading>& readings, std::int64_t now,
                               std::uint64_t bytes) {
    store(readings, now);
    want_space(bytes);
    maintain_again_and_again(now);
    EXPECT_FALSE(fixture_.store().keeps("web-1", kStart)) << "something has gone";
    const auto whole = counts(0);
    ASSERT_FALSE(whole.empty());
    const auto minutes = counts(kMinute);
    const auto hours = counts(kHour);
    for (const auto& [hour, count] : whole) {
      SCOPED_TRACE((hour - kStart) / kHour);
      EXPECT_TRUE(minutes.contains(hour));
      EXPECT_TRUE(hours.contains(hour));
    }
  }

  StoreFixture fixture_;
};

TEST_F(SpaceSaved, HoursKeepWhatTheyStandForWhenReadingsOfThemComeLate) {
  const std::int64_t now = kStart + 12 * kDay;
  const std::int64_t hour = kStart + 4 * kDay;  // its readings will go, and its roll-up will not
  std::vector<protocol::Reading> readings;
  std::mt19937 random(1);
  for (std::int64_t at = kStart; at < now; at += 20) {
    readings.push_back(StoreFixture::reading("web-1", at, static_cast<double>(random() % 1000) / 10));
  }
  store(readings, now);
  want_space(45'000);
  fixture_.append({StoreFixture::reading("web-1", now)}, now);
  fixture_.store().maintain(now);  // the next filing is not due for a while
  ASSERT_TRUE(fixture_.store().keeps("web-1", hour + 1));
  fixture_.append({StoreFixture::reading("web-1", hour + 1)}, now);
  for (int i = 0; i < 20; ++i) fixture_.maintain(now + i * 301);
  ASSERT_FALSE(fixture_.store().keeps("web-1", hour + 1));
  EXPECT_EQ(counts(kHour)[hour], 181) << "it was accepted";
}

TEST_F(SpaceSaved, WhatIsLeftCanBeReadAtEveryResolution) {
  // Two hours a day, close together, so that four days of readings are one chunk, with their minutes.
  const std::int64_t now = kStart + 15 * kDay + 12 * kHour;
  std::vector<protocol::Reading> readings;
  std::mt19937 random(1);
  for (std::int64_t day = kStart; day < now; day += kDay) {
    for (std::int64_t at = day; at < day + 2 * kHour; at += 1)
      readings.push_back(StoreFixture::reading("web-1", at, static_cast<double>(random() % 1000) / 10));
  }
  expect_every_resolution(readings, now, 60'000);
}

TEST_F(SpaceSaved, HoursOfAHostWithManySeriesStayAsLongAsItsReadings) {
  const std::int64_t now = kStart + 15 * kDay + 12 * kHour;
  std::vector<protocol::Reading> readings;
  for (std::int64_t at = kStart; at < now; at += 900) {
    readings.push_back(StoreFixture::reading("web-1", at, 1, named("a-", 250)));
  }
  expect_every_resolution(readings, now, 20'000);
}

TEST_F(SpaceSaved, ManyHostsOfWhichNothingIsOldEnoughHideNoneOfWhichSomethingIs) {
  const std::int64_t now = kStart + 12 * kDay;
  std::vector<protocol::Reading> readings;
  for (int host = 0; host < 510; ++host) {
    for (int i = 0; i < 3; ++i) {
      readings.push_back(
          StoreFixture::reading("new-" + std::to_string(host), now - 100 + 10 * i, 1, named("a-", 30)));
    }
  }
  for (int host = 0; host < 400; ++host)
    readings.push_back(StoreFixture::reading("light-" + std::to_string(host), now));
  for (int i = 0; i < 3; ++i)
    readings.push_back(StoreFixture::reading("web-1", kStart + 10 * i, 1, named("a-", 28)));
  store(readings, now);
  want_space();
  for (int i = 0; i < 4; ++i) fixture_.maintain(now + i * 301);
  EXPECT_TRUE(fixture_.cpu_of("web-1").empty() || fixture_.cpu_of("web-1").begin()->first > kStart);
  EXPECT_FALSE(fixture_.store().keeps("web-1", kStart));
}

TEST_F(SpaceSaved, AChunkThatBeganBeforeWhatWasGivenUpIsGivenUpInItsTime) {
  // A day of readings each second: chunks of six hours. It goes, and a backlog of the days after it makes a
  // chunk of four days that begins with them.
  std::vector<protocol::Reading> readings;
  for (std::int64_t at = kStart; at < kStart + kDay; ++at)
    readings.push_back(StoreFixture::reading("web-1", at));
  const std::int64_t now = kStart + 3 * kDay;
  store(readings, now);
  want_space();
  maintain_again_and_again(now);
  ASSERT_FALSE(fixture_.store().keeps("web-1", kStart));
  ASSERT_TRUE(fixture_.store().keeps("web-1", kStart + kDay));
  readings.clear();
  for (std::int64_t at = kStart + 2 * kDay; at < kStart + 2 * kDay + kHour; at += 10) {
    readings.push_back(StoreFixture::reading("web-1", at));
  }
  store(readings, now + kDay / 2);
  const std::int64_t later = kStart + 8 * kDay;
  maintain_again_and_again(later);
  EXPECT_TRUE(fixture_.cpu_of("web-1").empty());
}

}  // namespace
}  // namespace hostwatch::storage
