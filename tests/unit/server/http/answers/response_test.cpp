#include "server/http/answers/response.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "server/http/answers/outgoing_answer.h"

namespace hostwatch::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(Response, RendersTheHeadOfAnAnswer) {
  EXPECT_EQ(render_head(Response::json("{}"), kDate, true),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\nContent-Type: "
            "application/json\r\n"
            "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
            "Connection: keep-alive\r\n\r\n");
  EXPECT_THAT(render_head(Response::json("{}"), kDate, false), HasSubstr("\r\nConnection: close\r\n\r\n"));
}

TEST(Response, AFixedBodyStandsForTheOther) {
  Response response;
  response.fixed_body = "fixed";
  EXPECT_EQ(response.content(), "fixed");
  EXPECT_THAT(render_head(response, kDate, true), HasSubstr("\r\nContent-Length: 5\r\n"));
}

TEST(OutgoingAnswer, IsHeadAndBodyInOrder) {
  for (const std::size_t size : {0U, 1U, 16384U, 16385U, 100000U}) {
    const std::string body(size, 'b');
    for (const bool is_fixed : {false, true}) {
      const OutgoingAnswer answer("head", is_fixed ? std::string() : body,
                                  is_fixed ? std::string_view(body) : std::string_view());
      ASSERT_EQ(answer.size(), 4 + size);
      std::string all;
      while (all.size() < answer.size()) {
        const std::string_view piece = answer.from(all.size());
        ASSERT_FALSE(piece.empty());
        all += piece.substr(0, 5000);
      }
      EXPECT_EQ(all, "head" + body);
      EXPECT_TRUE(answer.from(all.size()).empty());
    }
  }
}

TEST(OutgoingAnswer, CopiesNothingLarge) {
  std::string body(100000, 'b');
  const char* const bytes = body.data();
  const OutgoingAnswer taken("head", std::move(body), {});
  EXPECT_EQ(static_cast<const void*>(taken.from(4).data()), bytes);
  const std::string fixed(100000, 'f');
  const OutgoingAnswer referred("head", {}, fixed);
  EXPECT_EQ(static_cast<const void*>(referred.from(4).data()), fixed.data());
  EXPECT_LT(referred.memory(), 1000U);
}

TEST(Response, HeadersOfItsOwnTakePrecedence) {
  Response response;
  response.body = "x";
  response.headers = {{"Cache-Control", "no-cache"}, {"Retry-After", "5"}};
  const std::string text = render_head(response, kDate, true);
  EXPECT_THAT(text, HasSubstr("\r\nCache-Control: no-cache\r\nRetry-After: 5\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("no-store")));
}

/// RFC 9110, section 8.6: a 304 says no length but that of the 200.
TEST(Response, NotModifiedSaysNoLength) {
  Response response;
  response.status = 304;
  EXPECT_THAT(render_head(response, kDate, true), StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(render_head(response, kDate, true), Not(HasSubstr("Content-Length")));
  response.status = 302;
  EXPECT_THAT(render_head(response, kDate, true), HasSubstr("Content-Length: 0\r\n"));
}

TEST(Response, ErrorsAreJsonWhateverTheText) {
  for (const std::string& text :
       {std::string("plain"), std::string("<b>\"\\\r\n\t"), std::string("a\0b", 3), std::string("\xFF")}) {
    const Response response = Response::error(400, text);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/json");
    const auto json = nlohmann::json::parse(response.body);
    EXPECT_EQ(json.size(), 1U);
    EXPECT_EQ(json["error"], text == "\xFF" ? "\xEF\xBF\xBD" : text);
  }
}

TEST(Response, EveryStatusWeSendHasItsPhrase) {
  for (const int status :
       {200, 302, 304, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 500, 501, 503, 505}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace hostwatch::http
