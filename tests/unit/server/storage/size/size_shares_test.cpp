// Whose history a limit of size takes, by what each host holds.
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

class SizeSharesTest : public LevelsTest {
 protected:
  SizeSharesTest() {
    fixture_.options.max_database_bytes = 1'000'000;
    fixture_.reopen();
  }
  /// The one host that the model remembers: known for long, a reading of a few values every five minutes.
  void an_old_host_of_29_days(std::int64_t now) {
    for (std::int64_t time = now - 29 * kDay; time < now; time += 300) {
      post(time, time);
      if (time % kDay == 0) send_and_maintain(time);
    }
    send_and_maintain(now);
  }
  std::vector<protocol::Sample> noise(int count) {
    std::vector<protocol::Sample> samples = named("", count);
    for (protocol::Sample& sample : samples) sample.value = static_cast<double>(random_()) / 1e9;
    return samples;
  }
  /// Readings that stay in the tail: too few to be compacted by their number.
  void send_loose(const std::string& host, std::int64_t begin, std::int64_t now, int series) {
    std::vector<protocol::Reading> readings;
    for (int i = 0; i < 250; ++i)
      readings.push_back(StoreFixture::reading(host, begin + i * 60, 1, noise(series)));
    EXPECT_EQ(fixture_.append(readings, now).accepted, readings.size());
  }
  std::uint64_t used() { return fixture_.store().statistics().used_bytes; }
  void maintain_for_minutes(std::int64_t now, int minutes) {
    for (int second = 0; second <= minutes * 60; second += 31) fixture_.maintain(now + second);
  }
};

TEST_F(SizeSharesTest, AHostWeighsWhatItHasInItsTail) {
  const std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  for (int host = 0; host < 30; ++host)
    send_loose("h" + std::to_string(host), now - 15000, now - 2 * kDay, 40);
  maintain_for_minutes(now, 10);
  EXPECT_LE(used(), 1'100'000U);
  for (const std::int64_t step : {kDay, kHour, std::int64_t{300}}) expect_exact(0, now, step);
  expect_sound();
}

TEST_F(SizeSharesTest, NothingOfAnOldHostGoesForWhatNewOnesSend) {
  const std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  // Each lighter than the old one, and far more than there is room for together.
  for (int host = 0; host < 300; ++host) send_loose("h" + std::to_string(host), now - 15000, now, 1);
  maintain_for_minutes(now, 10);
  for (const std::int64_t step : {kDay, kHour, std::int64_t{300}}) expect_exact(0, now, step);
  expect_sound();
}

TEST_F(SizeSharesTest, TheLimitHoldsForAFleetWhoseReadingsAreMostlyInTails) {
  constexpr int kHosts = 30;
  std::int64_t now = kBorder;
  std::uint64_t most = 0;
  for (; now < kBorder + 12 * kHour; now += 300) {
    std::vector<protocol::Reading> readings;
    for (int host = 0; host < kHosts; ++host) {
      for (std::int64_t time = now - 300; time < now; time += 60)
        readings.push_back(StoreFixture::reading("h" + std::to_string(host), time, 1, noise(10)));
    }
    EXPECT_EQ(fixture_.append(readings, now).lost, 0U) << "what is new is taken";
    fixture_.maintain(now);
    fixture_.maintain(now + 31);
    most = std::max(most, used());
  }
  EXPECT_LE(most, 1'100'000U);
  expect_sound();
}

