// Which answers are compressed: what the client says that it takes decides (RFC 9110, section 12.5.3).
#include "server/http/answers/compress.h"

#include <gmock/gmock.h>

namespace hostwatch::http {
namespace {

using testing::Contains;
using testing::Not;
using testing::Pair;

Request accepting(const char* codings) {
  Request request;
  request.headers.emplace("Accept-Encoding", codings);
  return request;
}

TEST(AcceptsGzip, WhereItIsNamed) {
  for (const char* codings :
       {"gzip", "x-gzip", "GZip", "gzip, deflate, br", "br,gzip", "deflate ,\tgzip ", "gzip;q=1",
        "gzip;q=0.5", "gzip ; q=0.001", "gzip;Q=1.000", ",,gzip,", "gzip;q=0.5, *;q=0", "identity;q=0, gzip",
        "identity, gzip", "identity;q=0.5, gzip;q=0.5", "deflate;q=1, gzip;q=0.2"}) {
    EXPECT_TRUE(accepts_gzip(accepting(codings))) << codings;
  }
}

TEST(AcceptsGzip, NotWhereItsWeightIsNothing) {
  for (const char* codings : {"gzip;q=0", "gzip;q=0.0", "gzip; q=0.000", "gzip ;\tQ=0", "x-gzip;q=0",
                              "br, gzip;q=0, *", "gzip;q=0, deflate;q=0, identity"}) {
    EXPECT_FALSE(accepts_gzip(accepting(codings))) << codings;
  }
}

TEST(AcceptsGzip, NotWhereItIsNotNamed) {
  EXPECT_FALSE(accepts_gzip(Request()));
  for (const char* codings :
       {"", "identity", "br", "*;q=0", "notgzip", "gzipped", "gzip2;q=1", "deflate;x=gzip"}) {
    EXPECT_FALSE(accepts_gzip(accepting(codings))) << codings;
  }
}

/// Both would be right (identity is a coding, too): who names no coding may not know any.
TEST(AcceptsGzip, NotForAStarAlone) {
  EXPECT_FALSE(accepts_gzip(accepting("*")));
  EXPECT_FALSE(accepts_gzip(accepting("*;q=1, identity;q=0.5")));
}

TEST(AcceptsGzip, NotWhereTheClientLikesNoCodingBetter) {
  EXPECT_FALSE(accepts_gzip(accepting("identity, gzip;q=0.5")));
  EXPECT_FALSE(accepts_gzip(accepting("gzip;q=0.2, identity;q=0.3")));
}

TEST(AcceptsGzip, NotWhereTheWeightCannotBeRead) {
  for (const char* codings : {"gzip;q=", "gzip;q=x", "gzip;q=-1", "gzip;q=2", "gzip;q=1.5", "gzip;q=0.1234",
                              "gzip;q=.5", "gzip;q= 1", "gzip;q", "gzip;q =0", "gzip;Q =1"}) {
    EXPECT_FALSE(accepts_gzip(accepting(codings))) << codings;
  }
}

TEST(Compress, ALargeAnswerForWhoTakesIt) {
  Response response = Response::json(std::string(5000, 'a'));
  compress(response, accepting("gzip"));
  EXPECT_THAT(response.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
  EXPECT_LT(response.body.size(), 200U);
}

TEST(Compress, LeavesItToOthersAsItIsAndSaysThatItDepends) {
  Response response = Response::json(std::string(5000, 'a'));
  compress(response, accepting("gzip;q=0"));
  EXPECT_EQ(response.body, std::string(5000, 'a'));
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
  EXPECT_THAT(response.headers, Not(Contains(Pair("Content-Encoding", "gzip"))));
}

TEST(Compress, NothingSmallAndNoError) {
  Response small = Response::json(std::string(kWorthCompressing - 1, 'a'));
  compress(small, accepting("gzip"));
  EXPECT_TRUE(small.headers.empty());
  Response error = Response::json(std::string(5000, 'a'), 500);
  compress(error, accepting("gzip"));
  EXPECT_TRUE(error.headers.empty());
}

TEST(FixedText, IsThereInBothForms) {
  const FixedText text(std::string(5000, 'a'));
  EXPECT_EQ(text.json(accepting("identity")).content(), std::string(5000, 'a'));
  const Response packed = text.json(accepting("gzip"));
  EXPECT_LT(packed.content().size(), 200U);
  EXPECT_THAT(packed.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(packed.headers, Contains(Pair("Vary", "Accept-Encoding")));
}

}  // namespace
}  // namespace hostwatch::http
