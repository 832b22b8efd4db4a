// GET /alerts, one alarm and its story, what is pending, acknowledging; alarms on the list of hosts and in
// the figures for Prometheus.
#include "tests/unit/server/api/alerts/alerts_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using ApiAlarms = AlertsTest;

TEST_F(ApiAlarms, WithoutAnyTheListIsEmpty) {
  disk("web-1", 50);
  const json answer = got("/alerts");
  EXPECT_EQ(answer["open"], (json{{"critical", 0}, {"warning", 0}, {"info", 0}}));
  EXPECT_EQ(answer["count"], 0);
  EXPECT_EQ(answer["more"], false);
  EXPECT_EQ(answer["now"], api_->now.load());
  EXPECT_EQ(answer["alarms"], json::array());
}

TEST_F(ApiAlarms, AnOpenOneIsToldWithWhatItsRuleSaysOfIt) {
  disk("web-1", 91.5);
  const std::int64_t fired = api_->now;
  disk("web-1", 93);
  const json alarm = got("/alerts")["alarms"][0];
  EXPECT_EQ(alarm["rule"], "disk");
  EXPECT_EQ(alarm["name"], "Disk of web-1 almost full");
  EXPECT_EQ(alarm["help"], "Look at /");
  EXPECT_EQ(alarm["runbook"], "https://wiki.example/disk");
  EXPECT_EQ(alarm["severity"], "warning");
  EXPECT_EQ(alarm["highest"], "warning");
  EXPECT_EQ(alarm["host"], "web-1");
  EXPECT_EQ(alarm["instance"], "/");
  EXPECT_EQ(alarm["metric"], "filesystem_used_percent");
  EXPECT_EQ(alarm["unit"], "percent");
  EXPECT_EQ(alarm["value"], 93);
  EXPECT_EQ(alarm["value_fired"], 91.5);
  EXPECT_EQ(alarm["value_worst"], 93);
  EXPECT_EQ(alarm["value_ended"], nullptr);
  EXPECT_EQ(alarm["limit"], 90);
  EXPECT_EQ(alarm["state"], "firing");
  EXPECT_EQ(alarm["started"], fired);
  EXPECT_EQ(alarm["fired"], fired);
  EXPECT_EQ(alarm["ended"], nullptr);
  EXPECT_EQ(alarm["end_reason"], nullptr);
  EXPECT_EQ(alarm["unknown_since"], nullptr);
  EXPECT_EQ(alarm["silenced"], nullptr);
  EXPECT_EQ(alarm["acknowledged"], nullptr);
  EXPECT_EQ(alarm["told"], json::array());
}

TEST_F(ApiAlarms, OneThatEndedIsToldWithItsEnd) {
  disk("web-1", 91.5);
  disk("web-1", 80);
  const json alarm = got("/alerts")["alarms"][0];
  EXPECT_EQ(alarm["state"], "ended");
  EXPECT_EQ(alarm["ended"], api_->now.load());
  EXPECT_EQ(alarm["end_reason"], "cleared");
  EXPECT_EQ(alarm["value_ended"], 80);
  EXPECT_EQ(alarm["value"], 80);
}

TEST_F(ApiAlarms, OpenOnesComeFirstTheGravestFirstThenTheNewest) {
  disk("ended", 98);
  disk("ended", 1);
  disk("old", 91);
  disk("new", 91);
  disk("grave", 98);
  EXPECT_THAT(alarms(), ElementsAre("critical grave firing", "warning new firing", "warning old firing",
                                    "critical ended ended"));
  EXPECT_EQ(got("/alerts")["open"], (json{{"critical", 1}, {"warning", 2}, {"info", 0}}));
}

TEST_F(ApiAlarms, TheyAreChosenByStateHostTagRuleSeverityAndTime) {
  disk("db-1", 91, {{"role", "db"}});
  const std::int64_t fired = api_->now;
  disk("db-2", 98, {{"role", "db"}});
  disk("web-1", 91, {{"role", "web"}});
  disk("web-1", 1, {{"role", "web"}});
  EXPECT_THAT(alarms("state=open"), ElementsAre("critical db-2 firing", "warning db-1 firing"));
  EXPECT_THAT(alarms("state=ended"), ElementsAre("warning web-1 ended"));
  EXPECT_THAT(alarms("host=db-1&host=web-1"), ElementsAre("warning db-1 firing", "warning web-1 ended"));
  EXPECT_THAT(alarms("tag=role=db&host=db-1&host=web-1"), ElementsAre("warning db-1 firing"));
  EXPECT_THAT(alarms("tag=role=none"), IsEmpty());
  EXPECT_THAT(alarms("severity=critical"), ElementsAre("critical db-2 firing"));
  EXPECT_THAT(alarms("rule=other"), IsEmpty());
  EXPECT_THAT(alarms("to=" + std::to_string(fired)), ElementsAre("warning db-1 firing"));
  EXPECT_THAT(alarms("state=ended&from=" + std::to_string(api_->now + 1)), IsEmpty());
  EXPECT_THAT(alarms("limit=1"), ElementsAre("critical db-2 firing"));
  EXPECT_EQ(got("/alerts?limit=1")["more"], true);
  EXPECT_EQ(got("/alerts?limit=2&state=open")["more"], false);
  EXPECT_EQ(got("/alerts?limit=2")["more"], true);
  EXPECT_EQ(got("/alerts?limit=3")["more"], false);
}

