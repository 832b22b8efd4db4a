// /alerts/channels: where alarms are told; /alerts/routes: which alarms; /alerts/deliveries: what became of
// messages.
#include "server/delivery/message.h"
#include "server/storage/alert_store.h"
#include "tests/unit/server/api/alerts/alerts_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "correct-horse-battery-staple";

class ApiChannels : public AlertsTest {
 protected:
  static json ntfy() {
    return {{"kind", "ntfy"},
            {"settings", {{"url", "https://ntfy.example"}, {"topic", "alarms"}}},
            {"secrets", {{"token", kSecret}}}};
  }
};

TEST_F(ApiChannels, OneIsMadeListedChangedAndRemoved) {
  EXPECT_EQ(got("/alerts/channels"), (json{{"channels", json::array()}}));
  const Answer made = put("/alerts/channels/ops", ntfy());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.parsed(), (json{{"name", "ops"},
                                 {"kind", "ntfy"},
                                 {"default", true},
                                 {"enabled", true},
                                 {"from_file", false},
                                 {"settings", {{"url", "https://ntfy.example"}, {"topic", "alarms"}}},
                                 {"secrets", {{"token", "set"}}},
                                 {"last", nullptr},
                                 {"waiting", 0},
                                 {"dead", 0}}));
  EXPECT_EQ(got("/alerts/channels")["channels"], json::array({made.parsed()}));
  json changed = ntfy();
  changed["enabled"] = false;
  changed.erase("secrets");
  const Answer answer = put("/alerts/channels/ops", changed);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["enabled"], false);
  EXPECT_EQ(answer.parsed()["secrets"]["token"], "set") << "what is left out stays";
  EXPECT_EQ(remove("/alerts/channels/ops").parsed(), (json{{"status", "ok"}}));
  EXPECT_EQ(got("/alerts/channels")["channels"], json::array());
  EXPECT_EQ(remove("/alerts/channels/ops").status, 404);
}

TEST_F(ApiChannels, ASecretNeverComesOut) {
  ASSERT_EQ(put("/alerts/channels/ops", ntfy()).status, 201);
  json wrong = ntfy();
  wrong["settings"]["topic"] = "not a topic";
  json elsewhere = ntfy();
  elsewhere["settings"]["url"] = "https://evil.example";
  elsewhere.erase("secrets");
  for (const Answer& answer :
       {get("/alerts/channels"), put("/alerts/channels/ops", wrong), put("/alerts/channels/ops", ntfy()),
        put("/alerts/channels/ops", elsewhere), get("/alerts/deliveries"), get("/metrics")}) {
    EXPECT_THAT(answer.body, Not(HasSubstr(kSecret)));
  }
  EXPECT_EQ(put("/alerts/channels/ops", elsewhere).status, 400) << "it would be sent there";
  EXPECT_EQ(got("/alerts/channels")["channels"][0]["settings"]["url"], "https://ntfy.example");
}

TEST_F(ApiChannels, ARestartKeepsThem) {
  ASSERT_EQ(put("/alerts/channels/ops", ntfy()).status, 201);
  const json before = got("/alerts/channels");
  restart();
  EXPECT_EQ(got("/alerts/channels"), before);
}

TEST_F(ApiChannels, WhatIsWrongIsToldByItsPlace) {
  json wrong = ntfy();
  wrong["settings"].erase("topic");
  EXPECT_THAT(put("/alerts/channels/ops", wrong).parsed()["error"].get<std::string>(),
              HasSubstr("settings.topic"));
  wrong = ntfy();
  wrong["kind"] = "pigeon";
  EXPECT_THAT(put("/alerts/channels/ops", wrong).parsed()["error"].get<std::string>(), HasSubstr("kind"));
  EXPECT_EQ(put("/alerts/channels/Not%20a%20name", ntfy()).status, 400);
  EXPECT_EQ(put("/alerts/channels/ops", json::array()).status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/channels/ops", "", ntfy().dump()).status, 415);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/channels/ops", kJsonType, std::string(17000, ' ')).status, 413);
  EXPECT_EQ(got("/alerts/channels")["channels"], json::array());
}

TEST_F(ApiChannels, ATestSaysWhatCameOfIt) {
  json to_nowhere = ntfy();
  to_nowhere["settings"]["url"] = "http://127.0.0.1:9";
  ASSERT_EQ(put("/alerts/channels/ops", to_nowhere).status, 201);
  const Answer answer = post_json("/alerts/channels/ops/test", json::object());
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["outcome"], "failed");
  EXPECT_THAT(answer.parsed()["error"].get<std::string>(), Not(testing::IsEmpty()));
  EXPECT_TRUE(answer.parsed()["seconds"].is_number());
  EXPECT_THAT(answer.body, Not(HasSubstr(kSecret)));
  EXPECT_EQ(post_json("/alerts/channels/none/test", json::object()).status, 404);
}

TEST_F(ApiChannels, RoutesAreSetAllTogether) {
  EXPECT_EQ(got("/alerts/routes"), (json{{"routes", json::array()}}));
  ASSERT_EQ(put("/alerts/channels/ops", ntfy()).status, 201);
  const json routes{{"routes",
                     {{{"severity", "critical"},
                       {"tags", {{"role", {"db"}}}},
                       {"rules", {"disk-*"}},
                       {"hosts", {"*"}},
                       {"to", {"ops"}},
                       {"after", 900}}}}};
  const Answer answer = put("/alerts/routes", routes);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed(), routes);
  EXPECT_EQ(got("/alerts/routes"), routes);
  restart([] {});
  EXPECT_EQ(put("/alerts/routes", routes["routes"]).parsed(), routes) << "a list alone does, too";
}

