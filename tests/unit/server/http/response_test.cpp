#include "server/http/response.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace hostwatch::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(Response, RendersOneAnswer) {
  EXPECT_EQ(render(Response::json("{}"), kDate, true, false),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\nContent-Type: "
            "application/json\r\n"
            "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
            "Connection: keep-alive\r\n\r\n{}");
}

TEST(Response, ForHeadOnlyTheBodyIsMissing) {
  const std::string whole = render(Response::json("{\"a\":1}"), kDate, false, false);
  EXPECT_EQ(render(Response::json("{\"a\":1}"), kDate, false, true) + "{\"a\":1}", whole);
  EXPECT_THAT(whole, HasSubstr("\r\nConnection: close\r\n\r\n"));
}

TEST(Response, HeadersOfItsOwnTakePrecedence) {
  Response response;
  response.body = "x";
  response.headers = {{"Cache-Control", "no-cache"}, {"Retry-After", "5"}};
  const std::string text = render(response, kDate, true, false);
  EXPECT_THAT(text, HasSubstr("\r\nCache-Control: no-cache\r\nRetry-After: 5\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("no-store")));
}

/// RFC 9110, section 8.6: a 304 says no length but that of the 200.
TEST(Response, NotModifiedSaysNoLength) {
  Response response;
  response.status = 304;
  EXPECT_THAT(render(response, kDate, true, false), StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(render(response, kDate, true, false), Not(HasSubstr("Content-Length")));
  response.status = 302;
  EXPECT_THAT(render(response, kDate, true, false), HasSubstr("Content-Length: 0\r\n"));
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
    EXPECT_THAT(render(response, kDate, true, false), EndsWith("\r\n\r\n" + response.body));
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
