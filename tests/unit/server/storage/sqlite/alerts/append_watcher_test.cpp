// Who watches sees each reading that is stored, once, before it is; and what it makes of them is stored with
// them or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <stdexcept>

#include "tests/unit/server/storage/sqlite/alerts/recording_watcher.h"

namespace hostwatch::storage::append_watcher_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = StoreFixture::kNow;

class AppendWatchers : public ::testing::Test {
 protected:
  AppendWatchers() { alerts().watch(&watcher_); }
  AlertStore& alerts() { return fixture_.store().alerts(); }
  static protocol::Reading with_facts(std::int64_t timestamp, std::int64_t interval) {
    protocol::Reading reading = StoreFixture::reading("web-1", timestamp);
    protocol::HostFacts facts;
    facts.interval_seconds = static_cast<decltype(facts.interval_seconds)>(interval);
    reading.facts = facts;
    return reading;
  }
  StoreFixture fixture_;
  RecordingWatcher watcher_;
};

TEST_F(AppendWatchers, AHostIsSeenAsItWasWithItsNewReadingsInOrder) {
  fixture_.append({StoreFixture::reading("web-1", kNow + 20, 3), StoreFixture::reading("web-1", kNow, 1),
                   StoreFixture::reading("web-2", kNow, 7), StoreFixture::reading("web-1", kNow + 10, 2)},
                  kNow + 25);
  ASSERT_EQ(watcher_.seen.size(), 2U);
  const SeenHost first = watcher_.seen[0];
  EXPECT_EQ(first.name, "web-1");
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(first.newest, INT64_MIN);
  EXPECT_EQ(first.interval, 0);
  EXPECT_EQ(first.now, kNow + 25);
  EXPECT_THAT(first.cpu(), ElementsAre(1, 2, 3));
  EXPECT_THAT(watcher_.seen[1].cpu(), ElementsAre(7));
  fixture_.append(
      {StoreFixture::reading("web-1", kNow + 30, 4), StoreFixture::reading("web-1", kNow + 5, 5)});
  const SeenHost& later = watcher_.seen[2];
  EXPECT_EQ(later.host, first.host);
  EXPECT_NE(later.host, watcher_.seen[1].host);
  EXPECT_FALSE(later.is_new);
  EXPECT_EQ(later.newest, kNow + 20);
  EXPECT_EQ(later.interval, 10);
  EXPECT_THAT(later.cpu(), ElementsAre(5, 4)) << "late ones, too";
  EXPECT_THAT(watcher_.calls,
              ElementsAre("see", "see", "changes", "committed", "see", "changes", "committed"));
}

TEST_F(AppendWatchers, FactsAreAsTheyAreWithTheTransaction) {
  fixture_.append({with_facts(kNow, 30)});
  fixture_.append({StoreFixture::reading("web-1", kNow + 30)});
  fixture_.append({with_facts(kNow + 60, 30)});
  fixture_.append({with_facts(kNow + 90, 60)});
  fixture_.append({with_facts(kNow + 10, 5)});  // of a backlog: older than what is known
  std::vector<std::pair<std::int64_t, bool>> told;
  for (const SeenHost& host : watcher_.seen) told.emplace_back(host.interval, host.facts_changed);
  EXPECT_THAT(told, ElementsAre(std::pair(30, true), std::pair(30, false), std::pair(30, false),
                                std::pair(60, true), std::pair(60, false)));
  for (const SeenHost& host : watcher_.seen) EXPECT_EQ(host.facts.interval_seconds, host.interval);
}

TEST_F(AppendWatchers, WhatIsNotStoredAnewIsNotSeen) {
  fixture_.append({StoreFixture::reading("web-1", kNow, 1)});
  watcher_.clear();
  EXPECT_EQ(
      fixture_.append({StoreFixture::reading("web-1", kNow, 1), StoreFixture::reading("web-1", kNow, 2)})
          .duplicates,
      2U);
  EXPECT_THAT(watcher_.calls, IsEmpty());
  fixture_.append({StoreFixture::reading("web-1", kNow + 1, 5), StoreFixture::reading("web-1", kNow + 1, 6)});
  ASSERT_EQ(watcher_.seen.size(), 1U);
  EXPECT_THAT(watcher_.seen[0].cpu(), ElementsAre(5));
}

TEST_F(AppendWatchers, WhatComesTooLateIsNotSeen) {
  fixture_.append({StoreFixture::reading("web-1", kNow + 20)});
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE)
      .exec("INSERT INTO kept_from SELECT id, 1763884810, 0, 0 FROM host");
  fixture_.reopen();
  alerts().watch(&watcher_);
  ASSERT_FALSE(fixture_.store().keeps("web-1", kNow + 1));
  watcher_.clear();
  EXPECT_EQ(fixture_.append({StoreFixture::reading("web-1", kNow + 1)}).lost, 1U);
  EXPECT_THAT(watcher_.calls, IsEmpty());
}

TEST_F(AppendWatchers, NobodySeesAfterItWasTakenAway) {
  alerts().watch(nullptr);
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  EXPECT_THAT(watcher_.calls, IsEmpty());
  alerts().watch(&watcher_);
  fixture_.append({StoreFixture::reading("web-1", kNow + 1)});
  EXPECT_EQ(watcher_.seen.size(), 1U);
}

