// What every Store promises. SQLite is the first to be held against it; others join by the parameter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr std::int64_t kNow = StoreFixture::kNow;

/// The same promises before and after readings have been filed and compacted, and after a restart.
enum class Stage { fresh, filed, compacted, restarted, filed_and_restarted, compacted_and_restarted };

class StoreConformance : public ::testing::TestWithParam<Stage> {
 protected:
  StoreConformance() {
    if (GetParam() == Stage::compacted || GetParam() == Stage::compacted_and_restarted) {
      fixture_.options.compact_after_readings = 1;
      fixture_.options.most_uncompacted = 0;
      fixture_.reopen();
    }
  }
  void reach_stage() {
    const Stage stage = GetParam();
    if (stage != Stage::fresh && stage != Stage::restarted) fixture_.maintain();
    if (stage == Stage::restarted || stage == Stage::filed_and_restarted ||
        stage == Stage::compacted_and_restarted)
      fixture_.reopen();
  }
  Store& store() { return fixture_.store(); }
  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5,
                                   std::vector<protocol::Sample> samples = {}) {
    return StoreFixture::reading(host, timestamp, cpu, std::move(samples));
  }
  StoreFixture fixture_;
};

TEST_P(StoreConformance, AReadingIsStoredOnceAndTheFirstValuesStay) {
  EXPECT_EQ(fixture_.append({reading("web-1", kNow, 10)}).accepted, 1U);
  reach_stage();
  const AppendResult same = fixture_.append({reading("web-1", kNow, 10)});
  EXPECT_EQ(same.accepted, 0U);
  EXPECT_EQ(same.duplicates, 1U);
  EXPECT_EQ(same.conflicts, 0U);
  const AppendResult other = fixture_.append({reading("web-1", kNow, 99)});
  EXPECT_EQ(other.duplicates, 1U);
  EXPECT_EQ(other.conflicts, 1U);
  EXPECT_THAT(fixture_.cpu_of("web-1"), ElementsAre(Pair(kNow, 10)));
}

TEST_P(StoreConformance, LateReadingsTakeTheirPlace) {
  fixture_.append({reading("web-1", kNow, 3), reading("web-1", kNow - 20, 1)});
  reach_stage();
  const AppendResult late = fixture_.append({reading("web-1", kNow - 10, 2), reading("web-1", kNow - 20, 1)});
  EXPECT_EQ(late.accepted, 1U);
  EXPECT_EQ(late.duplicates, 1U);
  EXPECT_THAT(fixture_.cpu_of("web-1"), ElementsAre(Pair(kNow - 20, 1), Pair(kNow - 10, 2), Pair(kNow, 3)));
  const HostState host = store().hosts().front();
  EXPECT_EQ(host.first_seen, kNow - 20);
  EXPECT_EQ(host.last_seen, kNow);
  EXPECT_EQ(host.latest->cpu, 3);
}

/// What an agent sends again after a lost answer: some of it was stored, long ago or just now, some not.
TEST_P(StoreConformance, AResentMixtureOfOldAndNewIsStoredOnce) {
  std::vector<protocol::Reading> backlog;
  for (int i = 0; i < 300; ++i) backlog.push_back(reading("web-1", kNow - 3000 + 10 * i, i % 100));
  std::vector<protocol::Reading> every_third;
  for (std::size_t i = 0; i < backlog.size(); i += 3) every_third.push_back(backlog[i]);
  EXPECT_EQ(fixture_.append(every_third).accepted, 100U);
  EXPECT_EQ(fixture_.append({reading("web-1", kNow, 7)}).accepted, 1U) << "a fresh one in between";
  reach_stage();
  const AppendResult first = fixture_.append(backlog);
  EXPECT_EQ(first.accepted, 200U);
  EXPECT_EQ(first.duplicates, 100U);
  EXPECT_EQ(first.conflicts, 0U);
  reach_stage();
  const AppendResult again = fixture_.append(backlog);
  EXPECT_EQ(again.accepted, 0U);
  EXPECT_EQ(again.duplicates, 300U);
  reach_stage();
  const auto stored = fixture_.cpu_of("web-1");  // also: none twice
  ASSERT_EQ(stored.size(), 301U);
  for (const protocol::Reading& one : backlog) EXPECT_EQ(stored.at(one.timestamp), one.cpu);
  EXPECT_EQ(store().count("web-1", 0, INT64_MAX, 1000), 301U);
}

