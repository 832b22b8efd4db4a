// What the store knows of its hosts, where a restart, retention or the order of arrival could bend it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::host_state_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::int64_t kNow = StoreFixture::kNow;

class HostStateTest : public ::testing::Test {
 protected:
  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5) {
    return StoreFixture::reading(host, timestamp, cpu);
  }
  static protocol::Reading with_os(std::int64_t timestamp, const std::string& os) {
    protocol::Reading result = reading("web-1", timestamp);
    result.facts.emplace().os = os;
    return result;
  }
  HostState host() { return fixture_.store().hosts().front(); }
  StoreFixture fixture_;
};

TEST_F(HostStateTest, ALateReadingMovesFirstSeenBackAlsoAfterARestart) {
  fixture_.append({reading("web-1", kNow)});
  fixture_.maintain();
  fixture_.append({reading("web-1", kNow - 50)});
  fixture_.reopen();
  EXPECT_EQ(host().first_seen, kNow - 50);
  fixture_.maintain();
  fixture_.reopen();
  EXPECT_EQ(host().first_seen, kNow - 50);
}

TEST_F(HostStateTest, AHostWhoseReadingsHaveAllExpiredKeepsWhenItWasLastSeen) {
  fixture_.append({reading("web-1", kNow), reading("web-1", kNow + 500)});
  fixture_.maintain();
  fixture_.maintain(kNow + 40 * 86400);
  fixture_.maintain(kNow + 40 * 86400 + 400);
  EXPECT_THAT(fixture_.cpu_of("web-1"), IsEmpty());
  fixture_.reopen();
  EXPECT_EQ(host().first_seen, kNow);
  EXPECT_EQ(host().last_seen, kNow + 500);
  EXPECT_EQ(host().latest->timestamp, kNow + 500) << "what it last was stays known";
}

TEST_F(HostStateTest, ValuesOfAllHostsAreThoseOfTheirLatestReadings) {
  protocol::Reading latest = reading("web-1", kNow + 10, 7);
  latest.samples = {{"jobs", "mail", 3}, {"load1", "", 0.5}};
  fixture_.append({reading("web-1", kNow), latest, reading("web-2", kNow)});
  fixture_.store().delete_history("web-2", kNow);
  std::vector<HostValues> hosts;
  fixture_.store().visit_values([&](const HostValues& one) {
    hosts.push_back(one);
    return true;
  });
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].name, "web-1");
  EXPECT_EQ(hosts[0].last_heard, host().last_heard);
  EXPECT_EQ(hosts[0].interval, host().interval);
  std::map<std::string, double> values;
  for (const StoredValue& value : hosts[0].values) {
    const SeriesName name = fixture_.store().series_name(value.series);
    values[name.metric + '|' + name.instance] = value.value;
  }
  EXPECT_THAT(values, ElementsAre(Pair("cpu|", 7), Pair("disk|", latest.disk), Pair("jobs|mail", 3),
                                  Pair("load1|", 0.5), Pair("ram|", latest.ram)));
  EXPECT_EQ(hosts[1].name, "web-2");
  EXPECT_THAT(hosts[1].values, IsEmpty());
}

TEST_F(HostStateTest, TellingOfValuesEndsWhereItIsToldTo) {
  fixture_.append({reading("web-1", kNow), reading("web-2", kNow)});
  int told = 0;
  fixture_.store().visit_values([&](const HostValues&) { return ++told == 0; });
  EXPECT_EQ(told, 1);
}

TEST_F(HostStateTest, ACleanedHostTakesLateReadingsAfterARestart) {
  fixture_.append({reading("web-1", kNow)});
  fixture_.store().delete_history("web-1", kNow + 100);
  fixture_.reopen();
  EXPECT_EQ(host().last_seen, kNow + 100);
  fixture_.append({reading("web-1", kNow + 10, 7)});
  ASSERT_TRUE(host().latest);
  EXPECT_EQ(host().latest->cpu, 7);
  EXPECT_EQ(host().last_seen, kNow + 10);
}

TEST_F(HostStateTest, FactsOfABacklogDoNotReplaceNewerOnes) {
  fixture_.append({with_os(kNow + 100, "Debian 13")});
  fixture_.append({with_os(kNow, "Debian 12")});
  EXPECT_EQ(host().facts.os, "Debian 13");
  fixture_.append({with_os(kNow + 200, "Debian 14"), with_os(kNow + 150, "Debian 13")});
  EXPECT_EQ(host().facts.os, "Debian 14");
  fixture_.reopen();
  EXPECT_EQ(host().facts.os, "Debian 14");
}

TEST_F(HostStateTest, FactsOfALateReadingCountWhenThereAreNoneOfALaterTime) {
  fixture_.append({reading("web-1", kNow + 100)});
  fixture_.append({with_os(kNow, "Debian 12")});
  EXPECT_EQ(host().facts.os, "Debian 12");
  fixture_.append({with_os(kNow + 50, "Debian 13")});
  EXPECT_EQ(host().facts.os, "Debian 13");
}

