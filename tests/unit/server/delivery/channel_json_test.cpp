#include "server/delivery/channel_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "server/delivery/channel_url.h"

namespace hostwatch::delivery {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string refusal(const std::string& body, const Channel* kept = nullptr, const std::string& name = "ops") {
  try {
    channel_from_json(name, body, kept);
    return "";
  } catch (const ChannelError& error) {
    return error.what();
  }
}

constexpr const char* kHook =
    R"({"kind": "webhook", "settings": {"url": "https://hooks.example/x"}, "secrets": {"secret": "s3cr3t", "header.Authorization": "Bearer t0k3n"}})";

TEST(ChannelJson, ReadsAChannel) {
  const Channel channel = channel_from_json("ops", kHook, nullptr);
  EXPECT_EQ(channel.name, "ops");
  EXPECT_EQ(channel.kind, ChannelKind::webhook);
  EXPECT_TRUE(channel.is_default);
  EXPECT_TRUE(channel.enabled);
  EXPECT_FALSE(channel.from_file);
  EXPECT_EQ(channel.settings.at("url"), "https://hooks.example/x");
  EXPECT_EQ(channel.secrets.at("secret"), "s3cr3t");
}

TEST(ChannelJson, TellsNoSecret) {
  const Channel channel = channel_from_json("ops", kHook, nullptr);
  const std::string told = channel_json(channel, nullptr);
  EXPECT_THAT(told, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(told, Not(HasSubstr("t0k3n")));
  const json answer = json::parse(told);
  EXPECT_EQ(answer["secrets"], (json{{"secret", "set"}, {"header.Authorization", "set"}}));
  EXPECT_EQ(answer["last"], nullptr);
  EXPECT_EQ(answer["waiting"], 0);
}

TEST(ChannelJson, TellsHowItIsDoing) {
  ChannelFigures figures;
  figures.waiting = 2;
  figures.dead = 1;
  figures.last_at = 1763884803;
  figures.last = Outcome::unknown;
  figures.last_status = 503;
  figures.last_error = "https://hooks.example:443: answered 503";
  const json answer = json::parse(channel_json(channel_from_json("ops", kHook, nullptr), &figures));
  EXPECT_EQ(answer["waiting"], 2);
  EXPECT_EQ(answer["dead"], 1);
  EXPECT_EQ(answer["last"], (json{{"at", 1763884803},
                                  {"outcome", "failed"},
                                  {"status", 503},
                                  {"error", "https://hooks.example:443: answered 503"}}));
}

TEST(ChannelJson, ItsOwnAnswerChangesNothing) {
  const Channel channel = channel_from_json("ops", kHook, nullptr);
  EXPECT_EQ(channel_from_json("ops", channel_json(channel, nullptr), &channel), channel);
}

TEST(ChannelJson, KeepsSecretsThatAreNotNamedAndRemovesNull) {
  const Channel kept = channel_from_json("ops", kHook, nullptr);
  const Channel same = channel_from_json(
      "ops", R"({"kind": "webhook", "settings": {"url": "https://hooks.example/other"}})", &kept);
  EXPECT_EQ(same.secrets, kept.secrets);
  const Channel less = channel_from_json(
      "ops",
      R"({"kind": "webhook", "settings": {"url": "https://hooks.example/x"}, "secrets": {"secret": null}})",
      &kept);
  EXPECT_FALSE(less.secrets.contains("secret"));
  EXPECT_TRUE(less.secrets.contains("header.Authorization"));
}

TEST(ChannelJson, ASecretIsNotSentToAnotherServer) {
  const Channel kept = channel_from_json("ops", kHook, nullptr);
  for (const char* url :
       {"https://evil.example/x", "http://hooks.example/x", "https://hooks.example:8443/x"}) {
    EXPECT_THAT(refusal(json{{"kind", "webhook"}, {"settings", {{"url", url}}}}.dump(), &kept),
                HasSubstr("give it again"))
        << url;
  }
  EXPECT_EQ(refusal(R"({"kind": "webhook", "settings": {"url": "https://HOOKS.example:443/y"}})", &kept), "");
  EXPECT_EQ(refusal(R"({"kind": "webhook", "settings": {"url": "https://evil.example/x"},
                        "secrets": {"secret": "new", "header.Authorization": null}})",
                    &kept),
            "");
  EXPECT_THAT(refusal(R"({"kind": "webhook", "settings": {"url": "https://evil.example/x"},
                          "secrets": {"secret": "set", "header.Authorization": null}})",
                      &kept),
              HasSubstr("secrets.secret"));
}

struct Refused {
  const char* body;
  const char* why;
};

class RefusedChannels : public testing::TestWithParam<Refused> {};

TEST_P(RefusedChannels, SayWhatIsWrong) {
  EXPECT_THAT(refusal(GetParam().body), StartsWith(GetParam().why)) << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, RefusedChannels,
    testing::Values(
        Refused{"", "it is not a JSON object"}, Refused{"[]", "it is not a JSON object"},
        Refused{"{}", "kind: it is missing"}, Refused{R"({"kind": "sms"})", "kind: it is webhook"},
        Refused{R"({"kind": "webhook"})", "settings.url: it is missing"},
        Refused{R"({"kind": "webhook", "other": 1})", "other: there is no such member"},
        Refused{R"({"kind": "webhook", "enabled": 1})", "enabled: "},
        Refused{R"({"kind": "webhook", "settings": []})", "settings: "},
        Refused{R"({"kind": "webhook", "settings": {"url": ["x"]}})", "settings.url: it is a text"},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "topic": "t"}})",
                "settings.topic: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "ftp://x.example/"}})",
                "settings.url: its scheme"},
        Refused{R"({"kind": "webhook", "settings": {"url": "file:///etc/passwd"}})", "settings.url: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "gopher://x/"}})", "settings.url: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://user:pw@x.example/"}})",
                "settings.url: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/\r\nX: 1"}})",
                "settings.url: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://[fe80::1%eth0]/"}})", "settings.url: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "header.X": "a\r\nY: b"}})",
                "settings.header.X: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "header.Host": "y"}})",
                "settings.header.Host: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "header.A B": "y"}})",
                "settings.header.A B: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "header.Webhook-ID": "y"}})",
                "settings.header.Webhook-ID: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/", "body": "{name}"}})",
                "settings.body: "},
        Refused{
            R"({"kind": "webhook", "settings": {"url": "https://x.example/"}, "secrets": {"secret": "whsec_!"}})",
            "secrets.secret: "},
        Refused{R"({"kind": "webhook", "settings": {"url": "https://x.example/"}, "secrets": {"secret": 1}})",
                "secrets.secret: "},
        Refused{
            R"({"kind": "webhook", "settings": {"url": "https://x.example/"}, "secrets": {"secret": {"file": "/etc/shadow"}}})",
            "secrets.secret: its file must be in"},
        Refused{
            R"({"kind": "webhook", "settings": {"url": "https://x.example/"}, "secrets": {"secret": {"file": "/run/credentials/../../etc/shadow"}}})",
            "secrets.secret: "},
        Refused{R"({"kind": "ntfy", "settings": {"url": "https://ntfy.example"}})",
                "settings.topic: it is missing"},
        Refused{R"({"kind": "ntfy", "settings": {"url": "https://ntfy.example", "topic": "a/b"}})",
                "settings.topic: "},
        Refused{R"({"kind": "slack"})", "secrets.url: it is missing"},
        Refused{R"({"kind": "slack", "settings": {"url": "https://x.example"}})", "settings.url: this kind"},
        Refused{R"({"kind": "slack", "secrets": {"url": "ftp://x.example"}})", "secrets.url: "},
        Refused{
            R"({"kind": "heartbeat", "settings": {"every": "5"}, "secrets": {"url": "https://x.example"}})",
            "settings.every: "},
        Refused{
            R"({"kind": "heartbeat", "settings": {"every": "x"}, "secrets": {"url": "https://x.example"}})",
            "settings.every: "},
        Refused{R"({"kind": "mail", "settings": {"from": "a@b.example", "to": "c@d.example"}})",
                "settings.server: it is missing"},
        Refused{
            R"({"kind": "mail", "settings": {"server": "https://m.example", "from": "a@b.example", "to": "c@d.example"}})",
            "settings.server: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://u:p@m.example", "from": "a@b.example", "to": "c@d.example"}})",
            "settings.server: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example/name", "from": "a@b.example", "to": "c@d.example"}})",
            "settings.server: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example", "from": "A <a@b.example>", "to": "c@d.example"}})",
            "settings.from: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example", "from": "a@b.example", "to": "c@d.example,"}})",
            "settings.to: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example", "from": "a@b.example", "to": "c@d.example", "tls": "maybe"}})",
            "settings.tls: "},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example", "from": "a@b.example", "to": "c@d.example", "user": "u"}})",
            "secrets.password: it is missing"},
        Refused{
            R"({"kind": "mail", "settings": {"server": "smtp://m.example", "from": "a@b.example", "to": "c@d.example"}, "secrets": {"password": "p"}})",
            "settings.user: it is missing"}));

