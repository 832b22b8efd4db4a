// Who reports under a host's name: two machines with one name, machines that are replaced, clocks that
// differ.
#include "server/ingest/agent_registry.h"

#include <gmock/gmock.h>

namespace hostwatch::ingest {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNow = 1763884800;

/// 32 hexadecimal digits that begin with these eight.
std::string identity(const std::string& begin) {
  return begin + std::string(24, '0');
}
const std::string kFirst = identity("aaaaaaaa");
const std::string kSecond = identity("bbbbbbbb");

class AgentRegistryTest : public testing::Test {
 protected:
  void heard(const std::string& from, std::int64_t now, const std::string& address = "10.0.0.1") {
    hear("web-1", {from, address, std::nullopt, now});
  }
  void heard_date(std::int64_t date, std::int64_t now) { hear("web-1", {kFirst, "10.0.0.1", date, now}); }
  void hear(const std::string& host, const AgentReport& report, std::int64_t interval = 0) {
    const ReportingHost one{host, interval};
    registry_.heard(std::span(&one, 1), report);
  }
  HostAgents of(const std::string& host, std::int64_t now) { return registry_.snapshot(now)[host]; }
  bool in_conflict(std::int64_t now) { return !of("web-1", now).conflict.empty(); }

  std::vector<std::string> warnings_;
  std::vector<std::string> relief_;
  AgentRegistry registry_{[this](const AgentNotice& notice) {
    (notice.is_warning ? warnings_ : relief_).push_back(notice.text);
  }};
};

TEST_F(AgentRegistryTest, AnAgentIsKnownByItsIdentityAddressAndTimes) {
  heard(kFirst, kNow);
  heard(kFirst, kNow + 10, "10.0.0.9");
  const HostAgents known = of("web-1", kNow + 10);
  ASSERT_THAT(known.agents, SizeIs(1));
  EXPECT_EQ(known.agents[0].identity, kFirst);
  EXPECT_EQ(known.agents[0].address, "10.0.0.9") << "its last one";
  EXPECT_EQ(known.agents[0].first_heard, kNow);
  EXPECT_EQ(known.agents[0].last_heard, kNow + 10);
  EXPECT_EQ(short_identity(kFirst), "aaaaaaaa");
}

TEST_F(AgentRegistryTest, MalformedIdentitiesAndPlainClientsLeaveNoTrace) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(31, 'a'), std::string(33, 'a'),
                                  std::string(32, 'A'), std::string(32, 'g'), std::string(32, '\0')}) {
    heard(text, kNow);
  }
  EXPECT_THAT(registry_.snapshot(kNow), IsEmpty());
}

TEST_F(AgentRegistryTest, TwoMachinesInTurnAreAConflict) {
  heard(kFirst, kNow, "10.0.0.1");
  heard(kSecond, kNow + 3, "10.0.0.2");
  EXPECT_FALSE(in_conflict(kNow + 3)) << "so far the second may be the first's successor";
  heard(kFirst, kNow + 10, "10.0.0.1");
  EXPECT_EQ(
      of("web-1", kNow + 10).conflict,
      "two agents report as 'web-1': 10.0.0.1 (agent aaaaaaaa) and 10.0.0.2 (agent bbbbbbbb); give each "
      "machine a name of its own with --hostname (AGENT_HOSTNAME)");
  heard(kSecond, kNow + 13, "10.0.0.2");
  heard(kFirst, kNow + 20, "10.0.0.1");
  EXPECT_THAT(warnings_, ElementsAre(of("web-1", kNow + 20).conflict)) << "one line, however long it lasts";
}

