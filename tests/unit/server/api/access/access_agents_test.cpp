// Agents that enrol, are shut out, wait, and are allowed: as requests and answers.
#include <gmock/gmock.h>

#include "tests/unit/server/api/access_fixture.h"

namespace hostwatch::api::test {
namespace {

using auth::Scope;
using testing::HasSubstr;

const std::string kIdentity(32, 'a');
const std::string kOther(32, 'b');

class AccessAgentsTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    enrollment_ = bearer(Scope::enroll);
    administrator_ = signed_in();
  }

  Answer enroll(const std::string& host, const std::string& identity) const {
    return send("POST", "/enroll", enrollment_ + kJson + "Hostwatch-Agent: " + identity + "\r\n",
                json{{"hostname", host}}.dump());
  }
  /// The headers of an agent that has enrolled.
  std::string enrolled(const std::string& host, const std::string& identity) const {
    const Answer answer = enroll(host, identity);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return "Authorization: Bearer " + answer.parsed()["token"].get<std::string>() + "\r\n" + kJson +
           "Hostwatch-Agent: " + identity + "\r\n";
  }
  Answer manage(const std::string& method, const std::string& target) const {
    return send(method, target, administrator_);
  }
  json list() const { return send("GET", "/tokens", administrator_).parsed(); }
  std::string id_of(const std::string& host) const {
    const json all = list();
    for (const json& token : all["tokens"]) {
      if (token["host"] == host && token["scope"] == "agent") return token["id"].dump();
    }
    return "none";
  }

  std::string enrollment_;
  std::string administrator_;
};

TEST_F(AccessAgentsTest, ARevokedAgentIsShutOutUntilAnAdministratorLetsItIn) {
  const std::string own = enrolled("web-1", kIdentity);
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow)).status, 200);
  const Answer revoked = manage("DELETE", "/tokens/" + id_of("web-1"));
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(revoked.parsed()["shut_out"], "web-1");
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow + 1)).status, 401);
  const Answer refused = enroll("web-1", kIdentity);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("shut out; an administrator can allow it again"));
  EXPECT_EQ(enroll("web-2", kIdentity).status, 403);
  const json agents = list()["agents"];
  EXPECT_EQ(agents, (json::array({{{"host", "web-1"},
                                   {"agent", kIdentity},
                                   {"standing", "shut_out"},
                                   {"since", kNow},
                                   {"by", "user admin"}}})));
  const Answer allowed = manage("POST", "/hosts/web-1/allow");
  EXPECT_EQ(allowed.status, 200);
  EXPECT_EQ(allowed.parsed()["agent"], kIdentity);
  EXPECT_EQ(enroll("web-1", kIdentity).status, 200);
  EXPECT_TRUE(list()["agents"].empty());
}

TEST_F(AccessAgentsTest, WhoAsksForANameThatIsShutOutIsListedAndAllowedByItsIdentityAlone) {
  enrolled("web-1", kIdentity);
  EXPECT_EQ(manage("DELETE", "/tokens/" + id_of("web-1")).status, 200);
  EXPECT_EQ(enroll("web-1", kOther).status, 403);
  const Answer unclear = manage("POST", "/hosts/web-1/allow");
  EXPECT_EQ(unclear.status, 409);
  EXPECT_THAT(unclear.body, HasSubstr("more than one agent"));
  ASSERT_EQ(unclear.parsed()["agents"].size(), 2U);
  EXPECT_EQ(unclear.parsed()["agents"][0]["standing"], "shut_out");
  EXPECT_EQ(unclear.parsed()["agents"][1]["agent"], kOther);
  EXPECT_EQ(unclear.parsed()["agents"][1]["by"], "127.0.0.1");
  EXPECT_EQ(enroll("web-1", kIdentity).status, 403);
  EXPECT_EQ(enroll("web-1", kOther).status, 403);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?agent=" + kOther).status, 200);
  EXPECT_EQ(enroll("web-1", kOther).status, 200);
}

TEST_F(AccessAgentsTest, WhoWasShutOutIsAllowedUnderAnotherNameWhereItIsNamed) {
  enrolled("web-1", kIdentity);
  EXPECT_EQ(manage("DELETE", "/tokens/" + id_of("web-1")).status, 200);
  EXPECT_EQ(enroll("web-2", kIdentity).status, 403);
  EXPECT_EQ(manage("POST", "/hosts/web-2/allow?agent=" + kIdentity).status, 200);
  EXPECT_EQ(enroll("web-2", kIdentity).status, 200);
}