TEST_P(StoreConformance, TheSameBacklogInTwoRequestsAtOnceIsStoredOnce) {
  fixture_.append({reading("web-1", kNow)});
  reach_stage();
  std::vector<protocol::Reading> backlog;
  for (int i = 1; i <= 50; ++i) backlog.push_back(reading("web-1", kNow - 10 * i));
  const std::vector<std::span<const protocol::Reading>> requests{backlog, backlog};
  const auto results = store().append(requests, kNow);
  EXPECT_EQ(results[0].accepted, 50U);
  EXPECT_EQ(results[1].duplicates, 50U);
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 51U);
}

TEST_P(StoreConformance, ReadingsThatFillAGapAreCountedOnce) {
  fixture_.append({reading("web-1", kNow - 100), reading("web-1", kNow)});
  EXPECT_EQ(store().hosts().front().backfilled, 0U) << "in order, or in one transaction: nothing was missing";
  reach_stage();
  const std::uint64_t before = store().hosts().front().backfilled;
  fixture_.append({reading("web-1", kNow - 50), reading("web-1", kNow - 40), reading("web-1", kNow + 1)});
  EXPECT_EQ(store().hosts().front().backfilled, before + 2);
  fixture_.append({reading("web-1", kNow - 50)});
  EXPECT_EQ(store().hosts().front().backfilled, before + 2);
}

TEST_P(StoreConformance, ResultsBelongToTheirRequests) {
  const std::vector<protocol::Reading> first{reading("a", kNow), reading("b", kNow)};
  const std::vector<protocol::Reading> second{reading("a", kNow), reading("a", kNow + 1),
                                              reading("a", kNow + 1, 5)};
  const std::vector<std::span<const protocol::Reading>> requests{first, second};
  const auto results = store().append(requests, kNow);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].accepted, 2U);
  EXPECT_EQ(results[1].accepted, 1U);
  EXPECT_EQ(results[1].duplicates, 2U);
  EXPECT_EQ(results[1].conflicts, 1U);
}

TEST_P(StoreConformance, SamplesAndTheirNamesComeBack) {
  const std::vector<protocol::Sample> samples{
      {"load1", "", 0.42}, {"queue", "müller <1>", 1e300}, {"queue", "b", -7.125}};
  fixture_.append({reading("web-1", kNow, 10, samples)});
  reach_stage();
  EXPECT_EQ(*store().hosts().front().latest, reading("web-1", kNow, 10, samples));
  std::map<std::string, double> found;
  read_readings(store(), {"web-1", 0, kNow, false, {"queue"}},
                [&](std::int64_t, std::span<const StoredValue> values) {
                  for (const StoredValue& value : values)
                    found[store().series_name(value.series).instance] = value.value;
                });
  EXPECT_THAT(found, ElementsAre(Pair("b", -7.125), Pair("müller <1>", 1e300)));
}

TEST_P(StoreConformance, RangesIncludeBothEnds) {
  for (int i = 0; i < 10; ++i) fixture_.append({reading("web-1", kNow + i, i)});
  reach_stage();
  EXPECT_EQ(fixture_.cpu_of("web-1", kNow + 3, kNow + 5).size(), 3U);
  EXPECT_EQ(store().count("web-1", kNow + 3, kNow + 5, 100), 3U);
  EXPECT_EQ(store().count("web-1", 0, INT64_MAX, 4), 4U);
  EXPECT_TRUE(fixture_.cpu_of("web-1", kNow + 5, kNow + 3).empty());
  EXPECT_TRUE(fixture_.cpu_of("nobody").empty());
  EXPECT_EQ(store().count("nobody", 0, INT64_MAX, 4), 0U);
}