TEST_F(AgentRegistryTest, AMachineThatIsReplacedIsNoConflict) {
  for (int i = 0; i < 10; ++i) heard(kFirst, kNow + 10 * i);
  for (int i = 0; i < 10; ++i) heard(kSecond, kNow + 100 + 10 * i);
  EXPECT_FALSE(in_conflict(kNow + 200));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(AgentRegistryTest, AMachineThatComesBackAfterASubstituteIsNoConflict) {
  heard(kFirst, kNow);
  for (int i = 1; i < 100; ++i) heard(kSecond, kNow + 10 * i);
  for (int i = 0; i < 10; ++i) heard(kFirst, kNow + 1000 + 10 * i);
  EXPECT_FALSE(in_conflict(kNow + 1100));
}

TEST_F(AgentRegistryTest, AConflictEndsWhenAllButOneHaveBeenSilent) {
  heard(kFirst, kNow);
  heard(kSecond, kNow + 1);
  heard(kFirst, kNow + 2);
  for (std::int64_t now = kNow + 10; now <= kNow + 601; now += 10) heard(kFirst, now);
  EXPECT_TRUE(in_conflict(kNow + 601));
  EXPECT_THAT(relief_, IsEmpty());
  heard(kFirst, kNow + 602);
  EXPECT_FALSE(in_conflict(kNow + 602));
  EXPECT_THAT(relief_, ElementsAre("no more than one agent reports as 'web-1' any longer"));
  heard(kSecond, kNow + 700);
  EXPECT_FALSE(in_conflict(kNow + 700)) << "long after, it must be seen in turns anew";
  heard(kFirst, kNow + 701);
  EXPECT_TRUE(in_conflict(kNow + 701));
  EXPECT_THAT(warnings_, SizeIs(2));
}

TEST_F(AgentRegistryTest, AConflictEndsAlsoWhenNobodyIsHeardAnyLonger) {
  heard(kFirst, kNow);
  heard(kSecond, kNow + 1);
  heard(kFirst, kNow + 2);
  EXPECT_FALSE(in_conflict(kNow + 5000));
  EXPECT_THAT(relief_, SizeIs(1));
}

TEST_F(AgentRegistryTest, SilenceIsMeasuredInIntervalsWhereTheyAreLong) {
  registry_.set_interval("web-1", 3600);
  heard(kFirst, kNow);
  heard(kSecond, kNow + 1800);
  heard(kFirst, kNow + 3600);
  EXPECT_TRUE(in_conflict(kNow + 3600));
  EXPECT_TRUE(in_conflict(kNow + 1800 + 5 * 3600));
  EXPECT_FALSE(in_conflict(kNow + 3601 + 5 * 3600));
}

TEST_F(AgentRegistryTest, ARequestTellsTheInterval) {
  hear("web-1", {kFirst, "a", std::nullopt, kNow}, 3600);
  hear("web-1", {kSecond, "b", std::nullopt, kNow + 1800});
  hear("web-1", {kFirst, "a", std::nullopt, kNow + 3600});
  EXPECT_TRUE(in_conflict(kNow + 3600));
}

TEST_F(AgentRegistryTest, FourIdentitiesAreKeptAndAConflictOfMoreIsStillSeen) {
  for (int round = 0; round < 2; ++round) {
    for (int agent = 0; agent < 6; ++agent) {
      heard(identity("0000000" + std::to_string(agent)), kNow + 10 * round + agent);
    }
  }
  EXPECT_THAT(of("web-1", kNow + 20).agents, SizeIs(4));
  EXPECT_THAT(of("web-1", kNow + 20).conflict, HasSubstr("several agents report as 'web-1': "));
  heard(kFirst, kNow + 5000);
  const HostAgents later = of("web-1", kNow + 5000);
  EXPECT_THAT(later.agents, SizeIs(4)) << "the one that was silent longest makes room";
  EXPECT_EQ(later.agents.back().identity, kFirst);
}

TEST_F(AgentRegistryTest, HostsDoNotMeet) {
  hear("a", {kFirst, "x", std::nullopt, kNow});
  hear("b", {kSecond, "x", std::nullopt, kNow + 1});
  hear("a", {kFirst, "x", std::nullopt, kNow + 2});
  EXPECT_THAT(of("a", kNow + 2).conflict, IsEmpty());
  EXPECT_THAT(of("b", kNow + 2).conflict, IsEmpty());
}

TEST_F(AgentRegistryTest, TheClockSkewIsTheAgentsDateLessOurs) {
  EXPECT_FALSE(of("web-1", kNow).clock_skew);
  heard_date(kNow - 3, kNow);
  EXPECT_EQ(of("web-1", kNow).clock_skew, -3);
  hear("plain", {"", "x", kNow + 42, kNow});
  EXPECT_EQ(of("plain", kNow).clock_skew, 42) << "a date needs no identity";
  EXPECT_THAT(of("plain", kNow).agents, IsEmpty());
}

TEST_F(AgentRegistryTest, ARequestThatTravelsLongIsNoClockThatIsBehind) {
  heard_date(kNow, kNow);
  heard_date(kNow + 10, kNow + 40);
  heard_date(kNow + 50, kNow + 50);
  EXPECT_EQ(of("web-1", kNow + 50).clock_skew, 0);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(AgentRegistryTest, AClockThatIsWrongIsToldOnceAndSoIsItsEnd) {
  for (int i = 0; i < 3; ++i) heard_date(kNow + i + 5, kNow + i);
  EXPECT_THAT(warnings_, IsEmpty());
  heard_date(kNow + 16, kNow + 10);
  heard_date(kNow + 26, kNow + 20);
  EXPECT_THAT(warnings_,
              ElementsAre("the clock of host 'web-1' is 6 s ahead of the server's; set it, best by "
                          "a time service (NTP)"));
  for (int i = 0; i < 3; ++i) heard_date(kNow + 34 + i, kNow + 30 + i);
  EXPECT_THAT(relief_, IsEmpty()) << "4 s is not yet back: a skew around 5 s must not flap";
  heard_date(kNow + 46, kNow + 40);
  EXPECT_THAT(warnings_, SizeIs(1));
  for (int i = 0; i < 3; ++i) heard_date(kNow + 53 + i, kNow + 50 + i);
  EXPECT_THAT(relief_, ElementsAre("the clock of host 'web-1' agrees with the server's again"));
}

TEST_F(AgentRegistryTest, AClockThatIsBehindIsToldAsSuch) {
  heard_date(kNow - 90, kNow);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("is 90 s behind the server's")));
}

