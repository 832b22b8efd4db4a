// What other programs' agents post, and what the log and /metrics say of it.
#include "server/api/readings/post_refusals.h"

#include <gmock/gmock.h>

#include "tests/support/log_capture.h"
#include "tests/unit/server/api/access_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

http::Request with(const std::string& name, const std::string& value) {
  http::Request request;
  request.headers.emplace(name, value);
  return request;
}

TEST(PostRefusals, AreToldOfOnceAnHourForEachClientAndKind) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  const http::Response wrong_form = http::Response::error(415, "send JSON");
  for (int i = 0; i < 5; ++i) refusals.note("POST /metrics", {}, "10.0.0.7", wrong_form, kNow + i);
  EXPECT_EQ(log.lines(), 1U);
  EXPECT_THAT(log.text(),
              AllOf(HasSubstr("10.0.0.7 is refused: POST /metrics is answered with 415, send JSON"),
                    HasSubstr("hostwatch-agent")));
  refusals.note("POST /metrics", {}, "10.0.0.8", wrong_form, kNow);
  refusals.note("POST /write", {}, "10.0.0.7", http::Response::error(404, "nothing"), kNow);
  EXPECT_EQ(log.lines(), 3U);
  refusals.note("POST /metrics", {}, "10.0.0.7", wrong_form, kNow + 3600);
  EXPECT_EQ(log.lines(), 4U);
  EXPECT_THAT(refusals.counts(), ElementsAre(1, 0, 7));
}

TEST(PostRefusals, NobodyFillsTheLog) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  for (int i = 0; i < 5000; ++i) {
    const std::string client = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    refusals.note("POST /" + std::string(3000, 'x'), {}, client, http::Response::error(404, "nothing"), kNow);
  }
  EXPECT_EQ(log.lines(), RefusalLog::kMost);
  EXPECT_LT(log.text().size(), RefusalLog::kMost * 600);
  EXPECT_EQ(refusals.counts()[0], 5000U);
}

TEST(PostRefusals, WhatStandsInTheLogIsPrintable) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  refusals.note("POST /a\n2026-11-29 info all is well", {}, "10.0.0.7",
                http::Response::error(404, "x\n\x1B[2J"), kNow);
  EXPECT_EQ(log.lines(), 1U);
  EXPECT_EQ(log.text().find('\x1B'), std::string::npos);
}

TEST(PostRefusals, AnswersThatAreNoRefusalArePassedOver) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  for (const int status : {200, 429, 500, 503}) {
    refusals.note("POST /metrics", {}, "10.0.0.7", http::Response::error(status, "x"), kNow);
  }
  EXPECT_EQ(log.lines(), 0U);
  EXPECT_THAT(refusals.counts(), ElementsAre(0, 0, 0));
}

TEST(PostRefusals, WhatTheLogHasToldOfAlreadyIsCountedAndListedAlone) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  refusals.note("POST /metrics", {}, "10.0.0.7", http::Response::error(401, "wrong"), kNow,
                PostRefusals::Log::told);
  EXPECT_EQ(log.lines(), 0U);
  EXPECT_THAT(refusals.counts(), ElementsAre(0, 1, 0));
  EXPECT_THAT(refusals.latest(kNow), SizeIs(1));
}

TEST(PostRefusals, WhatIsListedIsPrintableAndBounded) {
  const hostwatch::test::LogCapture log;
  PostRefusals refusals;
  refusals.note("POST /\x1B[2J" + std::string(8000, 'x'), with("User-Agent", "collectd/5.12.0"), "10.0.0.7",
                http::Response::error(404, "x\n" + std::string(9000, 'y')), kNow);
  const auto all = refusals.latest(kNow);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_LE(all[0].where.size(), 110U);
  EXPECT_LE(all[0].error.size(), 210U);
  EXPECT_EQ((all[0].where + all[0].error).find_first_of("\x1B\n"), std::string::npos);
  EXPECT_EQ(all[0].program, "collectd's write_http");
}

TEST(PostRefusals, OtherProgramsAreKnownByTheirHeaders) {
  EXPECT_EQ(other_program_of(with("User-Agent", "collectd/5.12.0")), "collectd's write_http");
  EXPECT_EQ(other_program_of(with("User-Agent", "Netdata/1.44")), "netdata's exporter");
  EXPECT_EQ(other_program_of(with("X-Prometheus-Remote-Write-Version", "0.1.0")), "Prometheus remote write");
  EXPECT_EQ(other_program_of(with("Content-Encoding", "snappy")), "Prometheus remote write");
  EXPECT_EQ(other_program_of(with("User-Agent", "curl/8")), "");
}

class PostRefusalsOfServer : public AccessTest {
 protected:
  std::string count_of(const std::string& reason) {
    const std::string text = send("GET", "/metrics", bearer(auth::Scope::read)).body;
    const std::string name = "hostwatch_server_posts_refused_total{reason=\"" + reason + "\"} ";
    const std::size_t at = text.find(name);
    return at == std::string::npos ? "none"
                                   : text.substr(at + name.size(), text.find('\n', at) - at - name.size());
  }
  json listed() { return send("GET", "/refusals", bearer(auth::Scope::admin)).parsed(); }
  /// Sends these bytes alone; the answer.
  std::string unframed(const std::string& bytes) const {
    RawClient client(api_->port());
    client.send(bytes);
    return client.rest();
  }
};

