// What every Store promises, one factory a kind of store. SQLite is the first to be held against it; its
// own stages are in sqlite_stages_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/storage/conformance/store_conformance.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

}  // namespace

TEST_P(StoreConformance, AReadingIsStoredOnceAndTheFirstValuesStay) {
  EXPECT_EQ(fixture().append({reading("web-1", kNow, 10)}).accepted, 1U);
  reach_stage();
  const AppendResult same = fixture().append({reading("web-1", kNow, 10)});
  EXPECT_EQ(same.accepted, 0U);
  EXPECT_EQ(same.duplicates, 1U);
  EXPECT_EQ(same.conflicts, 0U);
  const AppendResult other = fixture().append({reading("web-1", kNow, 99)});
  EXPECT_EQ(other.duplicates, 1U);
  EXPECT_EQ(other.conflicts, 1U);
  EXPECT_THAT(fixture().cpu_of("web-1"), ElementsAre(Pair(kNow, 10)));
}

TEST_P(StoreConformance, LateReadingsTakeTheirPlace) {
  fixture().append({reading("web-1", kNow, 3), reading("web-1", kNow - 20, 1)});
  reach_stage();
  const AppendResult late =
      fixture().append({reading("web-1", kNow - 10, 2), reading("web-1", kNow - 20, 1)});
  EXPECT_EQ(late.accepted, 1U);
  EXPECT_EQ(late.duplicates, 1U);
  EXPECT_THAT(fixture().cpu_of("web-1"), ElementsAre(Pair(kNow - 20, 1), Pair(kNow - 10, 2), Pair(kNow, 3)));
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
  EXPECT_EQ(fixture().append(every_third).accepted, 100U);
  EXPECT_EQ(fixture().append({reading("web-1", kNow, 7)}).accepted, 1U) << "a fresh one in between";
  reach_stage();
  const AppendResult first = fixture().append(backlog);
  EXPECT_EQ(first.accepted, 200U);
  EXPECT_EQ(first.duplicates, 100U);
  EXPECT_EQ(first.conflicts, 0U);
  reach_stage();
  const AppendResult again = fixture().append(backlog);
  EXPECT_EQ(again.accepted, 0U);
  EXPECT_EQ(again.duplicates, 300U);
  reach_stage();
  const auto stored = fixture().cpu_of("web-1");  // also: none twice
  ASSERT_EQ(stored.size(), 301U);
  for (const protocol::Reading& one : backlog) EXPECT_EQ(stored.at(one.timestamp), one.cpu);
  EXPECT_EQ(store().count("web-1", 0, INT64_MAX, 1000), 301U);
}

TEST_P(StoreConformance, TheSameBacklogInTwoRequestsAtOnceIsStoredOnce) {
  fixture().append({reading("web-1", kNow)});
  reach_stage();
  std::vector<protocol::ReceivedReading> backlog;
  for (int i = 1; i <= 50; ++i) backlog.push_back(protocol::received(reading("web-1", kNow - 10 * i)));
  const std::vector<std::span<const protocol::ReceivedReading>> requests{backlog, backlog};
  const auto results = store().append(requests, kNow);
  EXPECT_EQ(results[0].accepted, 50U);
  EXPECT_EQ(results[1].duplicates, 50U);
  EXPECT_EQ(fixture().cpu_of("web-1").size(), 51U);
}

TEST_P(StoreConformance, ReadingsThatFillAGapAreCountedOnce) {
  fixture().append({reading("web-1", kNow - 100), reading("web-1", kNow)});
  EXPECT_EQ(store().hosts().front().backfilled, 0U) << "in order, or in one transaction: nothing was missing";
  reach_stage();
  const std::uint64_t before = store().hosts().front().backfilled;
  fixture().append({reading("web-1", kNow - 50), reading("web-1", kNow - 40), reading("web-1", kNow + 1)});
  EXPECT_EQ(store().hosts().front().backfilled, before + 2);
  fixture().append({reading("web-1", kNow - 50)});
  EXPECT_EQ(store().hosts().front().backfilled, before + 2);
}

