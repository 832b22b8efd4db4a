// GET /hosts?since=TOKEN: what has changed since an answer.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {
namespace {

using testing::ElementsAre;

class ApiChanges : public ApiTest {
 protected:
  /// What changed since the last call; at first everything.
  json changes(const std::string& more = "") {
    const Answer answer = get("/hosts?since=" + since_ + more);
    EXPECT_EQ(answer.status, 200) << answer.body;
    json body = answer.parsed();
    since_ = body["since"];
    return body;
  }
  static std::vector<std::string> names(const json& hosts) {
    std::vector<std::string> names;
    for (const json& host : hosts) names.push_back(host["hostname"]);
    return names;
  }
  /// A reading with a metric without instances, one with, and a fact.
  static std::string full(const std::string& host, std::int64_t timestamp, double load,
                          const std::string& kernel = "6.1") {
    return json{{"hostname", host},
                {"timestamp", timestamp},
                {"cpu", 1.5},
                {"ram", 2},
                {"disk", 3},
                {"metrics", {{"load1", load}, {"cpu_core_percent", {{"0", 4}, {"10", 5}, {"2", 6}}}}},
                {"facts", {{"kernel", kernel}, {"interval_seconds", 10}}}}
        .dump();
  }
  void post_all(std::initializer_list<std::string> readings) {
    for (const std::string& one : readings) ASSERT_EQ(post(one).parsed()["accepted"], 1) << one;
  }

