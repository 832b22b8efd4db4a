// Tags: sent with the facts, shown by /hosts, asked for by /data.
#include <gmock/gmock.h>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApiTags : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    send_tagged("db-1", R"({"role":"db","site":"fra"})");
    send_tagged("db-2", R"({"role":"db","site":"ber"})");
    send_tagged("web-1", R"({"role":"web","site":"fra"})");
    ASSERT_EQ(post(reading("plain", kNow)).status, 200);
  }
  void send_tagged(const std::string& host, const std::string& tags) {
    ASSERT_EQ(post(R"({"hostname":")" + host + R"(","timestamp":1763884800,"cpu":1,"ram":2,"disk":3,)" +
                   R"("facts":{"tags":)" + tags + "}}")
                  .status,
              200);
  }
  /// Hosts of the rows.
  std::vector<std::string> hosts_of(const std::string& query) {
    const Answer answer = get("/data?" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> hosts;
    const json body = answer.parsed();
    for (const json& row : body["data"]) hosts.push_back(row["hostname"]);
    EXPECT_EQ(body["count"], hosts.size());
    return hosts;
  }
};

TEST_F(ApiTags, HostsShowThemAmongTheFacts) {
  const json hosts = get("/hosts").parsed()["hosts"];
  EXPECT_EQ(hosts[0]["facts"], json::parse(R"({"tags":{"role":"db","site":"fra"}})"));
  EXPECT_FALSE(hosts[2].contains("facts")) << "it has none";
}

TEST_F(ApiTags, DataIsOfTheHostsThatHaveAllOfThem) {
  EXPECT_THAT(hosts_of("tag=role=db"), ElementsAre("db-1", "db-2"));
  EXPECT_THAT(hosts_of("tag=role%3Ddb"), ElementsAre("db-1", "db-2"));
  EXPECT_THAT(hosts_of("tag=role=db&tag=site=fra"), ElementsAre("db-1"));
}

TEST_F(ApiTags, WithHostnamesBothMustHold) {
  EXPECT_THAT(hosts_of("tag=site=fra&hostname=web-1&hostname=db-2"), ElementsAre("web-1"));
  EXPECT_THAT(hosts_of("tag=site=fra&hostname=plain"), IsEmpty());
}

TEST_F(ApiTags, OfOneKeyAreEitherOfOtherKeysBoth) {
  EXPECT_THAT(hosts_of("tag=role=db&tag=role=web"), ElementsAre("db-1", "db-2", "web-1"));
  EXPECT_THAT(hosts_of("tag=role=db&tag=role=web&tag=site=fra"), ElementsAre("db-1", "web-1"));
}

TEST_F(ApiTags, ThatNoHostHasGiveNoRowsAndNotThoseOfAllHosts) {
  EXPECT_THAT(hosts_of("tag=role=mail"), IsEmpty());
  EXPECT_THAT(hosts_of("tag=role=db&tag=site=ams"), IsEmpty());
  EXPECT_EQ(get("/data?tag=role=mail&format=columns").parsed()["hosts"], json::array());
}

TEST_F(ApiTags, OfAnotherFormAreA400ThatSaysTheForm) {
  const Answer answer = get("/data?tag=role");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("tag must be KEY=VALUE"));
}

}  // namespace
}  // namespace hostwatch::api::test
