#include "agent/delivery/server_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hostwatch::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServerAnswerTest, OkMeansDelivered) {
  const auto judgement = judge({200, R"({"status":"ok","accepted":3,"duplicates":2})", "", ""});
  EXPECT_EQ(judgement.verdict, Verdict::delivered);
  EXPECT_EQ(judgement.reason, "");
  EXPECT_EQ(judgement.duplicates, 2U);
  EXPECT_EQ(judgement.rejected, 0U);
}

TEST(ServerAnswerTest, TheFirstFewRejectionsAreTold) {
  const auto judgement = judge({200, R"({"status":"ok","accepted":0,"rejected":[
      {"index":0,"error":"a"},{"index":1,"error":"b"},{"index":2,"error":"c"},{"index":3,"error":"d"}]})",
                                "", ""});
  EXPECT_EQ(judgement.verdict, Verdict::delivered);
  EXPECT_EQ(judgement.rejected, 4U);
  EXPECT_THAT(judgement.rejections, ElementsAre("a", "b", "c"));
}

TEST(ServerAnswerTest, ASuccessThatIsNotOursIsTriedAgain) {
  const std::string deep(100'000, '[');
  for (const std::string& body :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("null"), std::string("\"ok\""),
        std::string(R"({"status":"OK"})"), std::string(R"({"status":1})"), std::string(R"({"status":"ok")"),
        std::string("\xFF\xFE"), deep, R"({"status":"ok","x":)" + deep}) {
    const auto judgement = judge({200, body, "", ""});
    EXPECT_EQ(judgement.verdict, Verdict::retry) << body.substr(0, 40);
    EXPECT_THAT(judgement.reason, HasSubstr("proxy"));
  }
}

TEST(ServerAnswerTest, OddMembersOfASuccessAreIgnored) {
  const auto judgement = judge({200, R"({"status":"ok","duplicates":"many","rejected":{"a":1}})", "", ""});
  EXPECT_EQ(judgement.verdict, Verdict::delivered);
  EXPECT_EQ(judgement.duplicates, 0U);
  EXPECT_EQ(judgement.rejected, 0U);
}

TEST(ServerAnswerTest, EachStatusHasItsVerdict) {
  for (const int status : {408, 429, 500, 501, 502, 503, 504, 599}) {
    EXPECT_EQ(judge({status, "", "", ""}).verdict, Verdict::retry) << status;
  }
  for (const int status : {400, 415}) EXPECT_EQ(judge({status, "", "", ""}).verdict, Verdict::drop) << status;
  EXPECT_EQ(judge({413, "", "", ""}).verdict, Verdict::split);
  for (const int status : {301, 302, 307, 401, 403, 404, 405, 409, 411, 418, 422}) {
    EXPECT_EQ(judge({status, "", "", ""}).verdict, Verdict::retry_slowly) << status;
  }
}

TEST(ServerAnswerTest, TheReasonIsTheServersMadeFitForALog) {
  EXPECT_EQ(judge({503, R"({"error":"the queue is full"})", "", ""}).reason, "HTTP 503: the queue is full");
  EXPECT_EQ(judge({502, "<html>bad gateway</html>", "", ""}).reason, "HTTP 502");
  const auto evil = judge({400, R"({"error":"line\nline \u001b[2J"})", "", ""}).reason;
  EXPECT_THAT(evil, Not(HasSubstr("\n")));
  EXPECT_THAT(evil, Not(HasSubstr("\x1b")));
  EXPECT_LT(judge({400, R"({"error":")" + std::string(5'000, 'x') + "\"}", "", ""}).reason.size(), 400U);
}

TEST(ServerAnswerTest, WhatAPersonMustChangeIsSaid) {
  EXPECT_THAT(judge({401, "", "", ""}).reason, HasSubstr("--token"));
  EXPECT_THAT(judge({404, "", "", ""}).reason, HasSubstr("--server-url"));
  EXPECT_THAT(judge({301, "", "", "http://b/\n"}).reason, HasSubstr("'http://b/"));
}

}  // namespace
}  // namespace hostwatch::agent