  std::string since_;
};

TEST_F(ApiChanges, WithoutATokenEverythingIsTold) {
  post_all({reading("a", kNow), full("b", kNow, 1)});
  const json all = changes();
  EXPECT_EQ(all["complete"], true);
  EXPECT_EQ(all["now"], kNow);
  EXPECT_EQ(all["count"], 2);
  EXPECT_EQ(all["hosts"], get("/hosts").parsed()["hosts"]) << "as in the form without it";
  EXPECT_EQ(all["values"], json::array());
  EXPECT_EQ(all["deleted"], json::array());
}

TEST_F(ApiChanges, WhoDoesNotAskForThemGetsTheOldForm) {
  post_all({reading("a", kNow)});
  const json old = get("/hosts").parsed();
  EXPECT_EQ(old.size(), 3) << old;
  for (const char* member : {"now", "hosts", "count"}) EXPECT_TRUE(old.contains(member));
}

TEST_F(ApiChanges, OfHostsThatAreAsTheyWereNothingIsTold) {
  post_all({reading("a", kNow)});
  changes();
  const json none = changes();
  EXPECT_EQ(none["complete"], false);
  EXPECT_EQ(none["count"], 1) << "how many there are";
  for (const char* member : {"hosts", "values", "deleted"}) EXPECT_EQ(none[member], json::array()) << member;
}

TEST_F(ApiChanges, ANewReadingIsARowOfValues) {
  post_all({full("a", kNow - 10, 1), full("b", kNow - 10, 1)});
  post_all({reading("c", kNow - 20), reading("c", kNow - 10)});  // its interval is observed
  changes();
  post_all({full("a", kNow, 0.25), full("b", kNow, 0.5), reading("c", kNow, 50)});
  const json some = changes();
  EXPECT_EQ(some["hosts"], json::array());
  EXPECT_EQ(some["values"], json::parse(R"([
      {"metrics":[["cpu_core_percent",["0","10","2"]],"load1"],
       "rows":[["a",1763884800,1.5,2,3,4,5,6,0.25],["b",1763884800,1.5,2,3,4,5,6,0.5]]},
      {"metrics":[],"rows":[["c",1763884800,50,20,30]]}])"));
}

TEST_F(ApiChanges, RowsHaveTheMetricsThatAreAskedFor) {
  const std::string load = "&metrics=load1&facts=kernel";
  post_all({full("a", kNow - 10, 1)});
  changes(load);
  post_all({full("a", kNow, 0.25)});
  EXPECT_EQ(changes(load)["values"],
            json::parse(R"([{"metrics":["load1"],"rows":[["a",1763884800,1.5,2,3,0.25]]}])"));
}

TEST_F(ApiChanges, AnOldReadingChangesNoValuesButIsCounted) {
  post_all({reading("a", kNow)});
  changes();
  post_all({reading("a", kNow - 100)});
  const json some = changes();
  EXPECT_EQ(some["hosts"][0]["backfilled"], 1);
  EXPECT_EQ(some["hosts"][0]["latest"]["timestamp"], kNow);
}

TEST_F(ApiChanges, AFactThatChangesBringsTheWholeEntry) {
  post_all({full("a", kNow - 10, 1, "6.1"), full("b", kNow - 10, 1)});
  changes();
  post_all({full("a", kNow, 2, "6.12")});
  const json some = changes();
  EXPECT_EQ(some["hosts"], json::array({get("/hosts").parsed()["hosts"][0]}));
  EXPECT_EQ(some["values"], json::array());
}

TEST_F(ApiChanges, AFactThatIsNotAskedForIsNoChange) {
  post_all({full("a", kNow - 10, 1, "6.1")});
  changes("&facts=os");
  post_all({full("a", kNow, 1, "6.12")});
  EXPECT_EQ(changes("&facts=os")["hosts"], json::array());
}

TEST_F(ApiChanges, AHostThatGoesDownByTimeAloneIsTold) {
  post_all({reading("a", kNow)});
  changes();
  api_->now = kNow + 31;
  const json down = changes();
  ASSERT_THAT(names(down["hosts"]), ElementsAre("a"));
  EXPECT_EQ(down["hosts"][0]["status"], "down");
  EXPECT_EQ(changes()["hosts"], json::array());
  post_all({reading("a", kNow + 31)});
  EXPECT_EQ(changes()["hosts"][0]["status"], "up");
}

TEST_F(ApiChanges, AConflictIsToldAndThatWhoWasHeardIsNot) {
  const auto post_as = [this](char digit, std::int64_t timestamp) {
    const std::string headers =
        "Content-Type: application/json\r\nHostwatch-Agent: " + std::string(32, digit) + "\r\n";
    ASSERT_EQ(post(reading("a", timestamp), headers).status, 200);
  };
  post_as('1', kNow - 10);
  post_as('2', kNow - 9);
  changes();
  api_->now = kNow + 1;
  post_as('2', kNow - 8);
  EXPECT_EQ(changes()["hosts"], json::array()) << "an agent's last_heard alone";
  post_as('1', kNow - 7);
  EXPECT_TRUE(changes()["hosts"][0].contains("conflict"));
}

TEST_F(ApiChanges, ADeletedHostIsNamedAndANewOneIsTold) {
  post_all({reading("a", kNow), reading("b", kNow)});
  changes();
  ASSERT_EQ(request("DELETE", "/hosts/a").status, 200);
  post_all({reading("c", kNow)});
  const json some = changes();
  EXPECT_EQ(some["deleted"], json::array({"a"}));
  EXPECT_THAT(names(some["hosts"]), ElementsAre("c"));
  EXPECT_EQ(some["count"], 2);
  EXPECT_EQ(changes()["deleted"], json::array());
}

TEST_F(ApiChanges, AHostThatWasDeletedAndIsBackIsTold) {
  post_all({reading("a", kNow)});
  changes();
  ASSERT_EQ(request("DELETE", "/hosts/a").status, 200);
  post_all({reading("a", kNow, 77)});
  const json some = changes();
  EXPECT_EQ(some["deleted"], json::array());
  EXPECT_EQ(some["count"], 1);
  const json told =
      some["hosts"].empty() ? some["values"][0]["rows"][0][2] : some["hosts"][0]["latest"]["cpu"];
  EXPECT_EQ(told, 77) << "also if nobody asked in between";
}

TEST_F(ApiChanges, AHostWhoseHistoryIsDeletedHasNoValuesAnyMore) {
  post_all({reading("a", kNow)});
  changes();
  ASSERT_EQ(request("POST", "/hosts/a/clean").status, 200);
  const json some = changes();
  ASSERT_THAT(names(some["hosts"]), ElementsAre("a"));
  EXPECT_FALSE(some["hosts"][0].contains("latest"));
}

TEST_F(ApiChanges, AWholeHostIsToldEachTime) {
  post_all({full("a", kNow, 1), full("b", kNow, 1)});
  const std::string some = "&metrics=load1&facts=os";
  changes(some);
  const json whole = changes(some + "&whole=b");
  EXPECT_EQ(whole["complete"], false) << "it is the same list";
  EXPECT_EQ(whole["hosts"], json::array({get("/hosts").parsed()["hosts"][1]}));
  EXPECT_EQ(changes(some)["hosts"], json::array());
}

TEST_F(ApiChanges, OtherMetricsOrFactsAreAnotherListAndToldInFull) {
  post_all({full("a", kNow, 1)});
  const std::string first = changes("&metrics=load1")["since"];
  EXPECT_EQ(changes("&metrics=load1")["complete"], false);
  EXPECT_EQ(changes("&metrics=cpu_core_percent")["complete"], true);
  since_ = first;
  EXPECT_EQ(changes("&metrics=load1&facts=os")["complete"], true);
  since_ = first;
  EXPECT_EQ(changes("&metrics=load1")["complete"], false) << "the old one is still known";
}

TEST_F(ApiChanges, AnOlderTokenRepeatsWhatItsOwnerMayNotHaveGot) {
  post_all({reading("a", kNow - 10)});
  const std::string first = changes()["since"];
  post_all({reading("a", kNow)});
  const json once = changes();
  since_ = first;
  const json again = changes();
  EXPECT_EQ(again["values"], once["values"]);
}

TEST_F(ApiChanges, AfterARestartEverythingIsToldAnew) {
  post_all({reading("a", kNow)});
  changes();
  api_.reset();
  api_ = std::make_unique<ApiServer>(*store_);
  const json all = changes();
  EXPECT_EQ(all["complete"], true);
  EXPECT_THAT(names(all["hosts"]), ElementsAre("a"));
}

TEST_F(ApiChanges, WhatIsNoTokenIsNoError) {
  post_all({reading("a", kNow)});
  for (const std::string token : {"x", "1-1", "%00", "%22%5C", "-"}) {
    const json all = get("/hosts?since=" + token).parsed();
    EXPECT_EQ(all["complete"], true) << token;
    EXPECT_THAT(names(all["hosts"]), ElementsAre("a"));
  }
  EXPECT_EQ(get("/hosts?since=1&since=2").status, 400);
}

/// Readings keep coming while changes are asked for: who puts the changes together has what the server has.
TEST_F(ApiChanges, TakenTogetherTheyAreWhatThereIs) {
  std::map<std::string, std::int64_t> seen;
  const auto take = [&] {
    const json some = changes();
    if (some["complete"] == true) seen.clear();
    for (const json& name : some["deleted"]) seen.erase(name.get<std::string>());
    for (const json& host : some["hosts"]) seen[host["hostname"]] = host["last_seen"];
    for (const json& group : some["values"]) {
      for (const json& row : group["rows"]) seen[row[0]] = row[1];
    }
    EXPECT_EQ(some["count"], seen.size());
  };
  std::atomic<bool> is_done{false};
  std::jthread sender([&] {
    for (int i = 0; i < 60; ++i) {
      const std::string host = "host-" + std::to_string(i % 7);
      post(reading(host, kNow - 100 + i));
      if (i % 11 == 10) request("DELETE", "/hosts/" + host);
    }
    is_done = true;
  });
  while (!is_done) take();
  sender.join();
  take();
  std::map<std::string, std::int64_t> there;
  const json all = get("/hosts").parsed();
  for (const json& host : all["hosts"]) there[host["hostname"]] = host["last_seen"];
  EXPECT_EQ(seen, there);
}

}  // namespace
}  // namespace hostwatch::api::test
