#include "server/http/requests/query_text.h"

#include <gmock/gmock.h>

namespace hostwatch::http {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(QueryText, NamesAndValuesAreDecoded) {
  EXPECT_THAT(query_parameters("/data?hostname=web-1&points=5"),
              UnorderedElementsAre(Pair("hostname", "web-1"), Pair("points", "5")));
  EXPECT_THAT(query_parameters("/data?a%62=%C3%A9+%2B%26%3D"),
              UnorderedElementsAre(Pair("ab", "\xC3\xA9 +&=")));
}

TEST(QueryText, TheFirstEqualsSignEndsTheName) {
  EXPECT_THAT(query_parameters("/data?tag=role=db"), UnorderedElementsAre(Pair("tag", "role=db")));
  EXPECT_THAT(query_parameters("/data?tag=role%3Ddb"), UnorderedElementsAre(Pair("tag", "role=db")));
  EXPECT_THAT(query_parameters("/data?a=="), UnorderedElementsAre(Pair("a", "=")));
}

TEST(QueryText, WhatStandsSeveralTimesIsThereSeveralTimes) {
  EXPECT_THAT(query_parameters("/data?a=1&a=2&a=1"),
              UnorderedElementsAre(Pair("a", "1"), Pair("a", "2"), Pair("a", "1")));
}

TEST(QueryText, NothingIsMadeOfNothing) {
  EXPECT_THAT(query_parameters("/data"), IsEmpty());
  EXPECT_THAT(query_parameters("/data?"), IsEmpty());
  EXPECT_THAT(query_parameters("/data?&&"), IsEmpty());
  EXPECT_THAT(query_parameters("/data#?a=1"), IsEmpty());
  EXPECT_THAT(query_parameters("/data?a&b="), UnorderedElementsAre(Pair("a", ""), Pair("b", "")));
  EXPECT_THAT(query_parameters("/data?a=1#&b=2"), UnorderedElementsAre(Pair("a", "1")));
}

}  // namespace
}  // namespace hostwatch::http