TEST(ChannelJson, TakesEachKind) {
  for (
      const char* body :
      {R"({"kind": "webhook", "settings": {"url": "http://10.0.0.1:8080/x?y=z", "body": "{\"text\": \"{title}\", \"value\": {value}}"}})",
       R"({"kind": "webhook", "settings": {"url": "https://x.example/", "body": "{title}", "header.Content-Type": "text/plain"}})",
       R"({"kind": "mail", "settings": {"server": "smtp://m.example:587", "from": "a@b.example", "to": "c@d.example, e@f.example", "user": "u"}, "secrets": {"password": "p"}})",
       R"({"kind": "mail", "settings": {"server": "smtps://[2001:db8::1]", "from": "a@b.example", "to": "c@d.example"}})",
       R"({"kind": "ntfy", "settings": {"url": "https://ntfy.example", "topic": "alarms"}, "secrets": {"token": {"file": "/run/credentials/hostwatch-server.service/ntfy"}}})",
       R"({"kind": "slack", "secrets": {"url": "https://hooks.slack.com/services/T/B/X"}})",
       R"({"kind": "alertmanager", "settings": {"url": "http://am.example:9093"}, "secrets": {"user": "u", "password": "p"}})",
       R"({"kind": "heartbeat", "settings": {"every": 60}, "secrets": {"url": "https://hc-ping.com/uuid"}})"}) {
    EXPECT_EQ(refusal(body), "") << body;
  }
}

TEST(ChannelJson, NamesAreShortAndPlain) {
  for (const char* name : {"ops", "a", "ops-2"}) EXPECT_EQ(refusal(kHook, nullptr, name), "") << name;
  for (const std::string& name :
       {std::string(), std::string("Ops"), std::string("a b"), std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_THAT(refusal(kHook, nullptr, name), StartsWith("name: ")) << name;
  }
}

TEST(ChannelJson, WhatIsStoredIsTheChannelAgain) {
  Channel channel = channel_from_json("ops", kHook, nullptr);
  channel.is_default = false;
  channel.secrets.erase("secret");
  channel.secret_files["secret"] = "/run/secrets/hook";
  EXPECT_THAT(channel_definition(channel), Not(HasSubstr("t0k3n")));
  EXPECT_EQ(channel_from_row("ops", "webhook", channel_definition(channel), channel_secrets(channel)),
            channel);
}

TEST(ChannelJson, SecretsInFilesAreReadWhenTheyAreUsed) {
  const auto path = std::filesystem::path(testing::TempDir()) / "hostwatch-channel-secret";
  std::ofstream(path) << "t0k3n\n";
  const auto channels =
      channels_from_file(json{{"channels",
                               {{"phone",
                                 {{"kind", "ntfy"},
                                  {"settings", {{"url", "http://127.0.0.1"}, {"topic", "t"}}},
                                  {"secrets", {{"token", {{"file", path.string()}}}}}}}}}}
                             .dump());
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_TRUE(channels[0].from_file);
  EXPECT_TRUE(channels[0].secrets.empty());
  EXPECT_EQ(resolve_secrets(channels[0]).secrets.at("token"), "t0k3n");
  std::ofstream(path) << "two\nlines\n";
  EXPECT_THROW(resolve_secrets(channels[0]), ChannelError);
  std::filesystem::remove(path);
  EXPECT_THROW(resolve_secrets(channels[0]), ChannelError);
}

TEST(ChannelJson, AFileOfChannelsMayHaveComments) {
  EXPECT_EQ(channels_from_file("// ours\n{\"channels\": {}}").size(), 0U);
  EXPECT_THROW(channels_from_file("{}"), ChannelError);
  EXPECT_THROW(channels_from_file(R"({"channels": {"ops": {"kind": "webhook"}}})"), ChannelError);
}

TEST(ShownUrl, HasNeitherPathNorQuery) {
  EXPECT_EQ(shown_url("https://hooks.example/services/T/B/X?token=1"), "https://hooks.example:443");
  EXPECT_EQ(shown_url("smtp://mail.example:587"), "smtp://mail.example:587");
  EXPECT_EQ(shown_url("smtps://mail.example"), "smtps://mail.example:465");
  EXPECT_EQ(shown_url("smtp://[::1]"), "smtp://[::1]:25");
  EXPECT_EQ(shown_url("secret"), "an address");
}

}  // namespace
}  // namespace hostwatch::delivery