TEST_F(SizeSharesTest, ReadingsThatAreRareMakeNoRoomForMinutesThatTakeMore) {
  std::int64_t now = kBorder;
  std::uint64_t most = 0;
  for (; now < kBorder + 2 * kDay; now += kHour) {
    for (std::int64_t time = now - kHour; time < now; time += 60) post(time, now, noise(40));
    send(now);
    for (const std::int64_t moment : {now + 31, now + 340}) {
      while (fixture_.store().maintain(moment)) most = std::max(most, used());
    }
  }
  EXPECT_LE(most, 1'100'000U) << "not even between one piece of maintenance and the next";
  EXPECT_GT(most, 900'000U);
  EXPECT_EQ(ask("SELECT count(*) FROM minute_chunk"), 0);
  expect_exact(0, now, kHour);
  expect_sound();
}

/// Names of 190 letters, of which each reading has others: twenty hosts that bring all they can.
class NamesOfNewHostsTest : public SizeSharesTest {
 protected:
  static constexpr int kHosts = 20;
  void bring_names(std::int64_t now) {
    const std::string letters(190, 'y');
    for (int host = 0; host < kHosts; ++host) {
      const std::string name = "n" + std::to_string(host);
      for (int part = 0; part < 2; ++part) {
        std::vector<protocol::Reading> readings;
        for (int i = 0; i < 100; ++i) {
          std::vector<protocol::Sample> samples;
          for (int k = 0; k < 490; ++k) {
            if (i != 0 && (k + i) % 12 == 0) continue;
            samples.push_back({name + "_" + std::to_string(part), letters + std::to_string(k), 1});
          }
          readings.push_back(StoreFixture::reading(name, now - 500 + part * 100 + i, 1, std::move(samples)));
        }
        fixture_.append(readings, now);
      }
    }
  }
  std::int64_t readings_of_the_old_host() {
    return ask("SELECT sum(rows) FROM raw_chunk WHERE id >> 32 = 1");
  }
};

TEST_F(NamesOfNewHostsTest, NothingOfAnOldHostGoesForNamesOfNewOnesAndTheLimitHolds) {
  const std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  const std::int64_t before = readings_of_the_old_host();
  bring_names(now);
  maintain_for_minutes(now, 10);
  EXPECT_EQ(readings_of_the_old_host(), before);
  EXPECT_LE(used(), 1'100'000U);
  for (const std::int64_t step : {kDay, kHour, std::int64_t{300}}) expect_exact(0, now, step);
  fixture_.reopen();  // whose lists of series they are is not known any more
  bring_names(now + 1000);
  maintain_for_minutes(now + 1000, 10);
  EXPECT_EQ(readings_of_the_old_host(), before);
  EXPECT_LE(used(), 1'100'000U);
  expect_sound();
}

TEST_F(NamesOfNewHostsTest, DayAfterDayNamesTakeAFifthOfTheLimitAtMost) {
  std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  for (int day = 0; day < 5; ++day, now += kDay) {
    post(now, now);
    send(now);
    bring_names(now);
    maintain_for_minutes(now, 10);
    EXPECT_LE(used(), 1'100'000U) << "day " << day;
  }
  EXPECT_LE(ask("SELECT sum(length(metric) + length(instance)) FROM series"), 1'000'000 / 5 / 2);
  expect_exact(now - 29 * kDay, now, kDay);
  expect_sound();
}

TEST_F(NamesOfNewHostsTest, NamesThatAreThereBeyondTheirPartOfANewLimitCostNoHistory) {
  fixture_.options.max_database_bytes = 0;
  fixture_.reopen();
  std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  bring_names(now);
  fixture_.maintain(now + 31);
  const std::int64_t before = readings_of_the_old_host();
  fixture_.options.max_database_bytes = 1'000'000;
  fixture_.reopen();
  now += 3 * kDay;  // they are old hosts, too
  maintain_for_minutes(now, 10);
  EXPECT_EQ(readings_of_the_old_host(), before);
  expect_exact(0, now, kDay);
}

TEST_F(NamesOfNewHostsTest, AnOldHostHasRoomForItsOwnNamesAllTheSame) {
  const std::int64_t now = kBorder + 2 * kDay;
  an_old_host_of_29_days(now);
  bring_names(now);
  const StoreStatistics before = fixture_.store().statistics();
  EXPECT_GT(before.refused_series, 0U);
  post(now, now, named("own", 50));
  send(now);
  EXPECT_EQ(fixture_.store().statistics().refused_series, before.refused_series);
}

}  // namespace
}  // namespace hostwatch::storage