TEST_F(AgentRegistryTest, AForgottenHostIsForgotten) {
  heard(kFirst, kNow);
  heard(kSecond, kNow + 1);
  registry_.delete_host("web-1");
  heard(kFirst, kNow + 2);
  EXPECT_FALSE(in_conflict(kNow + 2));
  EXPECT_THAT(of("web-1", kNow + 2).agents, SizeIs(1));
  registry_.delete_host("nobody");
}

/// Readings of web-1 by turns: what one stores contradicts what the other sends for the same second.
class ClonedAgents : public AgentRegistryTest {
 protected:
  struct Sender {
    std::string identity;
    std::string address;
    std::uint64_t connection;
  };
  void stores(const Sender& from, std::int64_t now) { send(from, now, {true, {}}); }
  void contradicts(const Sender& from, std::int64_t now) { send(from, now, {false, {"web-1"}}); }
  /// Each second the one is first and the other comes too late, in turn.
  void seconds(const Sender& one, const Sender& other, std::int64_t begin, int count) {
    for (int i = 0; i < count; ++i) {
      stores(i % 2 == 0 ? one : other, begin + i);
      contradicts(i % 2 == 0 ? other : one, begin + i);
    }
  }

 private:
  void send(const Sender& from, std::int64_t now, Reception reception) {
    const ReportingHost one{"web-1", 0};
    registry_.heard(std::span(&one, 1), {from.identity, from.address, std::nullopt, now, from.connection},
                    std::move(reception));
  }
};

TEST_F(ClonedAgents, AtTwoAddressesAreAConflict) {
  const Sender original{kFirst, "10.0.0.1", 1};
  const Sender copy{kFirst, "10.0.0.2", 2};
  seconds(original, copy, kNow, 2);
  EXPECT_FALSE(in_conflict(kNow + 1)) << "once or twice may be an accident";
  seconds(original, copy, kNow + 2, 2);
  EXPECT_THAT(
      of("web-1", kNow + 4).conflict,
      AllOf(HasSubstr("two machines report as 'web-1' with different values for the same seconds"),
            HasSubstr("10.0.0.1 and 10.0.0.2"), HasSubstr("/etc/machine-id"), HasSubstr("--hostname")));
  seconds(original, copy, kNow + 4, 100);
  EXPECT_THAT(warnings_, SizeIs(1)) << "one line, however long it lasts";
}

