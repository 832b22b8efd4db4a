// POST /alerts/preview over a real store.
#include <gmock/gmock.h>

#include "server/api/alerts/preview_api.h"
#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;

constexpr const char* kBusy =
    R"({"id":"busy","for":0,"clear_for":0,"when":[{"metric":"cpu","above":{"warning":{"fire":90,"clear":80}}}]})";

class ApiPreview : public ApiTest {
 protected:
  Answer preview(const std::string& body,
                 const std::string& headers = "Content-Type: application/json\r\n") const {
    return ask(api_->port(), "POST", "/alerts/preview", headers, body);
  }
  static std::string body(const std::string& rest = "") {
    return R"({"rule":)" + std::string(kBusy) + rest + "}";
  }
};

TEST_F(ApiPreview, TellsWhatTheRuleWouldHaveDone) {
  std::string readings;
  const double cpu[] = {10, 95, 97, 50, 96, 96};
  for (int i = 0; i < 6; ++i) readings += (i == 0 ? "[" : ",") + reading("a", kNow - 60 + 10 * i, cpu[i]);
  ASSERT_EQ(post(readings + "]").status, 200);
  ASSERT_EQ(post(reading("b", kNow - 60, 5)).status, 200);
  const Answer answer = preview(body());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json found = answer.parsed();
  EXPECT_EQ(found["fired"], 2);
  EXPECT_EQ(found["hosts"], 1);
  EXPECT_EQ(found["examined_hosts"], 2);
  EXPECT_EQ(found["exact"], true);
  EXPECT_EQ(found["partial"], false);
  EXPECT_EQ(found["noisiest"], json::parse(R"([{"host":"a","fired":2}])"));
  ASSERT_EQ(found["alarms"].size(), 2U);
  EXPECT_EQ(found["alarms"][0]["ended"], nullptr);
  EXPECT_EQ(found["alarms"][1], (json{{"host", "a"},
                                      {"instance", ""},
                                      {"severity", "warning"},
                                      {"started", kNow - 50},
                                      {"fired", kNow - 50},
                                      {"ended", kNow - 30},
                                      {"value_fired", 95},
                                      {"value_worst", 97}}));
  EXPECT_EQ(found["what_if"][0], json::parse(R"({"change":"for 5m","fired":0})"));
}

TEST_F(ApiPreview, OneHostAloneAndWithoutVariants) {
  ASSERT_EQ(post("[" + reading("a", kNow - 60, 95) + "," + reading("b", kNow - 60, 95) + "]").status, 200);
  EXPECT_EQ(preview(body()).parsed()["fired"], 2);
  const json found = preview(body(R"(,"hostname":"b","what_if":false)")).parsed();
  EXPECT_EQ(found["fired"], 1);
  EXPECT_EQ(found["noisiest"][0]["host"], "b");
  EXPECT_EQ(found["what_if"], json::array());
  EXPECT_EQ(preview(body(R"(,"hostname":"c")")).parsed()["examined_hosts"], 0);
}

TEST_F(ApiPreview, WhatIsWrongIsSaid) {
  const auto error = [&](const std::string& text) {
    const Answer answer = preview(text);
    EXPECT_EQ(answer.status, 400) << text;
    return answer.parsed().value("error", "");
  };
  EXPECT_THAT(error("{"), HasSubstr("line 1"));
  EXPECT_THAT(error("{}"), HasSubstr("rule is missing"));
  EXPECT_THAT(error(R"({"rule":{"id":"a"}})"), HasSubstr("when"));
  EXPECT_THAT(error(body(R"(,"timeframe":"2d")")), HasSubstr("24h"));
  EXPECT_THAT(error(body(R"(,"timeframe":"24h","from":1)")), HasSubstr("not both"));
  EXPECT_THAT(error(body(R"(,"from":5,"to":4)")), HasSubstr("from must not be after to"));
  EXPECT_THAT(error(body(R"(,"from":"x")")), HasSubstr("from must be"));
  EXPECT_THAT(error(body(R"(,"form":5)")), HasSubstr("\"form\""));
  EXPECT_EQ(preview(body(), "").status, 415);
}

TEST(PreviewRequest, TheRangeLiesWithinTheHistoryAndThePast) {
  const std::string text =
      R"({"rule":{"id":"a","when":[{"metric":"cpu","above":{"warning":90}}]},"from":10,"to":999999999})";
  const auto parsed = parse_preview_request(text, 5000, 1000);
  ASSERT_TRUE(std::holds_alternative<alerts::PreviewRequest>(parsed));
  EXPECT_EQ(std::get<alerts::PreviewRequest>(parsed).from, 1000);
  EXPECT_EQ(std::get<alerts::PreviewRequest>(parsed).to, 5000);
}

}  // namespace
}  // namespace hostwatch::api::test
