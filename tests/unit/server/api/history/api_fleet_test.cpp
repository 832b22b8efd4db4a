// GET /fleet over a real store.
#include <gmock/gmock.h>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;

class ApiFleet : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    ASSERT_EQ(post(R"([{"hostname":"a","timestamp":1763884740,"cpu":10,"ram":2,"disk":3,
                        "facts":{"interval_seconds":10,"tags":{"role":"db"}}},
                       {"hostname":"a","timestamp":1763884760,"cpu":20,"ram":2,"disk":3},
                       {"hostname":"b","timestamp":1763884741,"cpu":50,"ram":2,"disk":3,
                        "metrics":{"jobs":{"x":1,"y":2}},"facts":{"interval_seconds":10}},
                       {"hostname":"c","timestamp":1763884749,"cpu":90,"ram":2,"disk":3,
                        "facts":{"interval_seconds":10}}])")
                  .status,
              200);
  }
  static constexpr const char* kRange = "&from=1763884700&to=1763884799&step=10";
};

TEST_F(ApiFleet, TellsTheSpreadOverHostsAndTheHighestOfThem) {
  EXPECT_EQ(get(std::string("/fleet?metric=cpu&top=2") + kRange).parsed(),
            json::parse(R"({"metric":"cpu","combine":"highest","step":10,"from":1763884700,"to":1763884799,
        "hosts":3,"timestamps":[1763884740,1763884760],"count":[3,1],"minimum":[10,20],"median":[50,20],
        "p95":[86,20],"maximum":[90,20],
        "top":[{"hostname":"c","average":90,"maximum":90},{"hostname":"b","average":50,"maximum":50}]})"));
}

TEST_F(ApiFleet, TagsHostnamesInstancesAndHowTheyAreCombined) {
  const auto ask = [&](const std::string& query) { return get("/fleet?" + query + kRange).parsed(); };
  EXPECT_EQ(ask("metric=cpu&tag=role=db")["hosts"], 1);
  EXPECT_EQ(ask("metric=cpu&hostname=b&hostname=c")["hosts"], 2);
  EXPECT_EQ(ask("metric=jobs")["maximum"], json::parse("[3]"));
  EXPECT_EQ(ask("metric=jobs&combine=highest")["maximum"], json::parse("[2]"));
  EXPECT_EQ(ask("metric=jobs&combine=highest")["combine"], "highest");
  EXPECT_EQ(ask("metric=jobs&instance=x")["maximum"], json::parse("[1]"));
}

TEST_F(ApiFleet, ASumOverInterfacesOrDisksCountsAByteOnceByWhatTheHostTells) {
  const std::string metrics = R"("metrics":{
      "network_receive_bytes_per_second":{"eth0":100,"eth1":100,"uplink":200,"lo":50},
      "disk_read_bytes_per_second":{"sda":1000,"dm-0":600,"dm-1":400}})";
  const auto maximum = [&](const std::string& metric) {
    return get("/fleet?hostname=n&metric=" + metric + kRange).parsed()["maximum"];
  };
  const auto report = [&](int second, const std::string& facts) {
    ASSERT_EQ(post(R"({"hostname":"n","timestamp":17638847)" + std::to_string(second) +
                   R"(,"cpu":1,"ram":2,"disk":3,)" + metrics + facts + "}")
                  .status,
              200);
  };
  report(40, R"(,"facts":{"interval_seconds":10})");
  EXPECT_EQ(maximum("network_receive_bytes_per_second"), json::parse("[400]"))
      << "by names it cannot be told";
  EXPECT_EQ(maximum("disk_read_bytes_per_second"), json::parse("[1000]"));
  report(41, R"(,"facts":{"interval_seconds":10,"repeated_interfaces":["uplink"],"repeated_disks":[]})");
  EXPECT_EQ(maximum("network_receive_bytes_per_second"), json::parse("[200]"));
  EXPECT_EQ(maximum("disk_read_bytes_per_second"), json::parse("[2000]")) << "it says that they are apart";
  EXPECT_EQ(maximum("network_receive_bytes_per_second&instance=uplink"), json::parse("[200]"));
}

TEST_F(ApiFleet, WhereNothingIsFoundTheAnswerIsEmpty) {
  for (const char* query :
       {"metric=nothing_of_that_name", "metric=cpu&hostname=nobody", "metric=cpu&tag=role=web",
        "metric=jobs&instance=z", "metric=cpu&from=0&to=1000"}) {
    const Answer answer = get(std::string("/fleet?") + query);
    EXPECT_EQ(answer.status, 200) << query;
    const json parsed = answer.parsed();
    EXPECT_EQ(parsed["hosts"], 0) << query;
    EXPECT_GT(parsed["step"], 0) << query;
    for (const char* member : {"timestamps", "count", "minimum", "median", "p95", "maximum", "top"}) {
      EXPECT_EQ(parsed[member], json::array()) << query << " " << member;
    }
  }
}

TEST_F(ApiFleet, TheLastHourInStepsThatEachHostIsInIsTheDefault) {
  const json answer = get("/fleet?metric=cpu").parsed();
  EXPECT_EQ(answer["from"], kNow - 3600);
  EXPECT_EQ(answer["to"], kNow);
  EXPECT_EQ(answer["step"], 15);
  EXPECT_EQ(answer["hosts"], 3);
}

TEST_F(ApiFleet, BadParametersAreA400ThatSaysWhatIsRight) {
  const Answer answer = get("/fleet");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("metric is missing"));
  for (const char* query :
       {"metric=a-b", "metric=cpu&timeframe=2h", "metric=cpu&top=51", "metric=cpu&tag=role"}) {
    EXPECT_EQ(get(std::string("/fleet?") + query).status, 400) << query;
  }
}

TEST_F(ApiFleet, MoreThanAnAnswerMayHoldIsA400) {
  const Answer answer = get("/fleet?metric=cpu&from=1763380000&to=1763884800&step=10");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("more than 50000 rows"));
}

TEST_F(ApiFleet, IsCompressedForThoseWhoAcceptIt) {
  std::string body = "[" + reading("many", kNow);
  for (int i = 1; i < 100; ++i) body += "," + reading("many", kNow - 10 * i);
  ASSERT_EQ(post(body + "]").status, 200);
  EXPECT_THAT(get("/fleet?metric=cpu&step=10", "Accept-Encoding: gzip\r\n").head,
              HasSubstr("Content-Encoding: gzip\r\n"));
}

}  // namespace
}  // namespace hostwatch::api::test
