// GET /data, /hosts and /metrics over a real store.
#include <gmock/gmock.h>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ApiTest, DataIsOldestFirstOfAllHosts) {
  ASSERT_EQ(post("[" + reading("b", kNow - 20, 1) + "," + reading("a", kNow - 10, 2) + "," +
                 reading("b", kNow - 40, 3) + "]")
                .status,
            200);
  EXPECT_EQ(get("/data?from=1763884700&to=1763884800").parsed(),
            json::parse(R"({"count":3,"step":0,"from":1763884700,"to":1763884800,"data":[
        {"timestamp":1763884760,"hostname":"b","cpu":3,"ram":20,"disk":30},
        {"timestamp":1763884780,"hostname":"b","cpu":1,"ram":20,"disk":30},
        {"timestamp":1763884790,"hostname":"a","cpu":2,"ram":20,"disk":30}]})"));
  EXPECT_EQ(get("/data?hostname=a").parsed()["count"], 1);
  EXPECT_EQ(get("/data?hostname=a&hostname=b").parsed()["count"], 3);
  EXPECT_EQ(get("/data?hostname=&timeframe=15m").parsed()["count"], 3);
  EXPECT_EQ(get("/data?from=1763884780&to=1763884780").parsed()["count"], 1) << "both ends are inclusive";
}

TEST_F(ApiTest, AHostThatDoesNotExistHasNoData) {
  const Answer answer = get("/data?hostname=nobody");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed()["count"], 0);
  EXPECT_EQ(answer.parsed()["data"], json::array());
}

TEST_F(ApiTest, ARangeBeforeAnythingIsKeptIsEmpty) {
  post(reading("a", kNow));
  const Answer answer = get("/data?from=0&to=1000");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed()["count"], 0);
}

TEST_F(ApiTest, MetricsFormatsAndSteps) {
  ASSERT_EQ(post(R"([{"hostname":"a","timestamp":1763884740,"cpu":1,"ram":2,"disk":3,
                      "metrics":{"load1":0.5,"jobs":{"x":4}}},
                     {"hostname":"a","timestamp":1763884750,"cpu":3,"ram":2,"disk":3}])")
                .status,
            200);
  const std::string range = "/data?from=1763884700&to=1763884799&hostname=a";
  EXPECT_EQ(get(range + "&metrics=load1").parsed()["data"][0],
            json::parse(R"({"timestamp":1763884740,"hostname":"a","cpu":1,"ram":2,"disk":3,
                            "metrics":{"load1":0.5}})"));
  EXPECT_EQ(get(range + "&metrics=*").parsed()["data"][0]["metrics"],
            json::parse(R"({"load1":0.5,"jobs":{"x":4}})"));
  const json bucket = get(range + "&step=60").parsed();
  EXPECT_EQ(bucket["step"], 60);
  EXPECT_EQ(bucket["count"], 1);
  EXPECT_EQ(bucket["data"][0]["timestamp"], 1763884740);
  EXPECT_EQ(bucket["data"][0]["cpu"], 2);
  const json columns = get(range + "&step=60&format=columns&metrics=cpu").parsed();
  EXPECT_EQ(columns["hosts"], json::parse(R"([{"hostname":"a","timestamps":[1763884740],"series":[
      {"metric":"cpu","instance":"","average":[2],"minimum":[1],"maximum":[3]}]}])"));
  const Answer csv = get(range + "&format=csv");
  EXPECT_THAT(csv.head, HasSubstr("Content-Type: text/csv; charset=utf-8; header=present\r\n"));
  EXPECT_THAT(csv.head, HasSubstr("Content-Disposition: attachment; filename=\"hostwatch.csv\"\r\n"));
  EXPECT_EQ(csv.body, "timestamp,hostname,cpu,ram,disk\r\n1763884740,a,1,2,3\r\n1763884750,a,3,2,3\r\n");
}

