// What the headers of agents tell, from POST /metrics to GET /hosts and GET /metrics.
#include <gmock/gmock.h>

#include "tests/unit/server/api/api_fixture.h"
#include "util/text/http_date.h"

namespace hostwatch::api::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kFirst = "0123456789abcdef0123456789abcdef";
const std::string kSecond = "fedcba9876543210fedcba9876543210";

class ApiAgents : public ApiTest {
 protected:
  Answer post_as(const std::string& identity, std::int64_t timestamp, std::int64_t date = 0) {
    std::string headers = "Content-Type: application/json\r\nHostwatch-Agent: " + identity + "\r\n";
    if (date != 0) headers += "Date: " + util::format_http_date(date) + "\r\n";
    return post(reading("web-1", timestamp), headers);
  }
  json host() const { return get("/hosts").parsed()["hosts"][0]; }
};

TEST_F(ApiAgents, AHostListsItsAgents) {
  ASSERT_EQ(post_as(kFirst, kNow, kNow - 3).status, 200);
  EXPECT_EQ(host()["agents"], json::parse(R"([{"identity":"01234567","address":"127.0.0.1",
      "first_heard":1763884800,"last_heard":1763884800}])"));
  EXPECT_EQ(host()["clock_skew"], -3);
  EXPECT_FALSE(host().contains("conflict"));
  EXPECT_THAT(get("/metrics").body, HasSubstr("hostwatch_host_clock_skew_seconds{hostname=\"web-1\"} -3\n"));
}

TEST_F(ApiAgents, APlainClientHasNone) {
  ASSERT_EQ(post(reading("web-1", kNow)).status, 200);
  for (const char* member : {"agents", "conflict", "clock_skew"}) EXPECT_FALSE(host().contains(member));
  EXPECT_THAT(get("/metrics").body, Not(HasSubstr("hostwatch_host_clock_skew_seconds")));
}

TEST_F(ApiAgents, HeadersThatAreNotTheirFormAreIgnored) {
  for (const char* headers :
       {"Hostwatch-Agent: <script>\r\n", "Date: yesterday\r\n", "Hostwatch-Agent:\r\nDate:\r\n"}) {
    EXPECT_EQ(post(reading("web-1", kNow), headers).status, 200) << headers;
  }
  EXPECT_FALSE(host().contains("agents"));
  EXPECT_FALSE(host().contains("clock_skew"));
}

TEST_F(ApiAgents, TwoMachinesWithOneNameAreToldAndTheEndIsToo) {
  post_as(kFirst, kNow);
  post_as(kSecond, kNow + 1);
  post_as(kFirst, kNow + 2);
  const std::string text = host()["conflict"];
  EXPECT_EQ(text,
            "two agents report as 'web-1': 127.0.0.1 (agent 01234567) and 127.0.0.1 (agent fedcba98); "
            "give each machine a name of its own with --hostname (AGENT_HOSTNAME)");
  EXPECT_THAT(api_->notices(), ElementsAre(text));
  EXPECT_THAT(get("/metrics").body, HasSubstr("hostwatch_host_name_conflict{hostname=\"web-1\"} 1\n"));
  api_->now = kNow + 601;
  EXPECT_FALSE(host().contains("conflict"));
  EXPECT_THAT(get("/metrics").body, Not(HasSubstr("hostwatch_host_name_conflict")));
  EXPECT_EQ(api_->notices().size(), 2U);
}

// A machine that was copied with its agent's folder: same identity, and values of its own.
TEST_F(ApiAgents, ACopyIsToldByItsValues) {
  AccessForTests access;
  access.settings.trusted_proxies = {*net::AddressRange::parse("127.0.0.1")};
  api_.reset();
  api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, IntakeLimits{}, access);
  for (int i = 0; i < 8; ++i) {
    const std::string from = i % 2 == 0 ? "203.0.113.1" : "203.0.113.2";
    const Answer answer = post(reading("web-1", kNow + i / 2, 10 + i),
                               "Hostwatch-Agent: " + kFirst + "\r\nX-Forwarded-For: " + from + "\r\n");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(host().contains("conflict"), i >= 5) << i;
  }
  EXPECT_THAT(host()["conflict"].get<std::string>(), HasSubstr("203.0.113.1 and 203.0.113.2"));
}

