// /alerts/rules: made, changed and removed, by whoever knows what is there.
#include "server/alerts/rules/shipped_rules.h"
#include "tests/unit/server/api/alerts/alerts_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ApiRules : public AlertsTest {
 protected:
  json entry(const std::string& id) const {
    const json all = got("/alerts/rules");
    for (const json& one : all["rules"]) {
      if (one["rule"]["id"] == id) return one;
    }
    return nullptr;
  }
  static json named(const std::string& id) {
    json rule = disk_rule();
    rule["id"] = id;
    return rule;
  }
  static std::string if_match(const std::string& tag) { return "If-Match: " + tag + "\r\n"; }
};

TEST_F(ApiRules, TheListHasThoseOfThePageAndThoseThatAreShipped) {
  EXPECT_EQ(got("/alerts/rules")["rules"].size(), alerts::shipped_rules().size() + 1);
  EXPECT_EQ(got("/alerts/rules")["problems"], json::array());
  EXPECT_EQ(got("/alerts/rules")["files_ok"], true);
  const json shipped = entry("host-down");
  EXPECT_EQ(shipped["source"], "shipped");
  EXPECT_EQ(shipped["revision"], 1);
}

TEST_F(ApiRules, OneIsToldWithWhatItIsAbout) {
  disk("web-1", 91);
  disk("web-2", 1);
  const json disk_entry = entry("disk");
  EXPECT_EQ(disk_entry["source"], "page");
  EXPECT_EQ(disk_entry["revision"], 1);
  EXPECT_EQ(disk_entry["changed"], kNow);
  EXPECT_THAT(disk_entry["changed_by"].get<std::string>(), Not(IsEmpty()));
  EXPECT_EQ(disk_entry["hosts"], 2);
  EXPECT_EQ(disk_entry["open"], 1);
  EXPECT_EQ(disk_entry["problems"], json::array());
  EXPECT_EQ(disk_entry["rule"]["name"], "Disk of {host} almost full");
}

TEST_F(ApiRules, WhatIsOddAboutOneStandsBesideIt) {
  disk("web-1", 1);
  json rule = named("odd");
  rule["hosts"] = {{"names", {"nobody-*"}}};
  rule["notify"] = {"pager"};
  const Answer answer = put("/alerts/rules/odd", rule);
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.parsed()["hosts"], 0);
  EXPECT_THAT(answer.parsed()["problems"].dump(), HasSubstr("none of the hosts"));
  EXPECT_THAT(answer.parsed()["problems"].dump(), HasSubstr("no channel 'pager'"));
  EXPECT_EQ(entry("odd")["problems"], answer.parsed()["problems"]);
}

TEST_F(ApiRules, TheIdMayBeLeftToTheAddress) {
  json rule = disk_rule();
  rule.erase("id");
  EXPECT_EQ(put("/alerts/rules/other", rule).parsed()["rule"]["id"], "other");
  EXPECT_EQ(put("/alerts/rules/third", named("fourth")).status, 400);
}

TEST_F(ApiRules, OneIsChangedByWhoeverKnowsItsRevision) {
  json changed = disk_rule();
  changed["name"] = "Changed";
  const Answer answer = put("/alerts/rules/disk", changed, if_match("\"1\""));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["revision"], 2);
  EXPECT_THAT(answer.head, HasSubstr("ETag: \"2\"\r\n"));
  EXPECT_EQ(put("/alerts/rules/disk", changed, if_match("2")).parsed()["revision"], 3) << "without quotes";
}

