// /alerts/silences.
#include "tests/unit/server/api/alerts/alerts_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;

class ApiSilences : public AlertsTest {
 protected:
  static json night() { return {{"hosts", {"web-*"}}, {"until", kNow + 3600}, {"reason", "new disks"}}; }
};

TEST_F(ApiSilences, OneIsMadeListedAndRemoved) {
  EXPECT_EQ(got("/alerts/silences"), (json{{"silences", json::array()}}));
  json wanted = night();
  wanted["rules"] = {"disk"};
  wanted["tags"] = {{"role", {"db", "web"}}};
  wanted["instances"] = {"/"};
  const Answer answer = post_json("/alerts/silences", wanted);
  ASSERT_EQ(answer.status, 201) << answer.body;
  json made = answer.parsed();
  EXPECT_THAT(made["author"].get<std::string>(), testing::Not(testing::IsEmpty()));
  EXPECT_EQ(got("/alerts/silences")["silences"], json::array({made}));
  const std::string id = std::to_string(made["id"].get<int>());
  made.erase("id");
  made.erase("author");
  wanted["from"] = kNow;
  wanted["created"] = kNow;
  wanted["weekly"] = json::array();
  wanted["active"] = true;
  EXPECT_EQ(made, wanted);
  EXPECT_EQ(remove("/alerts/silences/" + id).parsed(), (json{{"status", "ok"}}));
  EXPECT_EQ(got("/alerts/silences")["silences"], json::array());
  EXPECT_EQ(remove("/alerts/silences/" + id).status, 404);
  EXPECT_EQ(remove("/alerts/silences/x").status, 404);
}

TEST_F(ApiSilences, OneThatIsYetToComeIsNotActive) {
  json later = night();
  later["from"] = kNow + 60;
  EXPECT_EQ(post_json("/alerts/silences", later).parsed()["active"], false);
  api_->now = kNow + 61;
  EXPECT_EQ(got("/alerts/silences")["silences"][0]["active"], true);
  api_->now = kNow + 3601;
  EXPECT_EQ(got("/alerts/silences")["silences"][0]["active"], false);
}

TEST_F(ApiSilences, AnAlarmSaysByWhichItIsSilenced) {
  disk("web-1", 91);
  const json made = post_json("/alerts/silences", night()).parsed();
  EXPECT_EQ(got("/alerts")["alarms"][0]["silenced"], (json{{"id", made["id"]}, {"until", kNow + 3600}}));
  EXPECT_EQ(got("/alerts/" + id_of_first())["silenced"]["id"], made["id"]);
}

TEST_F(ApiSilences, ARestartKeepsThem) {
  post_json("/alerts/silences", night());
  const json before = got("/alerts/silences");
  restart();
  EXPECT_EQ(got("/alerts/silences"), before);
}

TEST_F(ApiSilences, WhatMakesNoSenseIsRefusedByName) {
  const auto error = [&](const char* field, const json& value) {
    json wrong = night();
    wrong[field] = value;
    const Answer answer = post_json("/alerts/silences", wrong);
    EXPECT_EQ(answer.status, 400) << field;
    return answer.parsed()["error"].get<std::string>();
  };
  EXPECT_THAT(error("until", nullptr), HasSubstr("until"));
  EXPECT_THAT(error("until", kNow - 1), HasSubstr("until"));
  EXPECT_THAT(error("reason", ""), HasSubstr("reason"));
  EXPECT_THAT(error("weekly", {"sat 25:00-26:00"}), HasSubstr("weekly[0]"));
  EXPECT_THAT(error("hosts", "web-1"), HasSubstr("hosts"));
  EXPECT_THAT(error("id", 5), HasSubstr("id"));
  EXPECT_EQ(post_json("/alerts/silences", json::array()).status, 400);
  EXPECT_EQ(ask(api_->port(), "POST", "/alerts/silences", kJsonType, "{").status, 400);
  EXPECT_EQ(ask(api_->port(), "POST", "/alerts/silences", "", night().dump()).status, 415);
  json large = night();
  large["reason"] = std::string(17000, 'x');
  EXPECT_EQ(post_json("/alerts/silences", large).status, 413);
  EXPECT_EQ(got("/alerts/silences")["silences"], json::array());
}

}  // namespace
}  // namespace hostwatch::api::test
