// The service against real receivers on loopback.
#include "server/delivery/delivery_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/unit/server/delivery/service_fixture.h"

namespace hostwatch::delivery::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using Manner = HttpSink::Answer::Manner;

using DeliveryServiceTest = ServiceTest;

TEST_F(DeliveryServiceTest, BringsAMessageToItsChannel) {
  HttpSink sink;
  start({webhook("ops", sink.url("/hook?key=1"))}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.id, "m1");
  EXPECT_EQ(result.channel, "ops");
  EXPECT_EQ(result.outcome, Outcome::sent) << result.error;
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.attempts, 1);
  ASSERT_EQ(sink.requests().size(), 1U);
  const auto request = sink.requests()[0];
  EXPECT_EQ(request.line, "POST /hook?key=1 HTTP/1.1");
  EXPECT_EQ(request.header("webhook-id"), "m1");
  EXPECT_EQ(request.header("webhook-timestamp"), std::to_string(kStart));
  EXPECT_EQ(request.header("Expect"), "");
  EXPECT_EQ(nlohmann::json::parse(request.body)["alarms"][0]["host"], "web-1");
  EXPECT_EQ(service_->figures().at("ops").sent, 1U);
  EXPECT_EQ(service_->figures().at("ops").waiting, 0U);
}

TEST_F(DeliveryServiceTest, SendsTheSameAgainAfterAServersError) {
  HttpSink sink;
  sink.answer_next({503});
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  const DeliveryResult first = results(1)[0];
  EXPECT_EQ(first.outcome, Outcome::unknown);
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(first.next_due, kStart + 1);
  EXPECT_FALSE(service_->withdraw("m1"));
  pass(seconds(1));
  const DeliveryResult second = results(2)[1];
  EXPECT_EQ(second.outcome, Outcome::sent);
  EXPECT_EQ(second.attempts, 2);
  const auto requests = sink.requests();
  EXPECT_EQ(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
  EXPECT_EQ(requests[0].body, requests[1].body);
}

TEST_F(DeliveryServiceTest, WaitsAsLongAsItIsAsked) {
  HttpSink sink;
  sink.answer_next({429, "Retry-After: 120\r\n"});
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unknown);
  EXPECT_EQ(result.next_due, kStart + 120);
}

TEST_F(DeliveryServiceTest, WhatWillNeverBeTakenIsADeadLetter) {
  HttpSink sink;
  sink.answer_next({404, "", "the body is shown to nobody"});
  start({webhook("ops", sink.url("/secret-path"))}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::dead);
  EXPECT_EQ(result.status, 404);
  EXPECT_EQ(result.error, "http://127.0.0.1:" + std::to_string(sink.port()) + ": answered 404");
  EXPECT_EQ(service_->figures().at("ops").dead, 1U);
}

TEST_F(DeliveryServiceTest, WithoutAConnectionNothingWasSent) {
  std::string url;
  {
    HttpSink gone;
    url = gone.url("/secret-path");
  }
  start({webhook("ops", url)}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unsent);
  EXPECT_THAT(result.error, HasSubstr("no connection"));
  EXPECT_THAT(result.error, Not(HasSubstr("secret-path")));
  EXPECT_TRUE(service_->withdraw("m1"));
  EXPECT_FALSE(service_->withdraw("m1"));
}

TEST_F(DeliveryServiceTest, AnUnknownNameIsNoConnectionEither) {
  start({webhook("ops", "http://nothing.invalid/")}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unsent);
  EXPECT_THAT(result.error, HasSubstr("cannot be resolved"));
}

TEST_F(DeliveryServiceTest, AReceiverThatClosesMayHaveIt) {
  HttpSink sink;
  sink.answer_next({.manner = Manner::closes});
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::unknown);
  EXPECT_FALSE(service_->withdraw("m1"));
  pass(seconds(1));
  EXPECT_EQ(results(2)[1].outcome, Outcome::sent);
  EXPECT_EQ(sink.requests()[0].header("webhook-id"), sink.requests()[1].header("webhook-id"));
}

TEST_F(DeliveryServiceTest, OneThatNeverAnswersDelaysNoOther) {
  HttpSink dead;
  HttpSink good;
  dead.answer_always({.manner = Manner::never});
  DeliveryService& service = start({webhook("dead", dead.url()), webhook("good", good.url())});
  service.submit(message("lost", "dead"));
  ASSERT_TRUE(dead.wait_for(1));
  for (int i = 0; i < 20; ++i) service.submit(message("m" + std::to_string(i), "good", i));
  for (const DeliveryResult& result : results(20)) EXPECT_EQ(result.outcome, Outcome::sent);
  EXPECT_EQ(good.requests().size(), 20U);
  EXPECT_FALSE(service.withdraw("lost"));
  pass(seconds(15));
  const DeliveryResult lost = results(21)[20];
  EXPECT_EQ(lost.id, "lost");
  EXPECT_EQ(lost.outcome, Outcome::unknown);
  EXPECT_THAT(lost.error, HasSubstr("no answer in time"));
}