TEST_P(StoreConformance, FactsStayUntilTheyChange) {
  protocol::Reading with_facts = reading("web-1", kNow);
  with_facts.facts.emplace().os = "Debian";
  with_facts.facts->interval_seconds = 10;
  fixture_.append({with_facts});
  reach_stage();
  fixture_.append({reading("web-1", kNow + 1)});
  EXPECT_EQ(store().hosts().front().facts.os, "Debian");
  EXPECT_EQ(store().hosts().front().interval, 10);
  with_facts.timestamp += 2;
  with_facts.facts->os = "Debian 13";
  fixture_.append({with_facts});
  reach_stage();
  EXPECT_EQ(store().hosts().front().facts.os, "Debian 13");
}

TEST_P(StoreConformance, TheIntervalOfAPlainClientIsObserved) {
  fixture_.append({reading("web-1", kNow - 60)});
  fixture_.append({reading("web-1", kNow)});
  reach_stage();
  EXPECT_EQ(store().hosts().front().interval, 60);
}

TEST_P(StoreConformance, AForgottenHostIsGoneAndItsNameIsFree) {
  fixture_.append({reading("web-1", kNow), reading("web-2", kNow)});
  reach_stage();
  EXPECT_TRUE(store().forget_host("web-1"));
  EXPECT_FALSE(store().forget_host("web-1"));
  EXPECT_THAT(store().host_names(), ElementsAre("web-2"));
  fixture_.maintain();
  fixture_.reopen();
  EXPECT_TRUE(fixture_.cpu_of("web-1").empty());
  EXPECT_EQ(fixture_.append({reading("web-1", kNow, 7)}).accepted, 1U);
  EXPECT_THAT(fixture_.cpu_of("web-1"), ElementsAre(Pair(kNow, 7)));
}

TEST_P(StoreConformance, ACleanedHostKeepsItsNameAndFactsAlone) {
  protocol::Reading with_facts = reading("web-1", kNow);
  with_facts.facts.emplace().os = "Debian";
  fixture_.append({with_facts});
  reach_stage();
  EXPECT_TRUE(store().clean_host("web-1", kNow + 100));
  EXPECT_FALSE(store().clean_host("nobody", kNow));
  fixture_.maintain();
  fixture_.reopen();
  const HostState host = store().hosts().front();
  EXPECT_EQ(host.facts.os, "Debian");
  EXPECT_FALSE(host.latest);
  EXPECT_TRUE(fixture_.cpu_of("web-1").empty());
  EXPECT_EQ(fixture_.append({reading("web-1", kNow)}).accepted, 1U);
}

TEST_P(StoreConformance, DuplicatesWithUnknownSeriesLeaveAStoreThatOpensAgain) {
  fixture_.append({reading("web-1", kNow)});
  reach_stage();
  fixture_.append({reading("web-1", kNow, 10, {{"never_stored", "", 1}})});
  fixture_.append({reading("web-1", kNow + 1, 10, {{"stored", "", 2}})});
  fixture_.reopen();
  EXPECT_EQ(*store().hosts().front().latest, reading("web-1", kNow + 1, 10, {{"stored", "", 2}}));
}

std::string name_of(const ::testing::TestParamInfo<Stage>& stage) {
  constexpr std::array<const char*, 6> kNames{
      "Fresh", "Filed", "Compacted", "Restarted", "FiledAndRestarted", "CompactedAndRestarted"};
  return kNames.at(static_cast<std::size_t>(stage.param));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         ::testing::Values(Stage::fresh, Stage::filed, Stage::compacted, Stage::restarted,
                                           Stage::filed_and_restarted, Stage::compacted_and_restarted),
                         name_of);

TEST(StoreUnderThreads, AReaderAlwaysSeesEverythingThatWasAcknowledgedBefore) {
  StoreFixture fixture;
  fixture.options.file_after_readings = 50;
  fixture.reopen();
  std::atomic<std::int64_t> acknowledged{0};
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    for (std::int64_t i = 1; i <= 3000; ++i) {
      fixture.append({StoreFixture::reading("web-1", kNow + i, 1)});
      acknowledged = i;
      if (i % 10 == 0) fixture.store().maintain(kNow + i);
    }
    done = true;
  });
  while (!done) {
    const std::int64_t before = acknowledged;
    const auto seen = fixture.cpu_of("web-1");  // also: none twice, none out of order
    ASSERT_GE(static_cast<std::int64_t>(seen.size()), before);
    fixture.store().hosts();
  }
}

}  // namespace
}  // namespace hostwatch::storage
