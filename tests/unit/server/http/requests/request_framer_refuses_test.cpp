// What two readers could read differently, or what is too large, never gets past the framer.
#include <gmock/gmock.h>

#include <string>

#include "server/http/requests/request_framer.h"

namespace hostwatch::http {
namespace {

struct Refused {
  const char* name;
  std::string bytes;
  int status;
  std::string text;
};

std::ostream& operator<<(std::ostream& out, const Refused& refused) {
  return out << refused.name;
}

std::string get(const std::string& headers) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body = "") {
  return "POST /metrics HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}
std::string headers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
  return text;
}

const std::string kTwoLengths = "the request has more than one Content-Length";
const std::string kEither = "a request has either a Content-Length or, in HTTP/1.1, a chunked body";
const std::string kLength = "Content-Length must be a decimal number";
const std::string kCoding = "the only transfer coding understood is a single 'chunked'";
const std::string kChunkSize = "a chunk's size must be a hexadecimal number";
const std::string kTooLarge = "the body is larger than 1000 bytes; send less at a time";
const std::string kLines = "the request's lines must end in CR LF and hold no control characters";
const std::string kHeader = "a request header must be 'Name: value' on one line";
const std::string kRequestLine = "the request line must be METHOD /path HTTP/1.1";
const std::string kWholeAddress =
    "the request line's address must be http://HOST/path, without a user's name";
const std::string kVersion = "only HTTP/1.1 and HTTP/1.0 are spoken here";
const std::string kHeadBytes = "the request's headers are larger than 16384 bytes";
const std::string kLineBytes = "the request line is longer than 8000 bytes";

FramingLimits small_body() {
  FramingLimits limits;
  limits.body_bytes = 1000;
  return limits;
}

class Refusals : public testing::TestWithParam<Refused> {};

TEST_P(Refusals, FedWhole) {
  const FramingLimits limits = small_body();
  RequestFramer framer(limits);
  framer.feed(GetParam().bytes);
  ASSERT_EQ(framer.state(), RequestFramer::State::refused);
  EXPECT_EQ(framer.refusal_status(), GetParam().status);
  EXPECT_EQ(framer.refusal(), GetParam().text);
  EXPECT_FALSE(framer.keep_alive());
  EXPECT_EQ(framer.feed("GET / HTTP/1.1\r\n"), 0U) << "nothing more is taken";
}

TEST_P(Refusals, FedByteByByte) {
  const FramingLimits limits = small_body();
  RequestFramer framer(limits);
  for (const char byte : GetParam().bytes) {
    ASSERT_NE(framer.state(), RequestFramer::State::complete);
    framer.feed({&byte, 1});
  }
  ASSERT_EQ(framer.state(), RequestFramer::State::refused);
  EXPECT_EQ(framer.refusal_status(), GetParam().status);
  EXPECT_EQ(framer.refusal(), GetParam().text);
}

std::string name_of(const testing::TestParamInfo<Refused>& info) {
  return info.param.name;
}

std::string twice(const std::string& name) {
  return get(name + ": 1\r\n" + name + ": 1\r\n");
}
Refused two_lines(const char* case_name, const std::string& name) {
  return {case_name, twice(name), 400, "the request has more than one " + name + " header"};
}

INSTANTIATE_TEST_SUITE_P(HeadersOfOneValueTwice, Refusals,
                         testing::Values(two_lines("Authorization", "Authorization"),
                                         two_lines("ContentType", "Content-Type"), two_lines("Date", "Date"),
                                         two_lines("Agent", "Hostwatch-Agent"), two_lines("Origin", "Origin"),
                                         two_lines("FetchDest", "Sec-Fetch-Dest"),
                                         two_lines("FetchMode", "Sec-Fetch-Mode"),
                                         two_lines("FetchSite", "Sec-Fetch-Site"),
                                         two_lines("Csrf", "X-CSRF-Token")),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Lengths, Refusals,
    testing::Values(
        Refused{"Twice", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, kTwoLengths},
        Refused{"TwiceTheSame", post("Content-Length: 5\r\ncontent-length: 5\r\n"), 400, kTwoLengths},
        Refused{"List", post("Content-Length: 5, 5\r\n"), 400, kLength},
        Refused{"WithCoding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, kEither},
        Refused{"CodingFirst", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400, kEither},
        Refused{"ZeroWithCoding", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400, kEither},
        Refused{"Negative", post("Content-Length: -1\r\n"), 400, kLength},
        Refused{"Plus", post("Content-Length: +5\r\n"), 400, kLength},
        Refused{"Hexadecimal", post("Content-Length: 0x5\r\n"), 400, kLength},
        Refused{"Fraction", post("Content-Length: 5.0\r\n"), 400, kLength},
        Refused{"Empty", post("Content-Length:\r\n"), 400, kLength},
        Refused{"Words", post("Content-Length: five\r\n"), 400, kLength},
        Refused{"Past64Bits", post("Content-Length: 18446744073709551621\r\n"), 400, kLength},
        Refused{"TooLarge", post("Content-Length: 1001\r\n"), 413, kTooLarge},
        Refused{"MuchTooLarge", post("Content-Length: 18446744073709551615\r\n"), 413, kTooLarge},
        Refused{"None", post(""), 411, "the request needs a Content-Length"},
        Refused{"NoneForPut", "PUT / HTTP/1.0\r\n\r\n", 411, "the request needs a Content-Length"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Codings, Refusals,
    testing::Values(
        Refused{"Gzip", post("Transfer-Encoding: gzip\r\n"), 501, kCoding},
        Refused{"GzipChunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501, kCoding},
        Refused{"Identity", post("Transfer-Encoding: identity\r\n"), 501, kCoding},
        Refused{"Quoted", post("Transfer-Encoding: \"chunked\"\r\n"), 501, kCoding},
        Refused{"VerticalTab",
                post("Transfer-Encoding: \x0B"
                     "chunked\r\n"),
                501, kCoding},
        Refused{"Twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501, kCoding},
        Refused{"InHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, kEither},
        Refused{"ExpectOther", post("Content-Length: 1\r\nExpect: 200-ok\r\n"), 417,
                "the only expectation understood is 100-continue"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Chunks, Refusals,
    testing::Values(
        Refused{"Negative", chunked("-2\r\n"), 400, kChunkSize},
        Refused{"NearlyAllOnes", chunked("FFFFFFFFFFFFFFF0\r\n"), 413, kTooLarge},
        Refused{"Past64Bits", chunked("10000000000000005\r\n"), 400, kChunkSize},
        Refused{"Prefix", chunked("0x5\r\n"), 400, kChunkSize},
        Refused{"Plus", chunked("+5\r\n"), 400, kChunkSize},
        Refused{"Empty", chunked("\r\n"), 400, kChunkSize},
        Refused{"ExtensionAlone", chunked(";a=b\r\n"), 400, kChunkSize},
        Refused{"NotDigits", chunked("5g\r\n"), 400, kChunkSize},
        Refused{"TooLarge", chunked("3e9\r\n"), 413, kTooLarge},
        Refused{"TooLargeTogether", chunked("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n"), 413,
                kTooLarge},
        Refused{"BareLineFeed", chunked("1\nx\r\n"), 400, "a line of the chunked body must end in CR LF"},
        Refused{"LongerThanItSaid", chunked("1\r\nxx\r\n"), 400, "a chunk is longer than it said"},
        Refused{"LongLine", chunked("1;" + std::string(255, 'a')), 400,
                "a line of the chunked body is longer than 256 bytes"},
        Refused{"Trailers",
                chunked("0\r\n" +
                        [] {
                          std::string text;
                          for (int i = 0; i < 50; ++i) text += "X: " + std::string(90, 'x') + "\r\n";
                          return text;
                        }()),
                431, "the chunked body's trailer is too large"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Heads, Refusals,
    testing::Values(
        Refused{"BareLineFeed", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, kLines},
        Refused{"BareLineFeedInValue", get("X: a\nContent-Length: 5\r\n"), 400, kLines},
        Refused{"BareCarriageReturn", get("X: a\rY: b\r\n"), 400, kLines},
        Refused{"Nul", get("X: a" + std::string(1, '\0') + "\r\n"), 400, kLines},
        Refused{"Folded", get("X: a\r\n b\r\n"), 400, kHeader},
        Refused{"FoldedByTab", get("X: a\r\n\tb: c\r\n"), 400, kHeader},
        Refused{"SpaceBeforeColon", get("Content-Length : 5\r\n"), 400, kHeader},
        Refused{"NoColon", get("Nothing\r\n"), 400, kHeader}, Refused{"NoName", get(": x\r\n"), 400, kHeader},
        Refused{"NameNotAToken", get("A(b): x\r\n"), 400, kHeader},
        Refused{"HeaderBeforeRequestLine", "Host: a\r\nGET / HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"NoPath", "GET HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"TwoBlanks", "GET  / HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"BlankInPath", "GET /a b HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"Tab", "GET\t/ HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"MethodNotAToken", "G@T / HTTP/1.1\r\n\r\n", 400, kRequestLine},
        Refused{"Http09", "GET /\r\n\r\n", 400, kRequestLine},
        Refused{"Connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, kRequestLine},
        Refused{"OtherScheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, kRequestLine},
        Refused{"WholeAddressWithUser", "GET http://a:b@c/ HTTP/1.1\r\nHost: c\r\n\r\n", 400, kWholeAddress},
        Refused{"WholeAddressWithoutHost", "GET http:///x HTTP/1.1\r\nHost: c\r\n\r\n", 400, kWholeAddress},
        Refused{"WholeAddressWithPortAlone", "GET http://:80/ HTTP/1.1\r\nHost: c\r\n\r\n", 400,
                kWholeAddress},
        Refused{"WholeAddressAndTwoHosts", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400,
                "the request has more than one Host header"},
        Refused{"WholeAddressAndNoHost", "GET http://a/ HTTP/1.1\r\n\r\n", 400,
                "the request has no Host header"},
        Refused{"Http2", "GET / HTTP/2.0\r\n\r\n", 505, kVersion},
        Refused{"Http12", "GET / HTTP/1.2\r\n\r\n", 505, kVersion},
        Refused{"LowerCase", "GET / http/1.1\r\n\r\n", 505, kVersion},
        Refused{"TlsHello", std::string("\x16\x03\x01\0\xA5\r\n\r\n", 9), 400, kLines},
        Refused{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, "the request has no Host header"},
        Refused{"EmptyHost", "GET / HTTP/1.1\r\nHost: \t\r\n\r\n", 400, "the request has no Host header"},
        Refused{"TwoHosts", get("host: b\r\n"), 400, "the request has more than one Host header"},
        Refused{"TooManyHeaders", get(headers(64)), 431, "the request has more than 64 headers"},
        Refused{"LongHead", get("X: " + std::string(16384, 'x') + "\r\n"), 431, kHeadBytes},
        Refused{"EndlessHead", "GET / HTTP/1.1\r\nX: " + std::string(20000, 'x'), 431, kHeadBytes},
        Refused{"LongLine", "GET /" + std::string(8000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414,
                kLineBytes},
        Refused{"EndlessLine", "GET /" + std::string(10000, 'x'), 414, kLineBytes}),
    name_of);

TEST(RequestFramerRefuses, WhatWasReadUpToThereIsAHeadLikeAnyOther) {
  const FramingLimits limits;
  RequestFramer framer(limits);
  framer.feed(post("Key: 1\r\nX-Forwarded-For: 192.0.2.7\r\nExpect: nothing\r\nNext: 2\r\n"));
  ASSERT_EQ(framer.state(), RequestFramer::State::refused);
  EXPECT_EQ(framer.head(),
            "POST /metrics HTTP/1.1\r\nHost: a\r\nKey: 1\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
}

}  // namespace
}  // namespace hostwatch::http