TEST_F(HostStateTest, TagsAreThereAfterARestartAndGoWithTheFactsThatReplaceThem) {
  protocol::Reading tagged = with_os(kNow, "Debian");
  tagged.facts->tags = {{"role", "db"}, {"site", "fra"}};
  fixture_.append({tagged});
  EXPECT_EQ(host().facts.tags, tagged.facts->tags);
  fixture_.reopen();
  EXPECT_EQ(host().facts.tags, tagged.facts->tags);
  fixture_.append({with_os(kNow + 1, "Debian")});
  EXPECT_THAT(host().facts.tags, IsEmpty()) << "this agent was started without";
  fixture_.reopen();
  EXPECT_THAT(host().facts.tags, IsEmpty());
}

TEST_F(HostStateTest, HostsAreFoundByOneValueOfEachTagThatIsAskedFor) {
  const auto tag = [&](const std::string& name, const protocol::Tags& tags) {
    protocol::Reading one = reading(name, kNow);
    one.facts.emplace().tags = tags;
    one.facts->interval_seconds = 30;
    fixture_.append({one});
  };
  tag("b", {{"role", "db"}, {"site", "fra"}});
  tag("a", {{"role", "db"}, {"site", "ber"}});
  tag("c", {{"role", "web"}});
  fixture_.append({reading("d", kNow)});
  const auto found = [&](const std::vector<protocol::Tag>& tags) {
    std::vector<std::string> names;
    for (const HostBrief& one : fixture_.store().hosts_with(tags)) names.push_back(one.name);
    return names;
  };
  EXPECT_THAT(found({{"role", "db"}}), ElementsAre("a", "b"));
  EXPECT_THAT(found({{"role", "db"}, {"site", "fra"}}), ElementsAre("b"));
  EXPECT_THAT(found({{"role", "db"}, {"role", "web"}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found({{"role", "db"}, {"role", "web"}, {"site", "ber"}}), ElementsAre("a"));
  EXPECT_THAT(found({{"role", "d"}}), IsEmpty());
  EXPECT_THAT(found({}), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(fixture_.store().hosts_with({}).front().interval, 30);
}

TEST_F(HostStateTest, WhatAHostSaidOfItselfLastIsToldWithoutItsReadings) {
  protocol::Reading one = reading("a", kNow);
  one.facts.emplace().repeated_interfaces = {"bond0"};
  fixture_.append({one});
  EXPECT_EQ(fixture_.store().facts_of("a"), *one.facts);
  fixture_.reopen();
  EXPECT_EQ(fixture_.store().facts_of("a"), *one.facts) << "also after a start";
  EXPECT_EQ(fixture_.store().facts_of("nobody"), protocol::HostFacts{});
}

/// A number that is used twice gives one host's journal to another, and its readings to the deletion.
TEST_F(HostStateTest, ANumberIsNeverUsedAgainAfterCleaningForgettingAndARestart) {
  fixture_.append({reading("old", kNow, 1)});
  EXPECT_TRUE(fixture_.store().delete_history("old", kNow));
  fixture_.append({reading("old", kNow + 1, 2)});
  EXPECT_TRUE(fixture_.store().delete_host("old"));
  fixture_.reopen();
  fixture_.append({reading("new", kNow + 2, 3)});
  fixture_.reopen();
  EXPECT_THAT(fixture_.cpu_of("new"), ElementsAre(Pair(kNow + 2, 3)));
  fixture_.maintain();
  EXPECT_THAT(fixture_.cpu_of("new"), ElementsAre(Pair(kNow + 2, 3)));
  fixture_.reopen();
  EXPECT_THAT(fixture_.cpu_of("new"), ElementsAre(Pair(kNow + 2, 3)));
}

TEST_F(HostStateTest, WhatIsForgottenInTheMiddleOfFilingStaysForgotten) {
  fixture_.options.file_after_readings = 1;
  fixture_.reopen();
  std::vector<protocol::Reading> readings;
  for (const char* name : {"a", "b"}) {
    for (int i = 0; i < 1500; ++i) readings.push_back(reading(name, kNow + i));
  }
  fixture_.append(readings);
  EXPECT_TRUE(fixture_.store().maintain(kNow)) << "half of it is filed";
  EXPECT_TRUE(fixture_.store().delete_host("a"));
  EXPECT_TRUE(fixture_.store().delete_history("b", kNow));
  fixture_.append({reading("a", kNow + 7, 7), reading("b", kNow + 8, 8)});
  fixture_.maintain();
  fixture_.reopen();
  fixture_.maintain();
  EXPECT_THAT(fixture_.cpu_of("a"), ElementsAre(Pair(kNow + 7, 7)));
  EXPECT_THAT(fixture_.cpu_of("b"), ElementsAre(Pair(kNow + 8, 8)));
}

}  // namespace
}  // namespace hostwatch::storage::host_state_test