TEST_F(AppendWatchers, ItsChangesAreStoredAndReadersSeeThemAtOnce) {
  watcher_.changes_for_next.alarms = {open_alarm(1, "web-1", kNow)};
  watcher_.changes_for_next.states = {firing(open_alarm(1, "web-1", kNow))};
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  EXPECT_EQ(alerts().alarms({}).size(), 1U);
  fixture_.reopen();
  EXPECT_EQ(alerts().alert_state().states.size(), 1U);
}

TEST_F(AppendWatchers, WhileItSeesItMayReadWhatWasWrittenBefore) {
  AlertChanges before;
  before.alarms = {open_alarm(1, "web-1", kNow)};
  alerts().write(before);
  fixture_.append({StoreFixture::reading("web-1", kNow - 1)});
  std::size_t open = 0;
  watcher_.on_see = [&] {
    open = alerts().alert_state().open_alarms.size();
    watcher_.changes_for_next.alarms = {open_alarm(2, "web-1", kNow)};
  };
  fixture_.append({StoreFixture::reading("web-1", kNow), StoreFixture::reading("web-1", kNow - 5)});
  EXPECT_EQ(open, 1U);
  EXPECT_EQ(alerts().alarms({}).size(), 2U);
}

TEST_F(AppendWatchers, IfItFailsNothingIsStored) {
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  watcher_.clear();
  watcher_.on_see = [] { throw std::runtime_error("of the watcher"); };
  EXPECT_THROW(fixture_.append({StoreFixture::reading("web-1", kNow + 1, 1, {{"new", "", 1}}),
                                StoreFixture::reading("web-2", kNow)}),
               std::runtime_error);
  EXPECT_THAT(watcher_.calls, ElementsAre("see", "rolled_back"));
  EXPECT_FALSE(fixture_.store().knows("web-2"));
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1U);
  watcher_.on_see = {};
  watcher_.clear();
  watcher_.on_changes = [] { throw StoreError("of its changes"); };
  EXPECT_THROW(fixture_.append({StoreFixture::reading("web-1", kNow + 1)}), StoreError);
  EXPECT_THAT(watcher_.calls, ElementsAre("see", "changes", "rolled_back"));
  watcher_.on_changes = {};
  watcher_.clear();
  EXPECT_EQ(fixture_.append({StoreFixture::reading("web-1", kNow + 1)}).accepted, 1U);
  EXPECT_THAT(watcher_.calls, ElementsAre("see", "changes", "committed"));
}

/// Random requests of a few hosts: new ones, late ones, some twice in one request and some in another.
TEST_F(AppendWatchers, ItSeesExactlyWhatWasAccepted) {
  std::mt19937 random(4);
  const auto number = [&](unsigned below) { return static_cast<double>(random() % below); };
  std::map<std::string, std::set<std::int64_t>> stored;
  std::map<std::string, std::int64_t> numbers;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<protocol::ReceivedReading>> requests(1 + random() % 4);
    std::map<std::string, std::map<std::int64_t, const protocol::ReceivedReading*>> expected;
    auto after = stored;
    for (auto& request : requests) {
      const std::size_t count = 1 + random() % 8;
      for (std::size_t i = 0; i < count; ++i) {
        const std::string host = "host-" + std::to_string(random() % (2 + static_cast<unsigned>(round) / 20));
        const std::int64_t timestamp = kNow + round * 3 - static_cast<std::int64_t>(random() % 60);
        request.push_back(protocol::received(
            StoreFixture::reading(host, timestamp, number(100), {{"gauge", "", number(9)}})));
      }
      for (const auto& reading : request) {
        if (after[reading.hostname].insert(reading.timestamp).second) {
          expected[reading.hostname][reading.timestamp] = &reading;
        }
      }
    }
    std::vector<std::span<const protocol::ReceivedReading>> spans(requests.begin(), requests.end());
    watcher_.clear();
    const std::vector<AppendResult> results = fixture_.store().append(spans, kNow);
    std::size_t accepted = 0;
    for (const AppendResult& result : results) accepted += result.accepted;
    std::size_t seen = 0;
    ASSERT_EQ(watcher_.seen.size(), expected.size());
    for (const SeenHost& host : watcher_.seen) {
      std::vector<const protocol::ReceivedReading*> of_host;
      for (const auto& [timestamp, reading] : expected.at(host.name)) of_host.push_back(reading);
      ASSERT_EQ(host.addresses, of_host) << "the very readings, in order of time";
      const auto& known = stored[host.name];
      ASSERT_EQ(host.newest, known.empty() ? INT64_MIN : *known.rbegin());
      ASSERT_EQ(host.is_new, known.empty());
      ASSERT_EQ(numbers.try_emplace(host.name, host.host).first->second, host.host);
      seen += of_host.size();
    }
    ASSERT_EQ(seen, accepted);
    stored = after;
    if (round % 20 == 7) fixture_.maintain(kNow + round * 100);
    if (round % 50 == 49) {
      fixture_.reopen();
      alerts().watch(&watcher_);
    }
  }
}

}  // namespace
}  // namespace hostwatch::storage::append_watcher_test