TEST_F(ClonedAgents, AtOneAddressAreToldByTheirConnections) {
  seconds({kFirst, "10.0.0.1", 1}, {kFirst, "10.0.0.1", 2}, kNow, 4);
  EXPECT_THAT(of("web-1", kNow + 4).conflict, HasSubstr("10.0.0.1, by several connections;"));
}

TEST_F(ClonedAgents, OfWhichOneIsAlwaysFirstAreAConflict) {
  for (int i = 0; i < 3; ++i) {
    stores({kFirst, "10.0.0.1", 1}, kNow + i);
    contradicts({kFirst, "10.0.0.2", 2}, kNow + i);
  }
  EXPECT_TRUE(in_conflict(kNow + 3));
}

TEST_F(ClonedAgents, ThreeOfThemAreAConflict) {
  const std::array<Sender, 3> all{
      {{kFirst, "10.0.0.1", 1}, {kFirst, "10.0.0.2", 2}, {kFirst, "10.0.0.3", 3}}};
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t now = kNow + static_cast<std::int64_t>(i);
    stores(all.at(i % 3), now);
    contradicts(all.at((i + 1) % 3), now);
    contradicts(all.at((i + 2) % 3), now);
  }
  EXPECT_TRUE(in_conflict(kNow + 6));
}

TEST_F(ClonedAgents, PlainClientsAtTwoAddressesAreAConflict) {
  seconds({"", "10.0.0.1", 1}, {"", "10.0.0.2", 2}, kNow, 4);
  EXPECT_TRUE(in_conflict(kNow + 4));
}

TEST_F(ClonedAgents, TheConflictEndsWhenNothingContradictsAnyLonger) {
  seconds({kFirst, "10.0.0.1", 1}, {kFirst, "10.0.0.2", 2}, kNow, 4);
  for (int i = 10; i <= 600; i += 10) stores({kFirst, "10.0.0.1", 1}, kNow + i);
  EXPECT_TRUE(in_conflict(kNow + 600));
  EXPECT_FALSE(in_conflict(kNow + 604));
  EXPECT_THAT(relief_, SizeIs(1));
}

TEST_F(ClonedAgents, OneAgentThatContradictsItselfIsNone) {
  const Sender agent{kFirst, "10.0.0.1", 1};
  for (int i = 0; i < 20; ++i) {
    stores(agent, kNow + i);
    contradicts(agent, kNow + i);
  }
  EXPECT_FALSE(in_conflict(kNow + 20));
}

TEST_F(ClonedAgents, OneThatConnectsAnewEachTimeIsNone) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::int64_t now = kNow + static_cast<std::int64_t>(i);
    stores({kFirst, "10.0.0.1", 2 * i + 1}, now);
    contradicts({kFirst, "10.0.0.1", 2 * i + 2}, now);
  }
  EXPECT_FALSE(in_conflict(kNow + 20));
}

TEST_F(ClonedAgents, APlainClientThatUsesSeveralConnectionsIsNone) {
  seconds({"", "10.0.0.1", 1}, {"", "10.0.0.1", 2}, kNow, 20);
  EXPECT_FALSE(in_conflict(kNow + 20));
}

TEST_F(ClonedAgents, OneBehindAProxyThatSharesConnectionsIsNone) {
  seconds({kFirst, "10.0.0.1", 0}, {kFirst, "10.0.0.1", 0}, kNow, 20);
  EXPECT_FALSE(in_conflict(kNow + 20));
}

TEST_F(ClonedAgents, WhatIsSentAgainWithTheSameValuesIsNone) {
  for (int i = 0; i < 20; ++i) {
    stores({kFirst, "10.0.0.1", 1}, kNow + i);
    hear("web-1", {kFirst, "10.0.0.2", std::nullopt, kNow + i, 2});
  }
  EXPECT_FALSE(in_conflict(kNow + 20));
}

}  // namespace
}  // namespace hostwatch::ingest