TEST_F(DeliveryServiceTest, HoweverManyAreDeadOthersFindAPlace) {
  constexpr std::size_t kDead = 12;
  HttpSink dead;
  HttpSink good;
  dead.answer_always({.manner = Manner::never});
  std::vector<Channel> channels{webhook("good", good.url())};
  for (std::size_t i = 0; i < kDead; ++i)
    channels.push_back(webhook("dead-" + std::to_string(i), dead.url()));
  DeliveryService& service = start(channels);
  for (std::size_t i = 0; i < kDead; ++i)
    service.submit(message("lost-" + std::to_string(i), "dead-" + std::to_string(i)));
  ASSERT_TRUE(dead.wait_for(8));
  pass(seconds(15));
  ASSERT_TRUE(dead.wait_for(kDead));
  pass(seconds(15));
  results(kDead);
  pass(seconds(15));  // now they are known to be dead, and wait for their second answer
  ASSERT_TRUE(dead.wait_for(kDead + 4));
  service.submit(message("m1", "good"));
  while (results(results_.size() + 1).back().id != "m1") continue;
  EXPECT_EQ(good.requests().size(), 1U);
}

TEST_F(DeliveryServiceTest, AChannelsMessagesComeInOrder) {
  HttpSink sink;
  sink.answer_next({500});
  DeliveryService& service = start({webhook("ops", sink.url())});
  service.submit(message("down", "ops"));
  service.submit(message("up", "ops"));
  results(1);
  pass(seconds(1));
  const auto all = results(3);
  EXPECT_EQ(all[1].id, "down");
  EXPECT_EQ(all[2].id, "up");
}

TEST_F(DeliveryServiceTest, FollowsNoRedirect) {
  HttpSink other;
  HttpSink sink;
  sink.answer_next({302, "Location: " + other.url() + "\r\n"});
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unknown);
  EXPECT_THAT(result.error, HasSubstr("redirects are not followed"));
  EXPECT_EQ(other.connections(), 0U);
}

TEST_F(DeliveryServiceTest, TakesNoProxyFromTheEnvironment) {
  HttpSink proxy;
  HttpSink sink;
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  EXPECT_EQ(proxy.connections(), 0U);
  EXPECT_EQ(sink.requests().size(), 1U);
}