TEST_F(AccessAgentsTest, AHostThatHasEnrolledAndSentNothingYetIsDeletedWithItsToken) {
  const std::string token = enrolled("ghost", kIdentity);
  EXPECT_EQ(manage("DELETE", "/hosts/ghost").status, 200);
  EXPECT_EQ(send("POST", "/metrics", token, reading("ghost", kNow)).status, 401);
  EXPECT_EQ(manage("DELETE", "/hosts/ghost").status, 404);
}

TEST_F(AccessAgentsTest, OfTwoThatWaitNeitherIsAllowedByTheHostsNameAlone) {
  const std::string writer = bearer(Scope::write) + kJson;
  EXPECT_EQ(send("POST", "/metrics", writer, reading("db-1", kNow)).status, 200);
  EXPECT_EQ(enroll("db-1", kIdentity).status, 409);
  EXPECT_EQ(enroll("db-1", kOther).status, 409);
  EXPECT_EQ(manage("POST", "/hosts/db-1/allow").status, 409);
  EXPECT_EQ(enroll("db-1", kOther).status, 409);
}

TEST_F(AccessAgentsTest, WhicheverAgentComesNextIsAllowedOnlyWhereThatIsSaidAndTheHostHasNone) {
  const Answer nobody = manage("POST", "/hosts/nope/allow");
  EXPECT_EQ(nobody.status, 404);
  EXPECT_THAT(nobody.body, HasSubstr("any=true"));
  EXPECT_EQ(manage("POST", "/hosts/nope/allow?any=perhaps").status, 400);
  EXPECT_EQ(manage("POST", "/hosts/nope/allow?any=true&agent=" + kOther).status, 400);
  EXPECT_EQ(manage("POST", "/hosts/nope/allow?any=true&open=true").status, 400);
  EXPECT_EQ(manage("POST", "/hosts/nope/allow?open=true").status, 404);
  EXPECT_TRUE(manage("POST", "/hosts/nope/allow?any=true").parsed()["agent"].is_null());
  EXPECT_EQ(list()["agents"][0]["standing"], "allowed");
  enrolled("web-1", kIdentity);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?any=true").status, 409);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow").status, 409);
}

TEST_F(AccessAgentsTest, WhatWasAllowedIsTakenBackAndWhoWaitsIsForgotten) {
  EXPECT_EQ(manage("POST", "/hosts/nope/allow?any=true").status, 200);
  EXPECT_EQ(manage("DELETE", "/hosts/nope/allow").status, 200);
  EXPECT_EQ(manage("DELETE", "/hosts/nope/allow").status, 404);
  enrolled("web-1", kIdentity);
  EXPECT_EQ(enroll("web-1", kOther).status, 409);
  EXPECT_EQ(manage("DELETE", "/hosts/web-1/allow?agent=aaaa").status, 400);
  EXPECT_EQ(manage("DELETE", "/hosts/web-1/allow?agent=" + kOther).status, 200);
  EXPECT_TRUE(list()["agents"].empty());
}

TEST_F(AccessAgentsTest, WhoTakesAllOfATokensMinuteKeepsOutNobodyElsewhere) {
  settings.settings.enrollments_a_minute = 3;
  settings.settings.trusted_proxies = {*net::AddressRange::parse("127.0.0.1")};
  restart();
  const auto enroll_from = [this](const std::string& address, const std::string& host) {
    return send("POST", "/enroll",
                enrollment_ + kJson + "Hostwatch-Agent: " + kIdentity + "\r\nX-Forwarded-For: " + address +
                    "\r\n",
                json{{"hostname", host}}.dump())
        .status;
  };
  for (int i = 0; i < 10; ++i) enroll_from("192.0.2.9", "invented-" + std::to_string(i));
  EXPECT_EQ(enroll_from("192.0.2.9", "web-1"), 429);
  EXPECT_EQ(enroll_from("192.0.2.1", "web-1"), 200);
}

TEST_F(AccessAgentsTest, ARevokedAgentMayReturnWhereThatIsSaid) {
  enrolled("web-1", kIdentity);
  const Answer revoked = manage("DELETE", "/tokens/" + id_of("web-1") + "?shut_out=false");
  EXPECT_TRUE(revoked.parsed()["shut_out"].is_null());
  EXPECT_EQ(enroll("web-1", kIdentity).status, 200);
  EXPECT_EQ(manage("DELETE", "/tokens/" + id_of("web-1") + "?shut_out=perhaps").status, 400);
}

