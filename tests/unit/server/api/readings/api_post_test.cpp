// POST /metrics: status and exact JSON of the contract.
#include <gmock/gmock.h>

#include "tests/unit/server/api/api_fixture.h"
#include "util/gzip.h"

namespace hostwatch::api::test::api_post_test {
namespace {

using testing::HasSubstr;

const std::string kJson = "Content-Type: application/json\r\n";

TEST_F(ApiTest, OneReadingIsStoredOnce) {
  const Answer first = post(reading("web-1", kNow));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, R"({"status":"ok","accepted":1,"duplicates":0})");
  EXPECT_EQ(post(reading("web-1", kNow)).body, R"({"status":"ok","accepted":0,"duplicates":1})");
  EXPECT_EQ(post(reading("web-1", kNow, 99)).body,
            R"({"status":"ok","accepted":0,"duplicates":1,"conflicts":1})");
  const json data = get("/data?timeframe=1h").parsed();
  ASSERT_EQ(data["count"], 1);
  EXPECT_EQ(data["data"][0]["cpu"], 10) << "the first stays";
}

TEST_F(ApiTest, GoodNeighboursAreStored) {
  const Answer answer = post("[" + reading("a", kNow) + R"(,{"hostname":"b"},)" + reading("c", kNow, 101) +
                             "," + reading("d", kNow) + "," + reading("d", kNow) + ",5]");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed(), json::parse(R"({"status":"ok","accepted":2,"duplicates":1,"rejected":[
      {"index":1,"error":"timestamp is missing"},{"index":2,"error":"cpu must be from 0 to 100"},
      {"index":5,"error":"a reading must be an object"}]})"));
  const json hosts = get("/hosts").parsed();
  ASSERT_EQ(hosts["count"], 2);
  EXPECT_EQ(hosts["hosts"][0]["hostname"], "a");
  EXPECT_EQ(hosts["hosts"][1]["hostname"], "d");
}

TEST_F(ApiTest, NoneAcceptableIsA400) {
  const Answer single = post(R"({"hostname":"a","timestamp":"1","cpu":1,"ram":1,"disk":1})");
  EXPECT_EQ(single.status, 400);
  EXPECT_EQ(single.body, R"({"error":"timestamp must be a number, not a text"})");
  const Answer all = post(R"([{},7])");
  EXPECT_EQ(all.status, 400);
  EXPECT_EQ(all.parsed(),
            json::parse(R"({"error":"none of the readings can be accepted; the first: hostname is missing",
      "rejected":[{"index":0,"error":"hostname is missing"},{"index":1,"error":"a reading must be an object"}]})"));
  EXPECT_EQ(get("/hosts").parsed()["count"], 0);
}

TEST_F(ApiTest, AnEmptyArrayIsFine) {
  const Answer answer = post("[]");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok","accepted":0,"duplicates":0})");
}

TEST_F(ApiTest, BodiesThatAreNoReadings) {
  for (const char* body : {"", "x", "null", "5", "\"x\"", "[1", "{\"cpu\":NaN}", "hostname=a&cpu=5"}) {
    const Answer answer = post(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(answer.parsed()["error"].is_string()) << answer.body;
  }
  EXPECT_EQ(post("").body,
            R"({"error":"the body is empty; send a reading or an array of readings as JSON"})");
  const Answer markup = post("<script>alert(1)</script>");
  EXPECT_EQ(markup.status, 400);
  EXPECT_THAT(markup.head, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(ApiTest, MoreReadingsThanFitAreA413) {
  std::string body = "[" + reading("a", kNow);
  for (int i = 0; i < 10000; ++i) body += ",{}";
  const Answer answer = post(body + "]");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, R"({"error":"at most 10000 readings fit in one array"})");
  EXPECT_EQ(get("/hosts").parsed()["count"], 0) << "nothing of it is stored";
}

TEST_F(ApiTest, ContentTypes) {
  int second = 0;
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "application/json ;x=y",
                           "application/vnd.reading+json"}) {
    EXPECT_EQ(post(reading("a", kNow - ++second), "Content-Type: " + std::string(type) + "\r\n").status, 200)
        << type;
  }
  EXPECT_EQ(post(reading("a", kNow), "").status, 200) << "none at all, as small clients send";
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
        "application/jsonp", "application/xml"}) {
    const Answer answer = post(reading("b", kNow), "Content-Type: " + std::string(type) + "\r\n");
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_THAT(answer.body, HasSubstr("Content-Type: application/json"));
  }
  EXPECT_EQ(get("/data?hostname=b").parsed()["count"], 0);
}