TEST_F(ApiAlarms, WhatCannotBeAskedForIsRefusedByName) {
  for (const char* query : {"state=closed", "severity=bad", "limit=0", "limit=1001", "from=x", "from=2&to=1",
                            "tag=role", "state=open&state=all"}) {
    const Answer answer = get("/alerts?" + std::string(query));
    EXPECT_EQ(answer.status, 400) << query;
    const std::string name = std::string(query).substr(0, std::string(query).find('='));
    EXPECT_THAT(answer.parsed()["error"].get<std::string>(), HasSubstr(name));
  }
}

TEST_F(ApiAlarms, OneIsToldWithWhatHappenedToIt) {
  disk("web-1", 91);
  disk("web-1", 98);
  disk("web-1", 50);
  const json story = got("/alerts/" + id_of_first());
  EXPECT_EQ(story["highest"], "critical");
  EXPECT_EQ(story["state"], "ended");
  std::vector<std::string> kinds;
  for (const json& event : story["events"]) kinds.push_back(event["kind"]);
  EXPECT_THAT(kinds, ElementsAre("fired", "raised", "ended"));
  EXPECT_EQ(story["events"][0]["value"], 91);
  EXPECT_EQ(story["events"][0]["at"], kNow + 1);
  EXPECT_EQ(story["events"][0]["decided"], kNow + 1);
  EXPECT_EQ(story["why"], json::array());
}

TEST_F(ApiAlarms, WhyAChannelWasNotToldStandsThere) {
  ASSERT_EQ(put("/alerts/channels/ops", {{"kind", "ntfy"},
                                         {"enabled", false},
                                         {"settings", {{"url", "https://ntfy.example"}, {"topic", "a"}}}})
                .status,
            201);
  disk("web-1", 91);
  const std::string address = "/alerts/" + id_of_first();
  ASSERT_TRUE(eventually([&] { return !got(address)["why"].empty(); })) << "the engine learns of channels";
  const json why = got(address)["why"][0];
  EXPECT_EQ(why["channel"], "ops");
  EXPECT_EQ(why["state"], "held");
  EXPECT_THAT(why["text"].get<std::string>(), Not(IsEmpty()));
}

TEST_F(ApiAlarms, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(get("/alerts/4711").status, 404);
  EXPECT_EQ(get("/alerts/x").status, 404);
  EXPECT_EQ(get("/alerts/-1").status, 404);
  EXPECT_EQ(get("/alerts/99999999999999999999").status, 404);
  EXPECT_EQ(post_json("/alerts/4711/acknowledge", json::object()).status, 404);
  EXPECT_EQ(remove("/alerts/4711/acknowledge").status, 404);
  EXPECT_EQ(get("/alerts/1/2").status, 404);
}

TEST_F(ApiAlarms, WhatIsOnItsWayIsPending) {
  json slow = disk_rule();
  slow["id"] = "slow";
  slow["name"] = "Slow";
  slow["for"] = "5m";
  ASSERT_EQ(put("/alerts/rules/slow", slow).status, 201);
  disk("web-1", 91);
  disk("web-2", 91);
  const json all = got("/alerts/pending");
  EXPECT_EQ(all["count"], 2);
  const json one = got("/alerts/pending?host=web-2");
  ASSERT_EQ(one["count"], 1);
  EXPECT_EQ(one["pending"][0], (json{{"rule", "slow"},
                                     {"name", "Slow"},
                                     {"host", "web-2"},
                                     {"instance", "/"},
                                     {"severity", "warning"},
                                     {"since", api_->now.load()},
                                     {"held", 0},
                                     {"for", 300},
                                     {"value", 91}}));
}