TEST_F(DeliveryServiceTest, ALongAnswerIsNotReadToItsEnd) {
  HttpSink sink;
  sink.answer_next({200, "", std::string(50'000'000, 'x')});
  start({webhook("ops", sink.url())}).submit(message("m1", "ops"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent);
}

TEST_F(DeliveryServiceTest, AChannelOfThePageDoesNotReachThisMachine) {
  HttpSink sink;
  allows_loopback_ = false;
  const std::string port = std::to_string(sink.port());
  DeliveryService& service = start(
      {webhook("a", sink.url()), webhook("b", "http://localhost:" + port + "/"),
       webhook("c", "http://2130706433:" + port + "/"), webhook("d", "http://0:" + port + "/"),
       webhook("e", "http://[::ffff:127.0.0.1]:" + port + "/"), webhook("f", "http://169.254.169.254/")});
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    service.submit(message(std::string("m-") + name, name));
  for (const DeliveryResult& result : results(6)) {
    EXPECT_EQ(result.outcome, Outcome::unsent) << result.channel;
    EXPECT_THAT(result.error, HasSubstr("not allowed")) << result.channel;
  }
  EXPECT_EQ(sink.connections(), 0U);
}

TEST_F(DeliveryServiceTest, AChannelOfTheFileReachesThisMachineButNotThisServer) {
  HttpSink sink;
  HttpSink server;
  allows_loopback_ = false;
  settings_.policy.own = {{"0.0.0.0", server.port()}};
  Channel good = webhook("good", sink.url());
  Channel loop = webhook("loop", server.url());
  good.from_file = loop.from_file = true;
  DeliveryService& service = start({good, loop});
  service.submit(message("m1", "good"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent);
  service.submit(message("m2", "loop"));
  EXPECT_THAT(results(2)[1].error, HasSubstr("this server itself"));
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(DeliveryServiceTest, AMessageToNoChannelIsADeadLetter) {
  HttpSink sink;
  DeliveryService& service = start({webhook("ops", sink.url())});
  service.submit(message("m1", "gone"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::dead);
  EXPECT_FALSE(service.figures().contains("gone"));
}

TEST_F(DeliveryServiceTest, WhatIsSubmittedTwiceIsSentOnce) {
  HttpSink sink;
  Channel held = webhook("ops", sink.url());
  held.enabled = false;
  DeliveryService& service = start({held});
  service.submit(message("m1", "ops"));
  service.submit(message("m1", "ops"));
  EXPECT_EQ(service.figures().at("ops").waiting, 1U);
  held.enabled = true;
  service.set_channels(std::make_shared<const std::vector<Channel>>(1, held));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent);
  EXPECT_EQ(service.figures().at("ops").waiting, 0U);
}

TEST_F(DeliveryServiceTest, ADisabledChannelIsLeftAlone) {
  HttpSink sink;
  HttpSink other;
  Channel disabled = webhook("off", sink.url());
  disabled.enabled = false;
  DeliveryService& service = start({disabled, webhook("on", other.url())});
  service.submit(message("m1", "off"));
  service.submit(message("m2", "on"));
  EXPECT_EQ(results(1)[0].id, "m2");
  EXPECT_EQ(sink.connections(), 0U);
  EXPECT_TRUE(service.withdraw("m1"));
}

TEST_F(DeliveryServiceTest, SlackTakesOneASecond) {
  HttpSink sink;
  HttpSink other;
  Channel slack;
  slack.name = "slack";
  slack.kind = ChannelKind::slack;
  slack.secrets = {{"url", sink.url()}};
  DeliveryService& service = start({slack, webhook("ops", other.url())});
  service.submit(message("s1", "slack"));
  results(1);
  service.submit(message("s2", "slack", 2));
  service.submit(message("m1", "ops"));
  EXPECT_EQ(results(2)[1].id, "m1");
  EXPECT_EQ(sink.requests().size(), 1U);
  pass(seconds(1));
  EXPECT_EQ(results(3)[2].id, "s2");
}

TEST_F(DeliveryServiceTest, ATestIsSentAtOnceWhateverWaits) {
  HttpSink sink;
  sink.answer_next({500});
  DeliveryService& service = start({webhook("ops", sink.url())});
  service.submit(message("m1", "ops"));
  results(1);
  std::promise<DeliveryResult> told;
  service.test(webhook("ops", sink.url()), [&told](const DeliveryResult& result) { told.set_value(result); });
  const DeliveryResult result = told.get_future().get();
  EXPECT_EQ(result.outcome, Outcome::sent);
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(nlohmann::json::parse(sink.requests()[1].body)["alarms"][0]["event"], "test");
  EXPECT_EQ(service.figures().at("ops").sent, 0U);
}

TEST_F(DeliveryServiceTest, AHeartbeatBeatsWhileTheServerIsWell) {
  HttpSink sink;
  HttpSink other;
  Channel beat;
  beat.name = "beat";
  beat.kind = ChannelKind::heartbeat;
  beat.secrets = {{"url", sink.url("/ping")}};
  DeliveryService& service = start({beat, webhook("ops", other.url())});
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_EQ(sink.requests()[0].line, "GET /ping HTTP/1.1");
  healthy_ = false;
  pass(seconds(60));
  service.submit(message("m1", "ops"));
  results(1);
  EXPECT_EQ(sink.requests().size(), 1U);
  healthy_ = true;
  pass(seconds(60));
  ASSERT_TRUE(sink.wait_for(2));
}

TEST_F(DeliveryServiceTest, AnAlertmanagerIsToldTheStateEachMinuteAndWhenItChanges) {
  HttpSink sink;
  Channel alertmanager = webhook("am", sink.url());
  alertmanager.kind = ChannelKind::alertmanager;
  state_ = {disk_notice()};
  DeliveryService& service = start({alertmanager});
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_EQ(sink.requests()[0].line, "POST /api/v2/alerts HTTP/1.1");
  EXPECT_EQ(nlohmann::json::parse(sink.requests()[0].body)[0]["labels"]["hostname"], "web-1");
  pass(seconds(60));
  ASSERT_TRUE(sink.wait_for(2));
  service.post_state();
  ASSERT_TRUE(sink.wait_for(3));
}

TEST_F(DeliveryServiceTest, StopsWithin2SecondsAndTellsNothingOfWhatIsInFlight) {
  HttpSink dead;
  dead.answer_always({.manner = Manner::never});
  DeliveryService& service = start({webhook("dead", dead.url())});
  service.submit(message("m1", "dead"));
  ASSERT_TRUE(dead.wait_for(1));
  std::promise<DeliveryResult> told;
  service.test(webhook("dead", dead.url()),
               [&told](const DeliveryResult& result) { told.set_value(result); });
  ASSERT_TRUE(dead.wait_for(2));
  const auto begun = std::chrono::steady_clock::now();
  service.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
  EXPECT_TRUE(results_.empty());
  EXPECT_EQ(told.get_future().get().outcome, Outcome::unknown);
  service.stop();
  service.submit(message("m2", "dead"));
}

}  // namespace
}  // namespace hostwatch::delivery::test