TEST_F(ApiTest, NoMoreRowsThanPoints) {
  std::string body = "[" + reading("a", kNow);
  for (int i = 1; i < 1000; ++i) body += "," + reading("a", kNow - i);
  ASSERT_EQ(post(body + "]").parsed()["accepted"], 1000);
  const json some = get("/data?timeframe=1h").parsed();
  EXPECT_LE(some["count"], 500);
  EXPECT_GT(some["count"], 100);
  EXPECT_GT(some["step"], 0);
  EXPECT_LE(get("/data?timeframe=1h&points=7").parsed()["count"], 7);
  EXPECT_EQ(get("/data?timeframe=1h&step=0").parsed()["count"], 1000);
  EXPECT_EQ(get("/data?timeframe=1h&points=1000").parsed()["step"], 0);
}

TEST_F(ApiTest, BadParametersAreA400ThatSaysWhatIsRight) {
  for (const char* query : {"timeframe=2h", "points=0", "points=1e9", "from=5&to=4", "hostname=%FF%00",
                            "hostname=%0D%0ASet-Cookie:x", "format=xml", "step=-1", "metrics=a%27--"}) {
    const Answer answer = get("/data?" + std::string(query));
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_TRUE(answer.parsed()["error"].is_string()) << answer.body;
    EXPECT_THAT(answer.head, Not(HasSubstr("Set-Cookie")));
  }
}

TEST_F(ApiTest, HostsGoDownAndUp) {
  EXPECT_EQ(get("/hosts").body, R"({"now":1763884800,"hosts":[],"count":0})");
  ASSERT_EQ(post(R"({"hostname":"a","timestamp":1763884795,"cpu":1,"ram":2,"disk":3,
                     "facts":{"os":"Debian","interval_seconds":20}})")
                .status,
            200);
  EXPECT_EQ(get("/hosts").parsed(), json::parse(R"({"now":1763884800,"count":1,"hosts":[
      {"hostname":"a","status":"up","first_seen":1763884795,"last_seen":1763884795,"interval":20,
       "latest":{"hostname":"a","timestamp":1763884795,"cpu":1,"ram":2,"disk":3},
       "facts":{"os":"Debian","interval_seconds":20}}]})"));
  api_->now = kNow + 60;
  EXPECT_EQ(get("/hosts").parsed()["hosts"][0]["status"], "up");
  api_->now = kNow + 61;
  EXPECT_EQ(get("/hosts").parsed()["hosts"][0]["status"], "down");
  post(reading("a", kNow + 61));
  EXPECT_EQ(get("/hosts").parsed()["hosts"][0]["status"], "up");
}

TEST_F(ApiTest, TheExpositionHasHostsAndFigures) {
  post("[" + reading("a", kNow) + "," + reading("a", kNow - 1) + "]");
  post(reading("a", kNow));
  api_->now = kNow + 5;
  const Answer answer = get("/metrics");
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer.body, StartsWith("# HELP "));
  for (const char* line :
       {"hostwatch_host_up{hostname=\"a\"} 1\n", "hostwatch_cpu_percent{hostname=\"a\"} 10\n",
        "hostwatch_server_uptime_seconds 5\n", "hostwatch_server_readings_accepted_total 2\n",
        "hostwatch_server_readings_duplicate_total 1\n", "hostwatch_server_hosts 1\n",
        "hostwatch_server_requests_total 3\n"}) {
    EXPECT_THAT(answer.body, HasSubstr(line));
  }
  api_->now = kNow + 1000;
  EXPECT_THAT(get("/metrics").body, HasSubstr("hostwatch_host_up{hostname=\"a\"} 0\n"));
}

/// One reading must not give one series two values: Prometheus refuses the whole scrape.
TEST_F(ApiTest, AMetricNamedLikeABasicOneIsExposedOnce) {
  ASSERT_EQ(
      post(R"({"hostname":"a","timestamp":1763884800,"cpu":1,"ram":2,"disk":3,"metrics":{"cpu":50}})").status,
      200);
  const std::string text = get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("hostwatch_cpu_percent{hostname=\"a\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_cpu_percent{hostname=\"a\"} 50\n")));
}

}  // namespace
}  // namespace hostwatch::api::test
