// What the HTTP library makes of a head, whichever version it has: nobody is to notice a new one.
#include "server/http/requests/request_parser.h"

#include <gmock/gmock.h>

namespace hostwatch::http {
namespace {

using testing::Contains;
using testing::Pair;

class RequestParserTest : public testing::Test {
 protected:
  std::optional<Request> parse(const std::string& line, const std::string& headers = "") const {
    return parser_.parse(line + "\r\nHost: a\r\n" + headers + "\r\n", "192.0.2.1");
  }

  RequestParser parser_;
};

TEST_F(RequestParserTest, TakesTheRequestLineApart) {
  const auto request = parse("GET /hosts/web%201/clean?x=%20y HTTP/1.1");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/hosts/web 1/clean");
  EXPECT_EQ(request->target, "/hosts/web%201/clean?x=%20y");
  EXPECT_EQ(request->version, "HTTP/1.1");
  EXPECT_EQ(request->remote_addr, "192.0.2.1");
  EXPECT_EQ(request->body, "");
}

TEST_F(RequestParserTest, PathsAreDecodedAndPlusSignsStayInThem) {
  for (const auto& [sent, decoded] : {std::pair("/a%2Fb", "/a/b"),
                                      {"/a+b", "/a+b"},
                                      {"/%C3%A9", "/\xC3\xA9"},
                                      {"/100%", "/100%"},
                                      {"/%zz", "/%zz"},
                                      {"/a?b#c", "/a"},
                                      {"/a#b", "/a"}}) {
    const auto request = parse(std::string("GET ") + sent + " HTTP/1.1");
    ASSERT_TRUE(request) << sent;
    EXPECT_EQ(request->path, decoded);
  }
}

TEST_F(RequestParserTest, HeadersAreTrimmedAndFoundWhateverTheirCase) {
  const auto request = parse("GET / HTTP/1.1", "X-One:  with blanks \t\r\nx-two:\t2\r\nX-Three:\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->get_header_value("x-one"), "with blanks");
  EXPECT_EQ(request->get_header_value("X-TWO"), "2");
  EXPECT_EQ(request->get_header_value("Host"), "a");
  EXPECT_FALSE(request->has_header("X-Four"));
  EXPECT_THAT(request->headers, Contains(Pair("X-One", "with blanks")));
}

TEST_F(RequestParserTest, HeadersAreInTheirOrderWhateverTheLibraryKeepsThemIn) {
  const auto request = parse("GET / HTTP/1.1", "b: 1\r\nC: 2\r\nA: 3\r\nc: 4\r\n");
  ASSERT_TRUE(request);
  std::vector<std::string> values;
  for (const auto& [name, value] : request->headers) {
    if (name.size() == 1) values.push_back(value);
  }
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[0], "3");
  EXPECT_EQ(values[1], "1");
  EXPECT_EQ(request->get_header_value_count("C"), 2U);
  EXPECT_TRUE(
      std::is_sorted(request->headers.begin(), request->headers.end(),
                     [](const auto& a, const auto& b) { return LessIgnoringCase()(a.first, b.first); }));
}

TEST_F(RequestParserTest, RequestLinesThatItDoesNotKnowAreRefused) {
  for (const char* line :
       {"FOO / HTTP/1.1", "get / HTTP/1.1", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.1 x"}) {
    EXPECT_FALSE(parse(line)) << line;
  }
}

TEST_F(RequestParserTest, ExpectationsAndLengthsAreNotItsBusiness) {
  const auto request =
      parse("POST /metrics HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1000000000\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, "");
}

TEST_F(RequestParserTest, OneParserReadsManyRequests) {
  for (int i = 0; i < 3; ++i) {
    const auto request = parse("DELETE /" + std::to_string(i) + " HTTP/1.0");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->path, "/" + std::to_string(i));
    EXPECT_FALSE(parse("nonsense"));
  }
}

}  // namespace
}  // namespace hostwatch::http