TEST_F(ApiAgents, AgentsBehindATrustedProxyAreNamedByTheirOwnAddresses) {
  AccessForTests access;
  access.settings.trusted_proxies = {*net::AddressRange::parse("127.0.0.1")};
  api_.reset();
  api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, IntakeLimits{}, access);
  for (int i = 0; i < 4; ++i) {
    const std::string from = i % 2 == 0 ? "203.0.113.1" : "2001:db8::2";
    post(reading("web-1", kNow + i), "Hostwatch-Agent: " + (i % 2 == 0 ? kFirst : kSecond) +
                                         "\r\nX-Forwarded-For: 198.51.100.7, " + from + "\r\n");
  }
  EXPECT_EQ(host()["agents"][0]["address"], "203.0.113.1");
  EXPECT_EQ(host()["agents"][1]["address"], "2001:db8::2");
  EXPECT_THAT(host()["conflict"].get<std::string>(),
              HasSubstr("203.0.113.1 (agent 01234567) and 2001:db8::2 (agent fedcba98)"));
}

TEST_F(ApiAgents, ResentReadingsTellOfTheirAgentAsWell) {
  post_as(kFirst, kNow);
  api_->now = kNow + 5;
  EXPECT_EQ(post_as(kFirst, kNow).parsed()["duplicates"], 1);
  EXPECT_EQ(host()["agents"][0]["last_heard"], kNow + 5);
}

TEST_F(ApiAgents, RefusedReadingsTellNothing) {
  post(reading("web-1", kNow));
  EXPECT_EQ(post_as(kFirst, kNow + 4000, kNow + 4000).status, 400);
  EXPECT_FALSE(host().contains("agents"));
}

TEST_F(ApiAgents, ADeletedHostsAgentsAreForgottenACleanedOnesAreNot) {
  post_as(kFirst, kNow);
  EXPECT_EQ(request("POST", "/hosts/web-1/clean").status, 200);
  EXPECT_TRUE(host().contains("agents"));
  EXPECT_EQ(request("DELETE", "/hosts/web-1").status, 200);
  post(reading("web-1", kNow + 1));
  EXPECT_FALSE(host().contains("agents"));
}

TEST_F(ApiAgents, AnArrayOfSeveralHostsTellsOfEach) {
  post("[" + reading("a", kNow) + "," + reading("b", kNow) + "," + reading("a", kNow + 1) + "]",
       "Hostwatch-Agent: " + kFirst + "\r\n");
  const json hosts = get("/hosts").parsed()["hosts"];
  ASSERT_EQ(hosts.size(), 2U);
  for (const json& one : hosts) EXPECT_EQ(one["agents"].size(), 1U) << one;
}

TEST_F(ApiAgents, EveryAnswerCarriesTheServersClock) {
  const std::string date = "\r\nDate: " + util::format_http_date(kNow) + "\r\n";
  EXPECT_THAT(get("/health").head, HasSubstr(date));
  EXPECT_THAT(get("/nothing").head, HasSubstr(date));
  EXPECT_THAT(post_as(kFirst, kNow).head, HasSubstr(date));
  EXPECT_THAT(ask(api_->port(), "GET", "/health", "Bad Header\r\n").head, HasSubstr(date)) << "a refusal too";
  api_->now = kNow + 1;
  EXPECT_THAT(get("/health").head, HasSubstr(util::format_http_date(kNow + 1)));
}

TEST_F(ApiAgents, LateReadingsAreCounted) {
  post(reading("web-1", kNow));
  EXPECT_FALSE(host().contains("backfilled"));
  post("[" + reading("web-1", kNow - 20) + "," + reading("web-1", kNow - 10) + "," +
       reading("web-1", kNow + 10) + "]");
  EXPECT_EQ(host()["backfilled"], 2);
  post("[" + reading("web-1", kNow - 20) + "," + reading("web-1", kNow + 20) + "]");
  EXPECT_EQ(host()["backfilled"], 2) << "a duplicate fills nothing, and what is newer is not late";
}

}  // namespace
}  // namespace hostwatch::api::test
