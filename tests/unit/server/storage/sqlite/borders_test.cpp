// Where a host's history begins is never later than now.
#include "tests/unit/server/storage/sqlite/levels_fixture.h"

namespace hostwatch::storage {
namespace {

class BordersTest : public LevelsTest {
 protected:
  static constexpr std::int64_t kStart = kBorder + kDay / 2;  // in the middle of a chunk of four days

  BordersTest() {
    fixture_.options.max_database_bytes = 1'000'000;
    fixture_.reopen();
    fixture_.maintain(kStart);
  }
  /// A reading every ten seconds with so many values that the limit is exceeded within hours.
  AppendResult feed(std::int64_t from, std::int64_t to) {
    AppendResult result;
    for (std::int64_t at = from; at < to; at += 1000) {
      std::vector<protocol::Reading> readings;
      for (std::int64_t time = at; time < std::min(at + 1000, to); time += 10) {
        std::vector<protocol::Sample> samples = named("", 60);
        for (protocol::Sample& sample : samples) sample.value = static_cast<double>(random_()) / 1e9;
        readings.push_back(StoreFixture::reading("web-1", time, 1, samples));
      }
      const AppendResult part = fixture_.append(readings, to);
      result.accepted += part.accepted;
      result.lost += part.lost;
    }
    fixture_.maintain(to + 31);
    fixture_.maintain(to + 340);
    return result;
  }
  std::int64_t border() const { return ask("SELECT coalesce(max(reading), 0) FROM kept_from"); }
};

TEST_F(BordersTest, AReadingOfATimeToComeMovesNoBorderThere) {
  fixture_.append({StoreFixture::reading("web-1", kStart + 10 * kDay)}, kStart + 10 * kDay);
  fixture_.maintain(kStart + 10 * kDay, kStart + 1);
  fixture_.maintain(kStart + 2, kStart + 2);
  for (std::int64_t now = kStart + 2 * kHour; now < kStart + 20 * kHour; now += 2 * kHour) {
    fixture_.maintain(now);
    EXPECT_EQ(feed(now - 2 * kHour, now).lost, 0U) << (now - kStart) / kHour << " hours later";
    EXPECT_LE(border(), now);
  }
  EXPECT_GT(border(), 0) << "the limit was reached";
}

TEST_F(BordersTest, ReadingsThatWaitedForTwoHoursAreTakenWhateverGoesForSpaceMeanwhile) {
  for (std::int64_t now = kStart + 2 * kHour; now < kStart + 20 * kHour; now += 2 * kHour) {
    fixture_.maintain(now);  // the limit is looked at before the host is heard of again
    EXPECT_EQ(feed(now - 2 * kHour, now).lost, 0U) << (now - kStart) / kHour << " hours later";
  }
}

TEST_F(BordersTest, ABorderOfATimeToComeIsMendedAtTheStart) {
  feed(kStart - kHour, kStart);
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE)
      .exec("INSERT OR REPLACE INTO kept_from SELECT id, " + std::to_string(kStart + 10 * kDay) +
            ", 0, 0 FROM host");
  fixture_.reopen();
  const std::int64_t now = kStart + kHour;
  EXPECT_FALSE(fixture_.store().keeps("web-1", now + 60));
  fixture_.maintain(now);
  EXPECT_TRUE(fixture_.store().keeps("web-1", now + 60));
  EXPECT_FALSE(fixture_.store().keeps("web-1", now - 60))
      << "of that time readings had been counted and lost";
  EXPECT_EQ(border(), now);
}

TEST_F(BordersTest, AClockThatIsBehindMendsNothing) {
  feed(kStart - kHour, kStart);
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE)
      .exec("INSERT OR REPLACE INTO kept_from SELECT id, " + std::to_string(kStart - 60) +
            ", 0, 0 FROM host");
  fixture_.reopen();
  fixture_.maintain(1000);
  EXPECT_EQ(border(), kStart - 60);
}

}  // namespace
}  // namespace hostwatch::storage