TEST_F(ApiRules, WhoeverDoesNotGetsThePresentOne) {
  ASSERT_EQ(put("/alerts/rules/disk", disk_rule(), if_match("1")).status, 200);
  for (const std::string& headers :
       {if_match("1"), if_match("\"7\""), std::string("If-None-Match: *\r\n"), std::string()}) {
    const Answer answer = put("/alerts/rules/disk", disk_rule(), headers);
    EXPECT_EQ(answer.status, 412) << headers;
    EXPECT_EQ(answer.parsed()["revision"], 2);
    EXPECT_THAT(answer.head, HasSubstr("ETag: \"2\"\r\n"));
  }
  EXPECT_EQ(put("/alerts/rules/new", named("new"), if_match("1")).status, 412) << "there is none yet";
  EXPECT_EQ(put("/alerts/rules/new", named("new"), "If-None-Match: *\r\n").status, 201);
}

TEST_F(ApiRules, HeadersThatMeanNothingAreRefused) {
  for (const std::string& headers :
       {if_match("*"), if_match("W/\"1\""), if_match("x"), std::string("If-None-Match: \"1\"\r\n"),
        std::string("If-None-Match: *\r\nIf-Match: 1\r\n")}) {
    EXPECT_EQ(put("/alerts/rules/disk", disk_rule(), headers).status, 400) << headers;
  }
  EXPECT_EQ(entry("disk")["revision"], 1);
}

TEST_F(ApiRules, AShippedOneIsChangedAndComesBack) {
  json changed = entry("host-down")["rule"];
  changed["for"] = "10m";
  EXPECT_EQ(put("/alerts/rules/host-down", changed).status, 412);
  const Answer answer = put("/alerts/rules/host-down", changed, if_match("1"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["source"], "page");
  EXPECT_EQ(remove("/alerts/rules/host-down").parsed(), (json{{"status", "ok"}}));
  EXPECT_EQ(entry("host-down")["source"], "shipped");
  EXPECT_EQ(remove("/alerts/rules/host-down").status, 409) << "it is disabled, not removed";
}

TEST_F(ApiRules, WithOneItsAlarmsGo) {
  disk("web-1", 91);
  ASSERT_EQ(remove("/alerts/rules/disk").status, 200);
  EXPECT_EQ(entry("disk"), nullptr);
  EXPECT_EQ(remove("/alerts/rules/disk").status, 404);
  const json alarm = got("/alerts")["alarms"][0];
  EXPECT_EQ(alarm["end_reason"], "rule removed");
  EXPECT_EQ(alarm["name"], "disk") << "nobody knows its name any more";
}

TEST_F(ApiRules, ARestartKeepsThem) {
  const json before = got("/alerts/rules");
  restart();
  EXPECT_EQ(got("/alerts/rules"), before);
}

TEST_F(ApiRules, WhatIsWrongIsToldByItsPlace) {
  json wrong = named("wrong");
  wrong["when"][0]["above"]["warning"]["fire"] = "20GiB";
  const Answer answer = put("/alerts/rules/wrong", wrong);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.parsed()["error"].get<std::string>(), HasSubstr("when[0].above.warning.fire"));
  EXPECT_EQ(put("/alerts/rules/Wrong", json::object()).status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/rules/a", kJsonType, "{").status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/rules/a", kJsonType, "[]").status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/rules/a", "", named("a").dump()).status, 415);
}

TEST_F(ApiRules, OneOfUpTo16KiBIsTaken) {
  json large = named("large");
  json& values = large["hosts"]["names"];
  for (int i = 0; i < 70; ++i) values.push_back("host-" + std::to_string(i) + std::string(190, 'x'));
  ASSERT_GT(large.dump().size(), 14000U);
  EXPECT_EQ(put("/alerts/rules/large", large).status, 201);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/rules/large", kJsonType, std::string(17000, ' ')).status, 413);
}

TEST_F(ApiRules, WhatPeopleWriteIsData) {
  json rule = named("a");
  rule["<b>x</b>"] = 1;
  const Answer answer = put("/alerts/rules/a", rule);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.parsed()["error"].get<std::string>(), HasSubstr("<b>x</b>"));
  EXPECT_THAT(answer.body, Not(HasSubstr("<"))) << "no markup, whoever looks at it";
}

}  // namespace
}  // namespace hostwatch::api::test
