// The store where memory is wanting: whatever request for it fails, nothing that was acknowledged is lost,
// and what failed can be done again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/memory/failing_new.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using test::with_each_failure;

class StoreMemory : public ::testing::Test, protected StoreFixture {
 protected:
  /// A reading with facts and a series of its own.
  static std::vector<protocol::Reading> rich(const std::string& host, std::int64_t timestamp,
                                             const std::string& series) {
    protocol::Reading one =
        reading(host, timestamp, 12.5, {{"own_metric_that_is_long", series + " of a long name", 1.5}});
    one.facts.emplace();
    one.facts->os = "An operating system, " + series;
    one.facts->tags = {{"role", "a value that is no short text, of " + series}};
    return {one};
  }

  /// As SqliteStore is used: what failed is sent again, and then it is there, once.
  void expect_taken(const std::vector<protocol::Reading>& readings) {
    const AppendResult again = append(readings);
    EXPECT_EQ(again.accepted + again.duplicates, readings.size());
    EXPECT_EQ(again.conflicts, 0U);
  }

  void expect_stored(const std::string& host, std::size_t count) {
    EXPECT_EQ(cpu_of(host).size(), count) << host;
  }
};

TEST_F(StoreMemory, ANewHostOrSeriesThatFailsCanBeSentAgain) {
  std::vector<protocol::Reading> readings;
  const long failures = with_each_failure(
      [&](long number) {
        test::fail_new(-1);
        readings = rich("host-" + std::to_string(number), kNow, "series " + std::to_string(number));
        test::fail_new(number);
        append(readings);
      },
      [&](long) { expect_taken(readings); });
  EXPECT_GT(failures, 20);
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) reopen();
    for (long number = 0; number <= failures; ++number) expect_stored("host-" + std::to_string(number), 1);
  }
}

TEST_F(StoreMemory, OfAKnownHostNothingIsLostAfterAFailure) {
  append(rich("web-1", kNow - 10000, "first"));
  std::vector<protocol::Reading> readings;
  const long failures = with_each_failure(
      [&](long number) {
        test::fail_new(-1);
        readings = rich("web-1", kNow - 5000 + number, "series " + std::to_string(number));
        test::fail_new(number);
        append(readings);
      },
      // The next one, as an agent goes on: what failed must not have spoilt the host.
      [&](long number) {
        const std::vector<protocol::Reading> next{reading("web-1", kNow + number)};
        EXPECT_EQ(append(next).accepted, 1U);
        expect_taken(readings);
      });
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) reopen();
    expect_stored("web-1", 1 + 2 * static_cast<std::size_t>(failures + 1));
  }
}

TEST_F(StoreMemory, MaintenanceThatFailsGoesOnLater) {
  options.file_after_readings = 1;
  options.compact_after_readings = 4;
  reopen();
  std::size_t count = 0;
  const long failures = with_each_failure(
      [&](long number) {
        test::fail_new(-1);
        for (int i = 0; i < 5; ++i, ++count) {
          const auto timestamp = kNow - 80000 + static_cast<std::int64_t>(count) * 10;
          append({reading("web-1", timestamp), reading("web-2", timestamp)});
        }
        test::fail_new(number);
        maintain();
      },
      [&](long) {
        maintain();
        expect_stored("web-1", count);
      });
  EXPECT_GT(failures, 100);
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) reopen();
    expect_stored("web-1", count);
    expect_stored("web-2", count);
  }
}

TEST_F(StoreMemory, GivingNamesBackThatFailsGoesOnLaterAndTakesNoneThatIsInUse) {
  options.file_after_readings = 1;
  reopen();
  std::int64_t last = kNow;
  append(rich("web-1", last, "kept"));
  const auto rows = [this] {
    std::size_t count = 0;
    read_readings(store(), {"web-1", 0, INT64_MAX, false, {"own_metric_that_is_long"}},
                  [&](std::int64_t, std::span<const StoredValue> values) { count += values.size(); });
    return count;
  };
  std::size_t appended = 1;
  const long failures = with_each_failure(
      [&](long number) {
        test::fail_new(-1);
        append(rich("gone", kNow, "series " + std::to_string(number)));
        store().delete_host("gone");
        test::fail_new(number);
        maintain();
      },
      [&](long) {
        maintain();
        append(rich("web-1", ++last, "kept"));
        EXPECT_EQ(rows(), ++appended);
      });
  EXPECT_GT(failures, 10);
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) reopen();
    EXPECT_EQ(rows(), appended);
    EXPECT_EQ(store().statistics().series, 4U) << "cpu, ram, disk and the one that is kept";
  }
}

TEST_F(StoreMemory, AReadThatFailsCostsItselfAlone) {
  options.file_after_readings = 1;
  options.compact_after_readings = 4;
  reopen();
  for (int i = 0; i < 20; ++i) append(rich("web-1", kNow + i, "first"));
  maintain();
  append(rich("web-1", kNow + 20, "second"));
  const long failures = with_each_failure(
      [&](long) {
        std::size_t rows = 0;
        read_readings(store(), {"web-1", 0, INT64_MAX, false, {"cpu"}},
                      [&](std::int64_t, std::span<const StoredValue>) { ++rows; });
        EXPECT_EQ(rows, 21U);
      },
      [&](long) { expect_stored("web-1", 21); });
  EXPECT_GT(failures, 10);
}

TEST_F(StoreMemory, AHostThatCannotBeForgottenIsStillThere) {
  append(rich("web-1", kNow, "first"));
  with_each_failure([&](long) { store().delete_history("web-1", kNow); },
                    [&](long) { append(rich("web-1", kNow, "first")); });
  with_each_failure([&](long) { store().delete_host("web-1"); },
                    [&](long) { append(rich("web-1", kNow, "first")); });
  expect_stored("web-1", 1);
  reopen();
  expect_stored("web-1", 1);
}

}  // namespace
}  // namespace hostwatch::storage
