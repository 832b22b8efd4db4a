#include "server/http/requests/request_framer.h"

#include <gmock/gmock.h>

#include <string>

namespace hostwatch::http::request_framer_test {
namespace {

using State = RequestFramer::State;

const FramingLimits kLimits;

std::string headers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
  return text;
}

struct Good {
  const char* name;
  std::string bytes;
  std::string head;
  std::string body;
  bool keep_alive = true;
};

std::ostream& operator<<(std::ostream& out, const Good& good) {
  return out << good.name;
}

class Requests : public testing::TestWithParam<Good> {
 protected:
  static void expect_complete(RequestFramer& framer) {
    ASSERT_EQ(framer.state(), State::complete) << framer.refusal();
    EXPECT_EQ(framer.head(), GetParam().head);
    EXPECT_EQ(framer.body(), GetParam().body);
    EXPECT_EQ(framer.keep_alive(), GetParam().keep_alive);
    framer.reset();
    EXPECT_TRUE(framer.is_idle());
    EXPECT_EQ(framer.size(), 0U);
  }
};

TEST_P(Requests, FedWholeWithAnotherBehind) {
  RequestFramer framer(kLimits);
  EXPECT_EQ(framer.feed(GetParam().bytes + "GET /next HTTP/1.1\r\n"), GetParam().bytes.size());
  expect_complete(framer);
}

TEST_P(Requests, FedByteByByte) {
  RequestFramer framer(kLimits);
  for (const char byte : GetParam().bytes) {
    ASSERT_NE(framer.state(), State::complete);
    ASSERT_EQ(framer.feed({&byte, 1}), 1U);
  }
  EXPECT_EQ(framer.feed("G"), 0U);
  expect_complete(framer);
}

TEST_P(Requests, CutInTwoAnywhere) {
  for (std::size_t cut = 0; cut <= GetParam().bytes.size(); ++cut) {
    RequestFramer framer(kLimits);
    framer.feed(GetParam().bytes.substr(0, cut));
    framer.feed(GetParam().bytes.substr(cut));
    expect_complete(framer);
  }
}

std::string name_of(const testing::TestParamInfo<Good>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, Requests,
    testing::Values(
        Good{"Get", "GET /hosts?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /hosts?a=b HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"LineEndsFirst", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"Close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", false},
        Good{"Http10", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "", false},
        Good{"Http10KeepAlive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
             ""},
        Good{"Post", "POST /m HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Type: x\r\n\r\nhello",
             "POST /m HTTP/1.1\r\nHost: a\r\nContent-Type: x\r\n\r\n", "hello"},
        Good{"PostNothing", "POST /m HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
             "POST /m HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"GetWithBody", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
             "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "body"},
        Good{"DeleteWithoutLength", "DELETE /hosts/a HTTP/1.1\r\nHost: a\r\n\r\n",
             "DELETE /hosts/a HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"Chunked",
             "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
             "5\r\nhello\r\n00A;name=\"v\"\r\n world\r\n12\r\n0\r\n\r\n",
             "POST /m HTTP/1.1\r\nHost: a\r\n\r\n", "hello world\r\n12"},
        Good{"ChunkedTrailers",
             "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
             "1\r\nx\r\n0\r\nContent-Length: 99\r\nX: y\r\n\r\n",
             "POST /m HTTP/1.1\r\nHost: a\r\n\r\n", "x"},
        Good{"ChunkedNothing", "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST /m HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"ReservedHeaders",
             "GET / HTTP/1.1\r\nREMOTE_ADDR: 10.0.0.1\r\nremote_port: 5\r\nHost: a\r\nLOCAL_ADDR: x\r\n"
             "LOCAL_PORT: y\r\nRange: bytes=0-0,1-1\r\nUpgrade: h2c\r\nX-Kept: 1\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX-Kept: 1\r\n\r\n", ""},
        Good{"LinesOfAListAreOne",
             "GET / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1\r\nCookie: a=1\r\nHost: a\r\n"
             "x-forwarded-for:  192.0.2.2, 192.0.2.3\r\nCookie: b=2\r\nX-FORWARDED-FOR: 192.0.2.4\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4\r\n"
             "Cookie: a=1; b=2\r\n\r\n",
             ""},
        Good{"OtherHeadersMayComeTwice", "GET / HTTP/1.1\r\nHost: a\r\nX-Id: 1\r\nX-Id: 2\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX-Id: 1\r\nX-Id: 2\r\n\r\n", ""},
        Good{"SixtyFourHeaders", "GET / HTTP/1.1\r\nHost: a\r\n" + headers(63) + "\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\n" + headers(63) + "\r\n", ""},
        Good{"AWholeAddressNamesTheHost",
             "GET http://Name.example:5000/hosts?a=b HTTP/1.1\r\nX: 1\r\nHost: other\r\n\r\n",
             "GET /hosts?a=b HTTP/1.1\r\nHost: Name.example:5000\r\nX: 1\r\n\r\n", ""},
        Good{"AWholeAddressWithoutHostHeader", "GET HTTPS://[::1]:5000/health HTTP/1.0\r\n\r\n",
             "GET /health HTTP/1.0\r\nHost: [::1]:5000\r\n\r\n", "", false},
        Good{"AWholeAddressWithoutPath", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"AWholeAddressWithAQueryAlone", "GET http://a?x=//y HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /?x=//y HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"SlashesBeforeThePath", "GET ///health HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"SlashesBeforeAName", "GET //evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"SlashesBeforeThePathOfAWholeAddress", "GET http://a//health HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"SlashesAlone", "GET // HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Good{"NoBlankAfterColon", "GET / HTTP/1.1\r\nHost:a\r\nConnection:close\r\n\r\n",
             "GET / HTTP/1.1\r\nHost:a\r\n\r\n", "", false}),
    name_of);

TEST(RequestFramer, TheLongestLineAndHeadAreTaken) {
  RequestFramer framer(kLimits);
  const std::string line = "GET /" + std::string(8000 - 14, 'x') + " HTTP/1.1";
  ASSERT_EQ(line.size(), 8000U);
  framer.feed(line + "\r\nHost: a\r\n\r\n");
  EXPECT_EQ(framer.state(), State::complete) << framer.refusal();

  framer.reset();
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  head += std::string(16384 - 4 - head.size(), 'x') + "\r\n\r\n";
  ASSERT_EQ(head.size(), 16384U);
  framer.feed(head);
  EXPECT_EQ(framer.state(), State::complete) << framer.refusal();
}

TEST(RequestFramer, TheLargestBodyIsTaken) {
  FramingLimits limits;
  limits.body_bytes = 10;
  RequestFramer framer(limits);
  framer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_EQ(framer.state(), State::complete);
  EXPECT_EQ(framer.announced_body_bytes(), 10U);
  framer.reset();
  framer.feed(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n");
  EXPECT_EQ(framer.state(), State::complete);
  EXPECT_EQ(framer.body(), "0123456789");
}

TEST(RequestFramer, TellsOnceThatTheClientWaitsForContinue) {
  RequestFramer framer(kLimits);
  framer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(framer.state(), State::body);
  EXPECT_TRUE(framer.take_continue());
  EXPECT_FALSE(framer.take_continue());
}

TEST(RequestFramer, NobodyWaitsForContinueWhenTheBodyIsThere) {
  RequestFramer framer(kLimits);
  framer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx");
  EXPECT_EQ(framer.state(), State::complete);
  EXPECT_FALSE(framer.take_continue());
}

TEST(RequestFramer, WhatIsAnnouncedCostsNoMemory) {
  RequestFramer framer(kLimits);
  framer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
  EXPECT_EQ(framer.state(), State::body);
  EXPECT_LE(framer.body().capacity(), 64U * 1024);
}

TEST(RequestFramer, PipelinedRequestsComeOutOneByOne) {
  const std::string bytes =
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string_view rest = bytes;
  std::string seen;
  RequestFramer framer(kLimits);
  while (!rest.empty()) {
    rest.remove_prefix(framer.feed(rest));
    ASSERT_EQ(framer.state(), State::complete) << framer.refusal();
    seen += framer.head().substr(framer.head().find('/'), 2) + framer.body();
    framer.reset();
  }
  EXPECT_EQ(seen, "/1/2abc/3z/4");
}

TEST(RequestFramer, ForgettingARequestGivesItsMemoryBack) {
  const FramingLimits limits;
  RequestFramer framer(limits);
  const std::size_t empty = framer.memory();
  framer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(900000, 'x'));
  EXPECT_GT(framer.memory(), 900000U);
  framer.reset();
  EXPECT_EQ(framer.memory(), empty);
}

}  // namespace
}  // namespace hostwatch::http::request_framer_test