TEST_F(AccessAgentsTest, ADeletedHostStaysAwayIfItHadAnAgentsToken) {
  const std::string own = enrolled("web-1", kIdentity);
  const std::string writer = bearer(Scope::write, "web-1") + kJson;
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow)).status, 200);
  const Answer deleted = manage("DELETE", "/hosts/web-1");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.parsed(), (json{{"status", "ok"}, {"shut_out", true}}));
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow + 1)).status, 401);
  EXPECT_EQ(send("POST", "/metrics", writer, reading("web-1", kNow + 1)).status, 401);
  EXPECT_EQ(enroll("web-1", kIdentity).status, 403);
  EXPECT_TRUE(store_->host_names().empty());
}

TEST_F(AccessAgentsTest, ADeletedHostMayComeBackWhereThatIsSaid) {
  const std::string own = enrolled("web-1", kIdentity);
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow)).status, 200);
  EXPECT_EQ(manage("DELETE", "/hosts/web-1?shut_out=never").status, 400);
  EXPECT_EQ(manage("DELETE", "/hosts/web-1?shut_out=false").body, R"({"status":"ok"})");
  EXPECT_EQ(send("POST", "/metrics", own, reading("web-1", kNow + 1)).status, 401);
  EXPECT_EQ(enroll("web-1", kOther).status, 200) << "by whoever comes first: the host is not there any more";
}

TEST_F(AccessAgentsTest, AHostWithoutAnAgentsTokenIsShutOutWhereThatIsSaid) {
  const std::string writer = bearer(Scope::write) + kJson;
  EXPECT_EQ(send("POST", "/metrics", writer, reading("db-1", kNow)).status, 200);
  EXPECT_EQ(manage("DELETE", "/hosts/db-1?shut_out=true").parsed()["shut_out"], true);
  EXPECT_EQ(enroll("db-1", kIdentity).status, 403);
}

TEST_F(AccessAgentsTest, NobodyIsShutOutByDeletingAHostThatIsNotThere) {
  EXPECT_EQ(manage("DELETE", "/hosts/web-1?shut_out=true").status, 404);
  EXPECT_TRUE(list()["agents"].empty());
}

TEST_F(AccessAgentsTest, ATokenForNoOneHostLeavesPlacesForThoseThatEnrol) {
  api_.reset();
  storage::sqlite::SqliteOptions options;
  options.path = (folder_ / "few.db").string();
  options.max_hosts = 40;
  store_ = std::make_unique<storage::sqlite::SqliteStore>(options);
  restart();
  json invented = json::array();
  for (int i = 0; i < 60; ++i) {
    const std::string name = "invented-" + std::to_string(i);
    invented.push_back({{"hostname", name}, {"timestamp", kNow}, {"cpu", 1}, {"ram", 1}, {"disk", 1}});
  }
  const Answer answer = send("POST", "/metrics", bearer(Scope::write) + kJson, invented.dump());
  EXPECT_EQ(answer.parsed()["accepted"], 18) << "of one request: half of what is left below the last tenth";
  EXPECT_THAT(answer.body, HasSubstr("too many new hosts have come within a day"));
  const std::string own = enrolled("honest", kIdentity);
  EXPECT_EQ(send("POST", "/metrics", own, reading("honest", kNow)).status, 200);
  EXPECT_EQ(send("POST", "/metrics", administrator_ + kJson, reading("by-hand", kNow)).status, 200);
}

TEST_F(AccessAgentsTest, CredentialsThatAreMovedAwayAreToldOfByHealth) {
  std::filesystem::rename(settings.file, settings.file + ".old");
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?any=true").status, 503);
  const Answer failing = send("GET", "/health", administrator_);
  EXPECT_EQ(failing.status, 503);
  EXPECT_THAT(failing.body, HasSubstr("put it back"));
  EXPECT_THAT(send("GET", "/health").body, testing::Not(HasSubstr(settings.file)));
  std::filesystem::rename(settings.file + ".old", settings.file);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?any=true").status, 200);
  EXPECT_EQ(send("GET", "/health", administrator_).status, 200);
}