TEST_F(ApiTest, ContentCodings) {
  const std::string gzip = kJson + "Content-Encoding: GZIP\r\n";
  EXPECT_EQ(post(util::deflate_gzip(reading("a", kNow), 6), gzip).body,
            R"({"status":"ok","accepted":1,"duplicates":0})");
  EXPECT_EQ(post(reading("a", kNow - 1), kJson + "Content-Encoding: identity\r\n").status, 200);
  const Answer plain = post(reading("a", kNow), gzip);
  EXPECT_EQ(plain.status, 400);
  EXPECT_EQ(plain.body, R"({"error":"the body is not valid gzip"})");
  const std::string whole = util::deflate_gzip(reading("a", kNow), 6);
  EXPECT_EQ(post(whole.substr(0, whole.size() - 1), gzip).status, 400);
  EXPECT_EQ(post("", gzip).status, 400);
  const Answer bomb = post(util::deflate_gzip(std::string(100UL << 20U, ' '), 9), gzip);
  EXPECT_EQ(bomb.status, 413);
  EXPECT_EQ(bomb.body,
            R"({"error":"the body is larger than 1048576 bytes when inflated; send smaller arrays"})");
  for (const char* coding : {"br", "deflate", "gzip, gzip", "zstd"}) {
    EXPECT_EQ(post(reading("a", kNow), kJson + "Content-Encoding: " + std::string(coding) + "\r\n").status,
              415)
        << coding;
  }
}

TEST_F(ApiTest, TheWindowOfTimestampsFollowsTheClock) {
  EXPECT_EQ(post(reading("a", kNow + 300)).status, 200);
  EXPECT_EQ(
      post(reading("a", kNow + 301)).body,
      R"({"error":"timestamp is 301 s ahead of the server's clock, at most 300 s are taken; set the host's clock"})");
  EXPECT_EQ(post(reading("a", kNow - 7 * 86400)).status, 200);
  EXPECT_EQ(post(reading("a", kNow - 30 * 86400 - 1)).body,
            R"-({"error":"timestamp is older than readings are kept (2592000 s)"})-");
  api_->now = kNow + 10;
  EXPECT_EQ(post(reading("a", kNow + 301)).status, 200);
}

TEST_F(ApiTest, InAnArrayAReadingFromTheFutureIsRefusedByItself) {
  const Answer answer = post("[" + reading("a", kNow) + "," + reading("a", kNow + 660) + "]");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed(), json::parse(R"({"status":"ok","accepted":1,"duplicates":0,"rejected":[{"index":1,
      "error":"timestamp is 660 s ahead of the server's clock, at most 300 s are taken; set the host's clock"}]})"));
  EXPECT_EQ(post("[" + reading("b", kNow + 660) + "]").status, 400) << "none can be accepted";
  EXPECT_EQ(get("/hosts").parsed()["count"], 1);
}

TEST_F(ApiTest, AHostNamedLikeMarkupIsData) {
  const std::string name = "<img src=x onerror=alert(1)>";
  EXPECT_EQ(post(reading(name, kNow)).status, 200);
  EXPECT_EQ(get("/hosts").parsed()["hosts"][0]["hostname"], name);
  EXPECT_THAT(get("/hosts").head, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_EQ(get("/data?hostname=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E").parsed()["count"], 1);
}

}  // namespace
}  // namespace hostwatch::api::test::api_post_test
