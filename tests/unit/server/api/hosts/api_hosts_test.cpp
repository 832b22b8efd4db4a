// DELETE /hosts/NAME and POST /hosts/NAME/clean.
#include <gmock/gmock.h>

#include <span>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

TEST_F(ApiTest, DeleteForgetsTheHostAndItsHistory) {
  post("[" + reading("a", kNow) + "," + reading("b", kNow) + "]");
  const Answer answer = request("DELETE", "/hosts/a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
  EXPECT_EQ(get("/data").parsed()["count"], 1);
  EXPECT_EQ(get("/hosts").parsed()["count"], 1);
  EXPECT_EQ(get("/hosts").parsed()["hosts"][0]["hostname"], "b");
  EXPECT_EQ(request("DELETE", "/hosts/a").status, 404) << "it is gone";
  EXPECT_EQ(post(reading("a", kNow)).parsed()["accepted"], 1) << "and can come back";
}

TEST_F(ApiTest, CleanForgetsTheHistoryAlone) {
  post(reading("a", kNow));
  const Answer answer = request("POST", "/hosts/a/clean");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
  EXPECT_EQ(get("/data").parsed()["count"], 0);
  const json hosts = get("/hosts").parsed();
  ASSERT_EQ(hosts["count"], 1);
  EXPECT_FALSE(hosts["hosts"][0].contains("latest"));
}

TEST_F(ApiTest, AnUnknownHostIsA404) {
  for (const auto& [method, target] :
       {std::pair{"DELETE", "/hosts/nobody"}, std::pair{"POST", "/hosts/nobody/clean"},
        std::pair{"DELETE", "/hosts/%FF%00"}, std::pair{"DELETE", "/hosts/%zz"}}) {
    const Answer answer = request(method, target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.body, R"({"error":"there is no host of that name"})");
  }
}

TEST_F(ApiTest, NamesAreOneSegmentDecodedOnce) {
  for (const auto& [name, target] :
       {std::pair{"a/b", "/hosts/a%2Fb"}, std::pair{"a/clean", "/hosts/a%2fclean"},
        std::pair{"a b", "/hosts/a%20b"}, std::pair{"a+b", "/hosts/a+b"},
        std::pair{"a%2Fb", "/hosts/a%252Fb"}, std::pair{"a?b#c", "/hosts/a%3Fb%23c"},
        std::pair{"\xC3\xA4", "/hosts/%C3%A4"}, std::pair{"...", "/hosts/..."},
        std::pair{"q", "/hosts/q?x=/clean"}}) {
    SCOPED_TRACE(target);
    ASSERT_EQ(post(reading(name, kNow)).parsed()["accepted"], 1);
    EXPECT_EQ(request("DELETE", target).status, 200);
    EXPECT_EQ(get("/hosts").parsed()["count"], 0);
  }
  ASSERT_EQ(post(reading("a/b", kNow)).status, 200);
  EXPECT_EQ(request("POST", "/hosts/a%2Fb/clean").status, 200);
  EXPECT_EQ(request("DELETE", "/hosts/a/b").status, 404);
}

/// Readings of such names were taken once; browsers make another address of /hosts/.. and /hosts/%2E%2E.
TEST_F(ApiTest, WhatNoBrowserCanNameInAPathIsDeletedByAParameter) {
  for (const std::string name : {".", ".."}) {
    EXPECT_EQ(post(reading(name, kNow)).status, 400);
    const auto old = protocol::received(protocol::Reading{name, kNow, 1, 2, 3, {}, std::nullopt});
    const std::span<const protocol::ReceivedReading> one(&old, 1);
    api_.reset();
    store_->append(std::span(&one, 1), kNow);
    api_ = std::make_unique<ApiServer>(*store_);
    EXPECT_EQ(get("/data?hostname=" + name).parsed()["count"], 1);
    EXPECT_EQ(request("DELETE", "/hosts?hostname=" + name).status, 200);
    EXPECT_EQ(get("/hosts").parsed()["count"], 0);
  }
  EXPECT_EQ(request("DELETE", "/hosts").status, 404);
  ASSERT_EQ(post(reading("a", kNow)).parsed()["accepted"], 1);
  EXPECT_EQ(request("DELETE", "/hosts?hostname=a").status, 200);
}

/// An escaped slash or letter in front of the name makes another address, never another host's name.
TEST_F(ApiTest, ThePrefixMustStandAsItIs) {
  ASSERT_EQ(post(reading("2Fb", kNow)).status, 200);
  EXPECT_EQ(request("DELETE", "/hosts%2Fb").status, 404);
  EXPECT_EQ(request("DELETE", "/hosts%2F2Fb").status, 404);
  EXPECT_EQ(request("DELETE", "/%68osts/2Fb").status, 404);
  EXPECT_EQ(get("/hosts").parsed()["count"], 1);
}

}  // namespace
}  // namespace hostwatch::api::test