TEST_F(PostRefusalsOfServer, EachIsCountedOnce) {
  const std::string token = bearer(auth::Scope::write);
  send("POST", "/write", "User-Agent: collectd/5.12.0\r\n", "[]");
  send("POST", "/metrics", "", "{}");
  send("POST", "/metrics", token + "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n",
       "xx");
  send("POST", "/metrics", token + kJson, "[{\"values\":[1]}]");
  send("POST", "/metrics", token + kJson, reading("web-1", kNow));
  send("GET", "/nothing", token);
  EXPECT_EQ(count_of("address"), "1");
  EXPECT_EQ(count_of("access"), "1");
  EXPECT_EQ(count_of("form"), "2");
}

TEST_F(PostRefusalsOfServer, AreListedForWhoAddsHostsTheLatestFirst) {
  send("POST", "/write", "User-Agent: collectd/5.12.0\r\n", "[]");
  api_->now = kNow + 60;
  send("POST", "/metrics", "", "{}");
  const json all = listed();
  ASSERT_EQ(all["now"], kNow + 60);
  ASSERT_THAT(all["refusals"], SizeIs(2));
  const json& collectd = all["refusals"][1];
  EXPECT_EQ(all["refusals"][0]["reason"], "access");
  EXPECT_EQ(all["refusals"][0]["program"], nullptr);
  EXPECT_EQ(collectd["address"], "127.0.0.1");
  EXPECT_EQ(collectd["reason"], "address");
  EXPECT_EQ(collectd["where"], "POST /write");
  EXPECT_EQ(collectd["status"], 404);
  EXPECT_EQ(collectd["error"], "there is nothing at this address; the page is at /dashboard");
  EXPECT_EQ(collectd["program"], "collectd's write_http");
  EXPECT_EQ(collectd["first"], kNow);
  EXPECT_EQ(collectd["last"], kNow);
  EXPECT_EQ(collectd["count"], 1);
}

TEST_F(PostRefusalsOfServer, AWrongTokenIsCountedAndListedAndToldOfOnce) {
  const hostwatch::test::LogCapture log;
  send("POST", "/metrics", "Authorization: Bearer hw_wrong\r\n" + std::string(kJson), reading("web-1", kNow));
  EXPECT_EQ(log.lines(), 1U) << log.text();
  EXPECT_EQ(count_of("access"), "1");
  const json all = listed()["refusals"];
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0]["status"], 401);
  EXPECT_THAT(all[0]["error"], HasSubstr("the token is not valid"));
}

TEST_F(PostRefusalsOfServer, AnAgentThatMayNotEnrolIsListed) {
  const hostwatch::test::LogCapture log;
  send("POST", "/enroll", "Authorization: Bearer hwe_wrong\r\n" + std::string(kJson), "{}");
  const json all = listed()["refusals"];
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0]["where"], "POST /enroll");
}

TEST_F(PostRefusalsOfServer, WhatPeopleAreRefusedIsNoPostOfReadings) {
  send("POST", "/session", kJson, json{{"user", "admin"}, {"password", "wrong"}}.dump());
  send("POST", "/tokens", kJson, "{}");
  send("GET", "/hosts", "Authorization: Bearer hw_wrong\r\n");
  unframed("POST /session HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(listed()["refusals"], SizeIs(0));
}

TEST_F(PostRefusalsOfServer, WhatIsNoWholeRequestIsCountedAndListedByWhatIsKnownOfIt) {
  const hostwatch::test::LogCapture log;
  const std::string head = "POST /metrics HTTP/1.1\r\nHost: a\r\nUser-Agent: Vector/0.40\r\n";
  EXPECT_THAT(unframed(head + "\r\n"), HasSubstr(" 411 "));
  EXPECT_EQ(listed()["refusals"][0]["status"], 411);
  EXPECT_THAT(unframed(head + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n"), HasSubstr(" 501 "));
  EXPECT_EQ(listed()["refusals"][0]["status"], 501);
  EXPECT_THAT(unframed(head + "Content-Length: 999999999999\r\n\r\n"), HasSubstr(" 413 "));
  const json all = listed()["refusals"];
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0]["status"], 413);
  EXPECT_EQ(all[0]["where"], "POST /metrics");
  EXPECT_EQ(all[0]["program"], "Vector");
  EXPECT_EQ(all[0]["count"], 3);
  EXPECT_EQ(count_of("form"), "3");
  EXPECT_EQ(log.lines(), 1U) << log.text();
}

TEST_F(PostRefusalsOfServer, BehindATrustedProxyTheClientIsNamedEvenWhereItsRequestIsNotWhole) {
  settings.settings.trusted_proxies = {*net::AddressRange::parse("127.0.0.1")};
  restart();
  unframed("POST /metrics HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
  EXPECT_EQ(listed()["refusals"][0]["address"], "192.0.2.7");
}

}  // namespace
}  // namespace hostwatch::api::test