TEST_F(AccessAgentsTest, AnEnrolmentTokenWritesIntoNoHostThatIsThere) {
  const std::string writer = bearer(Scope::write) + kJson;
  EXPECT_EQ(send("POST", "/metrics", writer, reading("db-1", kNow)).status, 200);
  const Answer refused = enroll("db-1", kIdentity);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("an administrator must let this agent in"));
  EXPECT_EQ(list()["agents"][0]["standing"], "waiting");
  EXPECT_EQ(list()["agents"][0]["by"], "127.0.0.1");
  EXPECT_EQ(manage("POST", "/hosts/db-1/allow?agent=" + kIdentity).status, 200);
  EXPECT_EQ(enroll("db-1", kIdentity).status, 200);
}

TEST_F(AccessAgentsTest, WhoReportedWithoutATokenWhileTheServerWasOpenEnrolsAsTheSameHost) {
  settings.settings.mode = auth::AccessMode::insecure;
  restart();
  EXPECT_EQ(
      send("POST", "/metrics", kJson + ("Hostwatch-Agent: " + kIdentity + "\r\n"), reading("db-1", kNow))
          .status,
      200);
  api_->credentials().save_uses(kNow);
  settings.settings.mode = auth::AccessMode::required;
  restart();
  EXPECT_EQ(enroll("db-1", kOther).status, 409);
  EXPECT_EQ(enroll("db-1", kIdentity).status, 200);
}

TEST_F(AccessAgentsTest, AnotherMachineTakesAHostOverOnceAnAdministratorSaysSo) {
  const std::string first = enrolled("web-1", kIdentity);
  EXPECT_EQ(send("POST", "/metrics", first, reading("web-1", kNow)).status, 200);
  const Answer refused = enroll("web-1", kOther);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("another agent has enrolled as this host"));
  EXPECT_EQ(send("POST", "/metrics", first, reading("web-1", kNow + 1)).status, 200);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?agent=" + kOther).status, 200);
  const std::string second = enrolled("web-1", kOther);
  EXPECT_EQ(send("POST", "/metrics", second, reading("web-1", kNow + 2)).status, 200);
  EXPECT_EQ(send("POST", "/metrics", first, reading("web-1", kNow + 3)).status, 401);
}

TEST_F(AccessAgentsTest, WhoIsAllowedHasANameAndAnIdentity) {
  EXPECT_EQ(manage("POST", "/hosts/web%0A1/allow").status, 400);
  EXPECT_EQ(manage("POST", "/hosts/web-1/allow?agent=aaaa").status, 400);
}

TEST_F(AccessAgentsTest, OneTokenLetsInSoManyAMinute) {
  settings.settings.enrollments_a_minute = 3;
  restart();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(enroll("web-" + std::to_string(i), kIdentity).status, 200);
  const Answer sent_away = enroll("web-3", kIdentity);
  EXPECT_EQ(sent_away.status, 429);
  EXPECT_THAT(sent_away.head, HasSubstr("Retry-After: 60\r\n"));
  api_->now += 60;
  EXPECT_EQ(enroll("web-3", kIdentity).status, 200);
}

TEST_F(AccessAgentsTest, WhoIsTurnedAwayAgainAndAgainTakesNothingFromTheOthers) {
  settings.settings.enrollments_a_minute = 3;  // the host, the one that waits, and another host
  restart();
  enrolled("web-1", kIdentity);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enroll("web-1", kOther).status, 409);
  EXPECT_EQ(enroll("web-2", kIdentity).status, 200);
}

/// A store that takes two hosts.
class FullStoreTest : public AccessAgentsTest {
 protected:
  void SetUp() override {
    AccessAgentsTest::SetUp();
    api_.reset();
    storage::sqlite::SqliteOptions options;
    options.path = (folder_ / "small.db").string();
    options.max_hosts = 2;
    store_ = std::make_unique<storage::sqlite::SqliteStore>(options);
    restart();
  }
};

TEST_F(FullStoreTest, NoMoreHostsEnrolThanCanBeWatched) {
  enrolled("web-1", kIdentity);
  enrolled("web-2", kIdentity);
  const Answer refused = enroll("web-3", kIdentity);
  EXPECT_EQ(refused.status, 403) << "although none has sent a reading";
  EXPECT_THAT(refused.body, HasSubstr("no more hosts can be watched"));
  EXPECT_EQ(enroll("web-2", kIdentity).status, 200) << "again";
}

TEST_F(FullStoreTest, NorBesideHostsOfOtherWriters) {
  send("POST", "/metrics", administrator_ + kJson, "[" + reading("a", kNow) + "," + reading("b", kNow) + "]");
  EXPECT_EQ(enroll("web-3", kIdentity).status, 403);
}

}  // namespace
}  // namespace hostwatch::api::test
