#include "agent/delivery/enrollment.h"

#include <gmock/gmock.h>

namespace hostwatch::agent {
namespace {

EnrollmentAnswer read(int status, const std::string& body) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = body;
  return read_enrollment_answer(answer);
}

TEST(Enrollment, GoesToTheSiblingOfTheMetricsPath) {
  EXPECT_EQ(enrollment_path("/metrics"), "/enroll");
  EXPECT_EQ(enrollment_path("/base/metrics"), "/base/enroll");
  for (const char* path : {"/", "/in", "/xmetrics", "/metrics/x", "/?a=/metrics", "/metrics.", ""}) {
    EXPECT_EQ(enrollment_path(path), std::nullopt) << path;
  }
}

TEST(Enrollment, GoesThereWhateverStandsBehindTheMetricsPath) {
  EXPECT_EQ(enrollment_path("/metrics/"), "/enroll") << "the server takes readings there as well";
  EXPECT_EQ(enrollment_path("/base/metrics//"), "/base/enroll");
  EXPECT_EQ(enrollment_path("/metrics?key=/a"), "/enroll?key=/a") << "a proxy may ask for it";
  EXPECT_EQ(enrollment_path("/metrics/?"), "/enroll?");
}

TEST(Enrollment, NamesTheHostWhateverItsName) {
  EXPECT_EQ(enrollment_request("web-1"), R"({"hostname":"web-1"})");
  EXPECT_EQ(enrollment_request("a\"b"), R"({"hostname":"a\"b"})");
}

TEST(Enrollment, BringsAToken) {
  EXPECT_EQ(read(200, R"({"status":"ok","hostname":"a","token":"hw_abc"})").token, "hw_abc");
}

TEST(Enrollment, ATokenThatIsNoneIsNone) {
  for (const char* body : {"", "{}", "[]", "<html>", R"({"token":1})", R"({"token":"two words"})",
                           R"({"token":"hwe_x"})", R"({"token":"a\nb"})", R"({"a":{"b":{"c":{"d":1}}}})"}) {
    const EnrollmentAnswer answer = read(200, body);
    EXPECT_EQ(answer.token, "") << body;
    EXPECT_TRUE(answer.retry_slowly);
    EXPECT_THAT(answer.problem, testing::HasSubstr("URL")) << body;
  }
  EXPECT_EQ(read(200, R"({"token":"hw_)" + std::string(253, 'A') + R"("})").token.size(), 256U);
  EXPECT_EQ(read(200, R"({"token":"hw_)" + std::string(254, 'A') + R"("})").token, "");
}

TEST(Enrollment, ARefusalSaysTheServersWordsAndIsTriedSlowly) {
  const EnrollmentAnswer taken = read(409, R"({"error":"another agent has enrolled as this host"})");
  EXPECT_THAT(taken.problem, testing::HasSubstr("another agent has enrolled"));
  EXPECT_TRUE(taken.retry_slowly);
  EXPECT_TRUE(read(401, "{}").retry_slowly);
  EXPECT_TRUE(read(404, "").retry_slowly);
}

TEST(Enrollment, AServerInTroubleIsTriedAsEver) {
  for (const int status : {408, 429, 500, 503}) EXPECT_FALSE(read(status, "{}").retry_slowly) << status;
}

}  // namespace
}  // namespace hostwatch::agent