TEST_F(ApiAlarms, OneIsAcknowledgedAndThatIsTakenBack) {
  disk("web-1", 91);
  const std::string address = "/alerts/" + id_of_first() + "/acknowledge";
  const Answer answer = post_json(address, {{"note", "on it"}, {"until", kNow + 3600}});
  EXPECT_EQ(answer.status, 200);
  const json acknowledged = answer.parsed()["acknowledged"];
  EXPECT_EQ(acknowledged["note"], "on it");
  EXPECT_EQ(acknowledged["until"], kNow + 3600);
  EXPECT_THAT(acknowledged["by"].get<std::string>(), Not(IsEmpty()));
  EXPECT_EQ(got("/alerts")["alarms"][0]["acknowledged"], acknowledged);
  restart();
  EXPECT_EQ(got("/alerts")["alarms"][0]["acknowledged"], acknowledged) << "a restart changes nothing";
  EXPECT_EQ(remove(address).parsed()["acknowledged"], nullptr);
  EXPECT_EQ(got("/alerts")["alarms"][0]["acknowledged"], nullptr);
}

TEST_F(ApiAlarms, AnAcknowledgementMustMakeSense) {
  disk("web-1", 91);
  const std::string address = "/alerts/" + id_of_first() + "/acknowledge";
  EXPECT_EQ(post_json(address, {{"until", kNow - 1}}).status, 400);
  EXPECT_EQ(post_json(address, {{"until", "tomorrow"}}).status, 400);
  EXPECT_EQ(post_json(address, {{"until", -5}}).status, 400);
  EXPECT_EQ(post_json(address, json::array()).status, 400);
  EXPECT_EQ(ask(api_->port(), "POST", address, "", "{}").status, 415);
  EXPECT_EQ(post_json(address, {{"note", std::string(17000, 'x')}}).status, 413);
  disk("web-1", 1);
  EXPECT_EQ(post_json(address, json::object()).status, 409) << "it is over";
}

TEST_F(ApiAlarms, TheListOfHostsHasTheirNumbers) {
  disk("quiet", 1);
  disk("web-1", 91);
  const json hosts = got("/hosts")["hosts"];
  EXPECT_FALSE(hosts[0].contains("alarms"));
  EXPECT_EQ(hosts[1]["alarms"], (json{{"critical", 0}, {"warning", 1}}));
}

TEST_F(ApiAlarms, AChangeOfTheirNumbersIsToldToWhoAsksForChanges) {
  disk("web-1", 1);
  disk("web-2", 1);
  const std::string since = got("/hosts?since=none")["since"];
  disk("web-2", 91);
  const json answer = got("/hosts?since=" + since);
  ASSERT_EQ(answer["hosts"].size(), 1U);
  EXPECT_EQ(answer["hosts"][0]["hostname"], "web-2");
  EXPECT_EQ(answer["hosts"][0]["alarms"]["warning"], 1);
  const std::string later = answer["since"];
  disk("web-2", 92);
  EXPECT_EQ(got("/hosts?since=" + later)["hosts"], json::array()) << "its values alone have changed";
}

TEST_F(ApiAlarms, ADeletedHostsAlarmsEnd) {
  disk("web-1", 91);
  disk("web-2", 91);
  ASSERT_EQ(remove("/hosts/web-1").status, 200);
  ASSERT_EQ(request("POST", "/hosts/web-2/clean").status, 200);
  EXPECT_THAT(alarms("state=open"), IsEmpty());
  const auto reason = [&](const std::string& host) {
    return got("/alerts?host=" + host)["alarms"][0]["end_reason"];
  };
  EXPECT_EQ(reason("web-1"), "host deleted");
  EXPECT_EQ(reason("web-2"), "history deleted");
}

TEST_F(ApiAlarms, PrometheusGetsThemAndFiguresOfTheirMaking) {
  disk("web-\"1\"", 98);
  const std::string text = get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("hostwatch_alarm{rule=\"disk\",hostname=\"web-\\\"1\\\"\",instance=\"/\","
                              "severity=\"critical\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_open 1\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_evaluations_total 1\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_transitions_total 1\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_outbox 0\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_outbox_oldest_seconds 0\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_server_alert_rules_reload_ok 1\n"));
  disk("web-\"1\"", 1);
  EXPECT_THAT(get("/metrics").body, Not(HasSubstr("hostwatch_alarm{")));
}

TEST_F(ApiAlarms, WhatHostsAreCalledIsDataEverywhere) {
  disk("<script>alert(1)</script>", 91);
  EXPECT_EQ(got("/alerts")["alarms"][0]["host"], "<script>alert(1)</script>");
  const Answer wrong = get("/alerts?severity=%3Cscript%3E");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, Not(HasSubstr("<")));
}

}  // namespace
}  // namespace hostwatch::api::test
