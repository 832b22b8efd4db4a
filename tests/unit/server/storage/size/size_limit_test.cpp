// What a limit of size leaves: no holes, and no more room than is wanted.
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

class SizeLimitTest : public LevelsTest {};

TEST_F(SizeLimitTest, ALimitOfSizeLeavesNoHoleAtAnyStep) {
  struct Case {
    std::uint64_t limit;
    std::int64_t days;
  };
  for (const auto& [limit, days] : {Case{2'000'000, 3}, Case{5'000'000, 6}}) {
    SCOPED_TRACE(limit);
    fixture_.options.max_database_bytes = limit;
    fixture_.reopen();
    fixture_.store().delete_history("web-1", 0);
    model_.clear();
    std::int64_t now = kBorder;
    const auto noise = [&] { return static_cast<double>(random_()) / 1e9; };
    for (; now < kBorder + days * kDay; now += 5) {
      std::vector<protocol::Sample> samples;
      for (const char* name : {"a", "b", "c", "d", "e", "f"}) samples.push_back({name, "", noise()});
      post(now, now, std::move(samples));
      if (now % (6 * kHour) != 0) continue;
      send_and_maintain(now);
    }
    send(now);
    for (int i = 0; i < 5; ++i) fixture_.maintain(now + i * 301);
    const StoreStatistics statistics = fixture_.store().statistics();
    EXPECT_LE(statistics.used_bytes, limit + limit / 10);
    EXPECT_GT(statistics.used_bytes, limit - limit * 3 / 20);
    ASSERT_NE(statistics.oldest_reading, INT64_MAX);
    EXPECT_GT(statistics.oldest_reading, kBorder + kHour) << "the limit was reached";
    expect_exact(kBorder, now, kHour);
    for (const std::int64_t step : {30, 60, 300}) {
      expect_exact((statistics.oldest_reading / kHour + 1) * kHour, now, step);
    }
    for (const std::int64_t step : {60, 300, 900}) {
      EXPECT_EQ(history(kBorder, now, step).timestamps.front(), kBorder) << "coarser levels fill in";
    }
    expect_sound();
  }
}

TEST_F(SizeLimitTest, ALimitOfSizeHoldsForASingleHostWithManySeries) {
  std::vector<std::string> names;
  for (int i = 0; i < 57; ++i) names.push_back("m" + std::to_string(i));
  for (const std::uint64_t limit : {1'000'000U, 3'000'000U}) {
    fixture_.options.max_database_bytes = limit;
    fixture_.reopen();
    fixture_.store().delete_history("web-1", 0);
    model_.clear();
    std::int64_t now = kBorder;
    std::uint64_t most = 0;
    std::uint64_t least = UINT64_MAX;
    for (; now < kBorder + 2 * kHour; ++now) {
      std::vector<protocol::Sample> samples;
      for (const std::string& name : names)
        samples.push_back({name, "", static_cast<double>(random_()) / 1e9});
      post(now, now, std::move(samples));
      if (now % 60 != 0) continue;
      send_and_maintain(now);
      most = std::max(most, fixture_.store().statistics().used_bytes);
      if (now > kBorder + 3 * kHour / 2) {
        least = std::min(least, fixture_.store().statistics().used_bytes);
      }
    }
    EXPECT_LE(most, limit + limit / 10);
    EXPECT_GE(least, limit - limit / 5) << "no more than necessary goes";
    send_and_maintain(now);
    expect_exact(kBorder, now, kHour);
    expect_exact(now - 300, now, 1);
    expect_sound();
  }
}

TEST_F(SizeLimitTest, ForNewReadingsOfOneHostTheHoursOfAnotherStay) {
  keep(2 * kDay);
  std::int64_t now = kBorder - 40 * kDay;
  for (; now < kBorder; now += 900) {
    post(now, now);
    if (now % kDay == 0) send_and_maintain(now);
  }
  send_and_maintain(now);
  fixture_.options.max_database_bytes = 600'000;
  fixture_.reopen();
  for (; now < kBorder + 2 * kDay; now += 6 * kHour) {
    std::vector<protocol::Reading> readings;
    for (std::int64_t time = now - 6 * kHour; time < now; time += 10) {
      readings.push_back(StoreFixture::reading("big", time, 1,
                                               {{"a", "", static_cast<double>(random_()) / 1e9},
                                                {"b", "", static_cast<double>(random_()) / 1e9}}));
    }
    fixture_.append(readings, now);
    for (int i = 0; i < 3; ++i) fixture_.maintain(now + i * 301);
    EXPECT_LE(fixture_.store().statistics().used_bytes, 660'000U);
  }
  expect_exact(0, now, kDay);
  expect_sound();
}

}  // namespace
}  // namespace hostwatch::storage
