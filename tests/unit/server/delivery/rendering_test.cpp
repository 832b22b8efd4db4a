// What each kind of channel is told, byte by byte where the receiver cares.
#include "server/delivery/rendering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "server/delivery/base64.h"
#include "server/delivery/notice_text.h"
#include "tests/unit/server/delivery/notices.h"

namespace hostwatch::delivery {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Times of day are the server's zone's.
class Rendering : public testing::Test {
 protected:
  Rendering() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  static std::string header(const HttpRequest& request, const std::string& name) {
    for (const auto& [its_name, value] : request.headers) {
      if (its_name == name) return value;
    }
    return "";
  }

  static Channel channel(ChannelKind kind, std::map<std::string, std::string> settings,
                         std::map<std::string, std::string> secrets = {}) {
    Channel made;
    made.name = "ops";
    made.kind = kind;
    made.settings = std::move(settings);
    made.secrets = std::move(secrets);
    return made;
  }

  static AlarmNotice ended() {
    AlarmNotice notice = disk_notice();
    notice.event = "ended";
    notice.ended = 1763886000;
    notice.end_reason = "cleared";
    notice.end_value = 80.5;
    return notice;
  }

  const RenderContext context_{"https://monitor.example", 1763884805};
};

// --- words

TEST_F(Rendering, ValuesHaveTheirUnits) {
  EXPECT_EQ(value_text(97.4, "percent"), "97.4 %");
  EXPECT_EQ(value_text(97, "percent"), "97 %");
  EXPECT_EQ(value_text(5.2 * 1024 * 1024 * 1024, "bytes"), "5.2 GiB");
  EXPECT_EQ(value_text(1023, "bytes"), "1023 B");
  EXPECT_EQ(value_text(2048, "bytes_per_second"), "2 KiB/s");
  EXPECT_EQ(value_text(12.25, "per_second"), "12.2/s");
  EXPECT_EQ(value_text(72'000, "seconds"), "20 h");
  EXPECT_EQ(value_text(90, "seconds"), "90 s");
  EXPECT_EQ(value_text(42, "count"), "42");
  EXPECT_EQ(value_text(-0.001, ""), "0");
  EXPECT_EQ(value_text(1e300, ""), "1e+300");
  EXPECT_EQ(value_text(NAN, "percent"), "");
}

TEST_F(Rendering, AnAlarmIsALine) {
  EXPECT_EQ(detail_text(disk_notice(), 1763884803), "/ 97.4 %, limit 97 %, since 07:55");
}

TEST_F(Rendering, AnEndHasItsProof) {
  EXPECT_EQ(detail_text(ended(), 1763886003), "/ over at 08:20: 80.5 %, since 07:55");
  AlarmNotice notice = ended();
  notice.end_reason = "no longer measured";
  notice.end_value.reset();
  EXPECT_EQ(detail_text(notice, 1763886003), "/ ended at 08:20: no longer measured, since 07:55");
}

TEST_F(Rendering, AnAlarmWithoutALimitTellsNoValue) {
  AlarmNotice notice = disk_notice();
  notice.instance = "";
  notice.limit = NAN;
  EXPECT_EQ(detail_text(notice, 1763884803), "since 07:55");
}

TEST_F(Rendering, WhatElseIsKnownComesBehind) {
  AlarmNotice notice = disk_notice();
  notice.late = true;
  notice.note = "silenced until now";
  EXPECT_EQ(detail_text(notice, 1763884803),
            "/ 97.4 %, limit 97 %, since 07:55, found late; silenced until now");
  notice = disk_notice();
  notice.event = "repeat";
  EXPECT_EQ(detail_text(notice, 1763884803), "/ 97.4 %, limit 97 %, still, since 07:55");
}

TEST_F(Rendering, OfAnotherDayTheDayIsTold) {
  EXPECT_EQ(time_text(1763884500, 1763884500 + 86'400), "23 Nov 07:55");
}

TEST_F(Rendering, ManyAlarmsAreTwentyLinesAndTheRest) {
  Message message = disk_message("ops");
  for (int i = 0; i < 30; ++i) {
    AlarmNotice notice = disk_notice();
    notice.severity = "warning";
    notice.host = "web-" + std::to_string(i);
    message.alarms.insert(message.alarms.begin(), notice);
  }
  message.left_out = 20;
  const auto lines = text_lines(message);
  ASSERT_EQ(lines.size(), 21U);
  EXPECT_EQ(lines.front(), "critical: web-1: Disk almost full: / 97.4 %, limit 97 %, since 07:55");
  EXPECT_EQ(lines.back(), "and 31 more");
  EXPECT_EQ(title_text(message), "51 alarms");
}

TEST_F(Rendering, TitlesSayWhoAndWhat) {
  Message message = disk_message("ops");
  EXPECT_EQ(title_text(message), "web-1: Disk almost full");
  message.alarms.push_back(disk_notice());
  EXPECT_EQ(title_text(message), "web-1: 2 alarms");
  message.alarms.back().host = "web-2";
  EXPECT_EQ(title_text(message), "2 alarms on 2 hosts");
  message.alarms = {disk_notice()};
  message.alarms[0].host = "";
  EXPECT_EQ(title_text(message), "Hostwatch server: Disk almost full");
}

// --- webhook

TEST_F(Rendering, WebhookHasAllOfTheAlarm) {
  const auto requests = webhook_messages(channel(ChannelKind::webhook, {{"url", "https://hooks.example/x"}}),
                                         disk_message("ops"), context_);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].url, "https://hooks.example/x");
  EXPECT_EQ(header(requests[0], "Content-Type"), "application/json");
  EXPECT_EQ(json::parse(requests[0].body), json::parse(R"({
    "version": 1, "id": "9f2c0123456789abcdef0123456789ab", "sent": 1763884803, "server": "https://monitor.example",
    "alarms": [{"id": 4711, "event": "fired", "key": "disk-full/web-1//", "rule": "disk-full",
      "name": "Disk almost full", "severity": "critical", "host": "web-1", "instance": "/", "tags": {"role": "db"},
      "metric": "filesystem_used_percent", "value": 97.4, "limit": 97.0, "unit": "percent", "started": 1763884500,
      "fired": 1763884800, "ended": null, "end_reason": null, "end_value": null, "late": false, "repeat": 0,
      "help": "Free some space on /.", "runbook": "", "note": "",
      "url": "https://monitor.example/dashboard#/alarms/4711"}]})"));
}

TEST_F(Rendering, WebhookIsSignedAsTheSpecificationsExampleIs) {
  // The example of standardwebhooks.com.
  const auto requests = webhook_messages(
      channel(ChannelKind::webhook, {{"url", "https://hooks.example/"}, {"body", R"({"test": 2432232314})"}},
              {{"secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}),
      [] {
        Message message = disk_message("ops");
        message.id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        return message;
      }(),
      {"https://monitor.example", 1614265330});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(header(requests[0], "webhook-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
  EXPECT_EQ(header(requests[0], "webhook-timestamp"), "1614265330");
  EXPECT_EQ(header(requests[0], "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_F(Rendering, WebhookSaysTheSameAtEachAttemptButForTheTime) {
  const Channel hook =
      channel(ChannelKind::webhook, {{"url", "https://hooks.example/"}}, {{"secret", "plain"}});
  const auto first = webhook_messages(hook, disk_message("ops"), context_);
  const auto second = webhook_messages(hook, disk_message("ops"), {"https://monitor.example", 1763889999});
  EXPECT_EQ(first[0].body, second[0].body);
  EXPECT_EQ(header(first[0], "webhook-id"), header(second[0], "webhook-id"));
  EXPECT_EQ(header(first[0], "webhook-id"), "9f2c0123456789abcdef0123456789ab");
  EXPECT_NE(header(first[0], "webhook-signature"), header(second[0], "webhook-signature"));
}

TEST_F(Rendering, WebhookCarriesItsOwnHeaders) {
  const auto requests = webhook_messages(
      channel(ChannelKind::webhook, {{"url", "https://hooks.example/"}, {"header.X-Team", "ops"}},
              {{"header.Authorization", "Bearer abc"}}),
      disk_message("ops"), context_);
  EXPECT_EQ(header(requests[0], "X-Team"), "ops");
  EXPECT_EQ(header(requests[0], "Authorization"), "Bearer abc");
}

TEST_F(Rendering, ATemplateIsSentForEachAlarmWithItsTextsEscaped) {
  Message message = disk_message("ops");
  message.alarms.push_back(ended());
  message.alarms[0].name = "Disk \"full\"\n\\";
  const auto requests = webhook_messages(
      channel(ChannelKind::webhook,
              {{"url", "https://hooks.example/"},
               {"body", R"({"k": "{key}", "s": "{state}", "n": "{name}", "v": {value}, "x": "{nothing}"})"}}),
      message, context_);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(json::parse(requests[0].body), (json{{"k", "disk-full/web-1//"},
                                                 {"s", "firing"},
                                                 {"n", "Disk \"full\"\n\\"},
                                                 {"v", 97.4},
                                                 {"x", "{nothing}"}}));
  EXPECT_EQ(json::parse(requests[1].body)["s"], "resolved");
  EXPECT_EQ(header(requests[0], "webhook-id"), "9f2c0123456789abcdef0123456789ab.1");
  EXPECT_EQ(header(requests[1], "webhook-id"), "9f2c0123456789abcdef0123456789ab.2");
}

TEST_F(Rendering, ATextThatLooksLikeAPlaceholderIsNotReplacedAgain) {
  Message message = disk_message("ops");
  message.alarms[0].name = "{help}";
  EXPECT_EQ(filled_template("{name}", message, message.alarms[0], context_), "{help}");
  EXPECT_EQ(filled_template("{{rule}}", message, message.alarms[0], context_), "{disk-full}");
  EXPECT_EQ(filled_template("{rule", message, message.alarms[0], context_), "{rule");
}

// --- ntfy

TEST_F(Rendering, NtfyIsPostedToTheServersRoot) {
  const HttpRequest request = ntfy_message(
      channel(ChannelKind::ntfy, {{"url", "https://ntfy.example"}, {"topic", "alarms"}}, {{"token", "tk_1"}}),
      disk_message("ops"), context_);
  EXPECT_EQ(request.url, "https://ntfy.example");
  EXPECT_EQ(header(request, "Authorization"), "Bearer tk_1");
  EXPECT_EQ(json::parse(request.body),
            (json{{"topic", "alarms"},
                  {"title", "web-1: Disk almost full"},
                  {"message", "/ 97.4 %, limit 97 %, since 07:55\nFree some space on /."},
                  {"priority", 5},
                  {"tags", {"rotating_light"}},
                  {"click", "https://monitor.example/dashboard#/alarms/4711"}}));
}

TEST_F(Rendering, NtfyIsLessUrgentForLess) {
  const Channel ntfy = channel(ChannelKind::ntfy, {{"url", "https://ntfy.example"}, {"topic", "alarms"}});
  Message message = disk_message("ops");
  message.alarms[0].severity = "warning";
  EXPECT_EQ(json::parse(ntfy_message(ntfy, message, context_).body)["priority"], 3);
  message.alarms = {ended()};
  const json over = json::parse(ntfy_message(ntfy, message, context_).body);
  EXPECT_EQ(over["priority"], 2);
  EXPECT_EQ(over["tags"], json{"white_check_mark"});
}

TEST_F(Rendering, NtfyStaysBelowWhatItTakes) {
  Message message = disk_message("ops");
  message.alarms[0].instance = std::string(200, 'i');
  message.alarms[0].help = std::string(5'000, 'h');
  for (int i = 0; i < 60; ++i) message.alarms.push_back(message.alarms[0]);
  const HttpRequest request = ntfy_message(
      channel(ChannelKind::ntfy, {{"url", "https://ntfy.example"}, {"topic", "alarms"}}), message, context_);
  EXPECT_LT(json::parse(request.body)["message"].get<std::string>().size(), 4'096U);
}

// --- slack

TEST_F(Rendering, SlackIsPlainTextAndAButton) {
  const HttpRequest request =
      slack_message(channel(ChannelKind::slack, {}, {{"url", "https://hooks.slack.example/services/T/B/X"}}),
                    disk_message("ops"), context_);
  EXPECT_EQ(request.url, "https://hooks.slack.example/services/T/B/X");
  const json body = json::parse(request.body);
  EXPECT_EQ(body["text"], "[critical] web-1: Disk almost full: / 97.4 %, limit 97 %, since 07:55");
  EXPECT_EQ(body["blocks"][0]["type"], "section");
  EXPECT_EQ(body["blocks"][0]["text"]["type"], "plain_text");
  EXPECT_EQ(body["blocks"][1]["type"], "actions");
  EXPECT_EQ(body["blocks"][1]["elements"][0]["url"], "https://monitor.example/dashboard#/alarms/4711");
}

TEST_F(Rendering, AMentionInAHostNameWakesNobodyInSlack) {
  Message message = disk_message("ops");
  message.alarms[0].host = "<!channel> @everyone & <@U1>";
  const json body = json::parse(
      slack_message(channel(ChannelKind::slack, {}, {{"url", "https://x.example/"}}), message, context_)
          .body);
  const std::string text = body["text"];
  EXPECT_THAT(text, Not(HasSubstr("<!channel>")));
  EXPECT_THAT(text, HasSubstr("&lt;!channel&gt;"));
  EXPECT_THAT(text, Not(HasSubstr("@everyone")));
  EXPECT_EQ(body["blocks"][0]["text"]["type"], "plain_text");
}

TEST_F(Rendering, SlackTakesNoTextOfMoreThan3000Characters) {
  Message message = disk_message("ops");
  message.alarms[0].instance = std::string(200, 'i');
  message.alarms[0].note = std::string(2'000, 'n');
  for (int i = 0; i < 60; ++i) message.alarms.push_back(message.alarms[0]);
  const json body = json::parse(
      slack_message(channel(ChannelKind::slack, {}, {{"url", "https://x.example/"}}), message, context_)
          .body);
  EXPECT_LT(body["blocks"][0]["text"]["text"].get<std::string>().size(), 3'000U);
}

// --- alertmanager

TEST_F(Rendering, AlertmanagerHasTheStateOfEachAlarm) {
  const auto requests =
      alertmanager_alerts(channel(ChannelKind::alertmanager, {{"url", "http://am.example:9093/"}}),
                          {disk_notice(), ended()}, context_);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].url, "http://am.example:9093/api/v2/alerts");
  const json alerts = json::parse(requests[0].body);
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts[0]["labels"], (json{{"alertname", "disk-full"},
                                       {"hostname", "web-1"},
                                       {"instance", "/"},
                                       {"severity", "critical"},
                                       {"tag_role", "db"}}));
  EXPECT_EQ(alerts[0]["annotations"], (json{{"summary", "web-1: Disk almost full"},
                                            {"value", "97.4 %"},
                                            {"description", "Free some space on /."}}));
  EXPECT_EQ(alerts[0]["startsAt"], "2025-11-23T08:00:00Z");
  EXPECT_EQ(alerts[0]["endsAt"], "2025-11-23T08:05:05Z");  // five minutes from now
  EXPECT_EQ(alerts[1]["endsAt"], "2025-11-23T08:20:00Z");
  EXPECT_EQ(alerts[0]["generatorURL"], "https://monitor.example/dashboard#/alarms/4711");
}

TEST_F(Rendering, AlertmanagerGetsNoNameThatItRefusesAndNoEmptyValue) {
  AlarmNotice notice = disk_notice();
  notice.host = "";
  notice.instance = "";
  notice.tags = {{"a-b", "1"}, {"a.b", "2"}, {"empty", ""}, {"\xC3\xA9", "3"}};
  const auto requests = alertmanager_alerts(
      channel(ChannelKind::alertmanager, {{"url", "http://am.example"}}), {notice}, context_);
  EXPECT_EQ(json::parse(requests[0].body)[0]["labels"],
            (json{{"alertname", "disk-full"}, {"severity", "critical"}, {"tag_a_b", "1"}, {"tag___", "3"}}));
}

TEST_F(Rendering, AlertmanagerGetsNoAlertThatEndsBeforeItStarts) {
  AlarmNotice notice = ended();
  notice.ended = notice.fired - 100;
  const auto requests = alertmanager_alerts(
      channel(ChannelKind::alertmanager, {{"url", "http://am.example"}}), {notice}, context_);
  const json alert = json::parse(requests[0].body)[0];
  EXPECT_EQ(alert["startsAt"], alert["endsAt"]);
}

TEST_F(Rendering, AlertmanagerGetsManyAlarmsInParts) {
  const auto requests = alertmanager_alerts(
      channel(ChannelKind::alertmanager, {{"url", "http://am.example"}}, {{"user", "u"}, {"password", "p"}}),
      std::vector<AlarmNotice>(1'001, disk_notice()), context_);
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(json::parse(requests[2].body).size(), 1U);
  EXPECT_EQ(header(requests[0], "Authorization"), "Basic dTpw");
}

TEST_F(Rendering, AHeartbeatIsAGet) {
  const HttpRequest request =
      heartbeat(channel(ChannelKind::heartbeat, {}, {{"url", "https://hc.example/ping/1"}}));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://hc.example/ping/1");
  EXPECT_TRUE(request.body.empty());
}

TEST(Base64, IsThatOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> kExamples{{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kExamples) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(base64_decoded(text), bytes);
  }
  EXPECT_EQ(base64_decoded("Zg"), "f");
  EXPECT_EQ(base64_decoded("Z"), std::nullopt);
  EXPECT_EQ(base64_decoded("Z-=="), std::nullopt);
}

}  // namespace
}  // namespace hostwatch::delivery