TEST_F(ApiChannels, ARestartKeepsRoutes) {
  ASSERT_EQ(put("/alerts/channels/ops", ntfy()).status, 201);
  ASSERT_EQ(put("/alerts/routes", json::array({{{"to", {"ops"}}}})).status, 200);
  const json before = got("/alerts/routes");
  api_.reset();
  api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, small_intake(), access_);
  ASSERT_TRUE(eventually([&] { return got("/alerts/routes") == before; })) << "once the engine has read them";
}

TEST_F(ApiChannels, RoutesThatLeadNowhereAreRefused) {
  EXPECT_THAT(put("/alerts/routes", json::array({{{"to", {"nobody"}}}})).parsed()["error"].get<std::string>(),
              HasSubstr("'nobody'"));
  EXPECT_THAT(
      put("/alerts/routes", json::array({{{"severity", "critical"}}})).parsed()["error"].get<std::string>(),
      HasSubstr("routes[0].to"));
  EXPECT_EQ(put("/alerts/routes", {{"routes", json::array()}, {"more", 1}}).status, 400);
  EXPECT_EQ(put("/alerts/routes", {{"routes", 5}}).status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/routes", kJsonType, "[").status, 400);
  EXPECT_EQ(ask(api_->port(), "PUT", "/alerts/routes", "", "[]").status, 415);
}

storage::DeliveryRow message(const std::string& id, const std::string& channel, const std::string& state) {
  delivery::Message message;
  message.id = id;
  message.channel = channel;
  message.created = kNow;
  delivery::AlarmNotice alarm;
  alarm.id = 7;
  alarm.event = "fired";
  alarm.name = "Disk almost full";
  alarm.host = "web-1";
  alarm.instance = "/";
  alarm.severity = "critical";
  message.alarms = {alarm};
  storage::DeliveryRow row;
  row.id = id;
  row.channel = channel;
  row.body = delivery::message_body(message);
  row.created = kNow;
  row.due = kNow;
  row.attempts = 2;
  row.state = state;
  row.status = 500;
  row.error = "the receiver says no";
  return row;
}

class ApiDeliveries : public ApiChannels {
 protected:
  void SetUp() override {
    ApiChannels::SetUp();
    json disabled = ntfy();
    disabled["enabled"] = false;
    ASSERT_EQ(put("/alerts/channels/ops", disabled).status, 201);
    restart([this] {
      storage::AlertChanges changes;
      changes.deliveries = {message("a1", "ops", "sent"), message("b2", "ops", "dead"),
                            message("c3", "gone", "dead")};
      store_->alerts().write(changes);
    });
  }
  std::vector<std::string> ids(const std::string& query) const {
    std::vector<std::string> all;
    const json answer = got("/alerts/deliveries?" + query);
    for (const json& one : answer["deliveries"]) all.push_back(one["id"]);
    return all;
  }
};

TEST_F(ApiDeliveries, MessagesAreListedTheNewestFirst) {
  using testing::ElementsAre;
  EXPECT_THAT(ids(""), ElementsAre("c3", "b2", "a1"));
  EXPECT_THAT(ids("state=dead"), ElementsAre("c3", "b2"));
  EXPECT_THAT(ids("state=sent"), ElementsAre("a1"));
  EXPECT_THAT(ids("state=waiting"), ElementsAre());
  EXPECT_THAT(ids("channel=ops"), ElementsAre("b2", "a1"));
  EXPECT_THAT(ids("channel=ops&state=dead"), ElementsAre("b2"));
  EXPECT_THAT(ids("limit=1"), ElementsAre("c3"));
  EXPECT_EQ(get("/alerts/deliveries?state=lost").status, 400);
  EXPECT_EQ(get("/alerts/deliveries?limit=0").status, 400);
}

TEST_F(ApiDeliveries, OneIsToldWithWhatItIsAbout) {
  EXPECT_EQ(got("/alerts/deliveries?state=sent")["deliveries"][0], (json{{"id", "a1"},
                                                                         {"channel", "ops"},
                                                                         {"created", kNow},
                                                                         {"due", kNow},
                                                                         {"attempts", 2},
                                                                         {"state", "sent"},
                                                                         {"status", 500},
                                                                         {"error", "the receiver says no"},
                                                                         {"alarms",
                                                                          {{{"id", 7},
                                                                            {"event", "fired"},
                                                                            {"name", "Disk almost full"},
                                                                            {"host", "web-1"},
                                                                            {"instance", "/"},
                                                                            {"severity", "critical"}}}},
                                                                         {"left_out", 0}}));
}

TEST_F(ApiDeliveries, AChannelSaysHowManyWereGivenUp) {
  EXPECT_EQ(got("/alerts/channels")["channels"][0]["dead"], 1) << "also before the start";
}

TEST_F(ApiDeliveries, OneThatWasGivenUpIsSentAgain) {
  const auto retry = [&](const std::string& id) {
    return post_json("/alerts/deliveries/" + id + "/retry", json::object());
  };
  ASSERT_TRUE(eventually([&] { return retry("b2").status == 200; })) << "once the engine knows the channels";
  EXPECT_THAT(ids("state=waiting"), testing::ElementsAre("b2"));
  EXPECT_EQ(retry("b2").status, 409) << "it waits";
  EXPECT_EQ(retry("a1").status, 409) << "it was sent";
  EXPECT_EQ(retry("c3").status, 409) << "its channel is gone";
  EXPECT_EQ(retry("d4").status, 404);
}

}  // namespace
}  // namespace hostwatch::api::test