TEST_P(StoreConformance, ResultsBelongToTheirRequests) {
  const auto first = protocol::received({reading("a", kNow), reading("b", kNow)});
  const auto second =
      protocol::received({reading("a", kNow), reading("a", kNow + 1), reading("a", kNow + 1, 5)});
  const std::vector<std::span<const protocol::ReceivedReading>> requests{first, second};
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
  fixture().append({reading("web-1", kNow, 10, samples)});
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
  for (int i = 0; i < 10; ++i) fixture().append({reading("web-1", kNow + i, i)});
  reach_stage();
  EXPECT_EQ(fixture().cpu_of("web-1", kNow + 3, kNow + 5).size(), 3U);
  EXPECT_EQ(store().count("web-1", kNow + 3, kNow + 5, 100), 3U);
  EXPECT_EQ(store().count("web-1", 0, INT64_MAX, 4), 4U);
  EXPECT_TRUE(fixture().cpu_of("web-1", kNow + 5, kNow + 3).empty());
  EXPECT_TRUE(fixture().cpu_of("nobody").empty());
  EXPECT_EQ(store().count("nobody", 0, INT64_MAX, 4), 0U);
}

TEST_P(StoreConformance, FactsStayUntilTheyChange) {
  protocol::Reading with_facts = reading("web-1", kNow);
  with_facts.facts.emplace().os = "Debian";
  with_facts.facts->interval_seconds = 10;
  fixture().append({with_facts});
  reach_stage();
  fixture().append({reading("web-1", kNow + 1)});
  EXPECT_EQ(store().hosts().front().facts.os, "Debian");
  EXPECT_EQ(store().hosts().front().interval, 10);
  with_facts.timestamp += 2;
  with_facts.facts->os = "Debian 13";
  fixture().append({with_facts});
  reach_stage();
  EXPECT_EQ(store().hosts().front().facts.os, "Debian 13");
}

TEST_P(StoreConformance, TheIntervalOfAPlainClientIsObserved) {
  fixture().append({reading("web-1", kNow - 60)});
  fixture().append({reading("web-1", kNow)});
  reach_stage();
  EXPECT_EQ(store().hosts().front().interval, 60);
}

TEST_P(StoreConformance, AForgottenHostIsGoneAndItsNameIsFree) {
  fixture().append({reading("web-1", kNow), reading("web-2", kNow)});
  reach_stage();
  EXPECT_TRUE(store().delete_host("web-1"));
  EXPECT_FALSE(store().delete_host("web-1"));
  EXPECT_THAT(store().host_names(), ElementsAre("web-2"));
  fixture().maintain();
  fixture().reopen();
  EXPECT_TRUE(fixture().cpu_of("web-1").empty());
  EXPECT_EQ(fixture().append({reading("web-1", kNow, 7)}).accepted, 1U);
  EXPECT_THAT(fixture().cpu_of("web-1"), ElementsAre(Pair(kNow, 7)));
}

TEST_P(StoreConformance, ACleanedHostKeepsItsNameAndFactsAlone) {
  protocol::Reading with_facts = reading("web-1", kNow);
  with_facts.facts.emplace().os = "Debian";
  fixture().append({with_facts});
  reach_stage();
  EXPECT_TRUE(store().delete_history("web-1", kNow + 100));
  EXPECT_FALSE(store().delete_history("nobody", kNow));
  fixture().maintain();
  fixture().reopen();
  const HostState host = store().hosts().front();
  EXPECT_EQ(host.facts.os, "Debian");
  EXPECT_FALSE(host.latest);
  EXPECT_TRUE(fixture().cpu_of("web-1").empty());
  EXPECT_EQ(fixture().append({reading("web-1", kNow)}).accepted, 1U);
}

TEST_P(StoreConformance, DuplicatesWithUnknownSeriesLeaveAStoreThatOpensAgain) {
  fixture().append({reading("web-1", kNow)});
  reach_stage();
  fixture().append({reading("web-1", kNow, 10, {{"never_stored", "", 1}})});
  fixture().append({reading("web-1", kNow + 1, 10, {{"stored", "", 2}})});
  fixture().reopen();
  EXPECT_EQ(*store().hosts().front().latest, reading("web-1", kNow + 1, 10, {{"stored", "", 2}}));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance,
                         ::testing::ValuesIn(at_every_stage({"Sqlite", std::make_unique<StoreFixture>})),
                         name_of_factory);

}  // namespace hostwatch::storage
