// What was posted and refused lately: one entry for each address and kind, whatever is sent.
#include "server/api/readings/latest_refusals.h"

#include <gmock/gmock.h>

#include <string>

#include "server/api/readings/refusals_json.h"

namespace hostwatch::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNow = 1'763'884'800;

RefusedPost refused(const std::string& address, RefusalKind kind = RefusalKind::form) {
  RefusedPost post;
  post.address = address;
  post.kind = kind;
  post.where = "POST /metrics";
  post.status = 415;
  post.error = "send JSON";
  return post;
}

std::vector<std::string> addresses_of(const LatestRefusals& refusals, std::int64_t now = kNow) {
  std::vector<std::string> addresses;
  for (const RefusedPost& post : refusals.all(now)) addresses.push_back(post.address);
  return addresses;
}

TEST(LatestRefusals, AnAddressHasOneEntryForEachKindWithTheWordsOfTheLast) {
  LatestRefusals refusals;
  refusals.add(refused("10.0.0.7"), kNow);
  refusals.add(refused("10.0.0.7", RefusalKind::access), kNow + 1);
  RefusedPost last = refused("10.0.0.7");
  last.where = "POST /write";
  last.status = 400;
  last.error = "no JSON";
  last.program = "Telegraf";
  refusals.add(last, kNow + 60);
  const auto all = refusals.all(kNow + 60);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].kind, RefusalKind::form);
  EXPECT_EQ(all[0].first, kNow);
  EXPECT_EQ(all[0].last, kNow + 60);
  EXPECT_EQ(all[0].count, 2U);
  EXPECT_EQ(all[0].where + ", " + all[0].error + ", " + all[0].program, "POST /write, no JSON, Telegraf");
  EXPECT_EQ(all[1].kind, RefusalKind::access);
  EXPECT_EQ(all[1].count, 1U);
}

TEST(LatestRefusals, TheOneSeenLastIsFirst) {
  LatestRefusals refusals;
  for (const char* address : {"10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.7"})
    refusals.add(refused(address), kNow);
  EXPECT_THAT(addresses_of(refusals), ElementsAre("10.0.0.7", "10.0.0.9", "10.0.0.8"));
}

TEST(LatestRefusals, WhatIsNotSeenForADayIsGoneAndBeginsAnew) {
  LatestRefusals refusals;
  refusals.add(refused("10.0.0.7"), kNow);
  EXPECT_THAT(refusals.all(kNow + LatestRefusals::kKeptFor - 1), SizeIs(1));
  EXPECT_THAT(refusals.all(kNow + LatestRefusals::kKeptFor), IsEmpty());
  refusals.add(refused("10.0.0.7"), kNow + LatestRefusals::kKeptFor);
  const auto all = refusals.all(kNow + LatestRefusals::kKeptFor);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].count, 1U);
  EXPECT_EQ(all[0].first, kNow + LatestRefusals::kKeptFor);
}

TEST(LatestRefusals, WhereAllPlacesAreTakenTheOneNotSeenForLongestGivesWay) {
  LatestRefusals refusals;
  for (std::size_t i = 0; i < LatestRefusals::kMost; ++i)
    refusals.add(refused("10.0.1." + std::to_string(i)), kNow);
  refusals.add(refused("10.0.1.0"), kNow + 1);
  refusals.add(refused("10.0.0.7"), kNow + 2);
  const auto addresses = addresses_of(refusals, kNow + 2);
  EXPECT_THAT(addresses, SizeIs(LatestRefusals::kMost));
  EXPECT_THAT(addresses, testing::Contains("10.0.1.0"));
  EXPECT_THAT(addresses, testing::Not(testing::Contains("10.0.1.1")));
}

TEST(LatestRefusals, OneSiteHoldsAFewPlacesHoweverManyAddressesItHas) {
  LatestRefusals refusals;
  refusals.add(refused("10.0.0.7"), kNow);
  for (int i = 0; i < 10'000; ++i) {
    const std::string address = "2001:db8:1:" + std::to_string(i % 1000) + "::" + std::to_string(i);
    refusals.add(refused(address, i % 2 == 0 ? RefusalKind::form : RefusalKind::address), kNow + 1);
  }
  refusals.add(refused("2001:db8:2::1"), kNow + 2);
  const auto addresses = addresses_of(refusals, kNow + 2);
  EXPECT_THAT(addresses, SizeIs(LatestRefusals::kMostOfOne + 2));
  EXPECT_EQ(addresses.front(), "2001:db8:2::1");
  EXPECT_EQ(addresses[1], "2001:db8:1:999::9999") << "the site's own latest";
  EXPECT_EQ(addresses.back(), "10.0.0.7") << "others keep their places";
}

TEST(RefusalsJson, TellsOfEachInTheOrderGivenAndKeepsTextText) {
  RefusedPost hostile = refused("10.0.0.7", RefusalKind::address);
  hostile.where = "POST /\"><img src=x>\\";
  hostile.program = "collectd's write_http";
  hostile.status = 404;
  hostile.first = kNow - 5;
  hostile.last = kNow;
  hostile.count = 3;
  EXPECT_EQ(refusals_json({hostile, refused("::1", RefusalKind::access)}, kNow + 1),
            R"({"now":1763884801,"refusals":[)"
            R"({"address":"10.0.0.7","reason":"address","where":"POST /\"><img src=x>\\","status":404,)"
            R"("error":"send JSON","program":"collectd's write_http","first":1763884795,)"
            R"("last":1763884800,"count":3},)"
            R"({"address":"::1","reason":"access","where":"POST /metrics","status":415,)"
            R"("error":"send JSON","program":null,"first":0,"last":0,"count":0}]})");
  EXPECT_EQ(refusals_json({}, 7), R"({"now":7,"refusals":[]})");
}

}  // namespace
}  // namespace hostwatch::api
