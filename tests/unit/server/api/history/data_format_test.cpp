#include "server/api/history/data_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "protocol/catalogue.h"
#include "server/api/history/fleet_format.h"
#include "tests/unit/server/api/answer_fixture.h"

namespace hostwatch::api {
namespace {

using nlohmann::json;
using test::each_of;
using test::text_of;

std::string format_rows(const query::History& history, const query::HistoryRequest& request) {
  return text_of([&](AnswerText& text) { format_rows(history, request, text); });
}
std::string format_columns(const query::History& history, const query::HistoryRequest& request) {
  return text_of([&](AnswerText& text) { format_columns(history, request, text); });
}
std::string format_csv(const query::History& history) {
  return text_of([&](AnswerText& text) { format_csv(history, text); });
}
std::string format_long_csv(const query::History& history) {
  return text_of([&](AnswerText& text) {
    begin_long_csv(text);
    for (const query::HostHistory& host : history.hosts) append_long_csv(host, text);
  });
}
std::string hosts_json(const std::vector<storage::HostState>& hosts, const ingest::AgentsByHost& agents,
                       std::int64_t now, const HostsQuery& query = {}) {
  return text_of([&](AnswerText& text) { format_hosts(each_of(hosts), agents, now, query, text); });
}

const double kNone = std::nan("");

query::SeriesHistory series(std::string metric, std::string instance, const std::vector<double>& values) {
  query::SeriesHistory result{std::move(metric), std::move(instance), values, values, values};
  for (double& value : result.minimum) value -= 1;
  for (double& value : result.maximum) value += 1;
  return result;
}

query::HistoryRequest request() {
  query::HistoryRequest request;
  request.from = 100;
  request.to = 200;
  return request;
}

/// Two hosts whose times interleave; the second has gaps and a metric with instances.
query::History two_hosts() {
  query::History history;
  history.step = 10;
  history.hosts.push_back(
      {"a", {100, 120}, {series("cpu", "", {1, 2}), series("ram", "", {3, 4}), series("disk", "", {5, 6})}});
  history.hosts.push_back(
      {"b \"<",
       {110, 120},
       {series("cpu", "", {7.25, 8}), series("ram", "", {9, 10}), series("disk", "", {11, 12}),
        series("load1", "", {kNone, 0.5}), series("net", "eth0", {1, kNone}), series("net", "lo", {2, 3})}});
  return history;
}

TEST(DataFormat, RowsAreOldestFirstOverAllHosts) {
  EXPECT_EQ(format_rows(two_hosts(), request()),
            R"({"count":4,"step":10,"from":100,"to":200,"data":[)"
            R"({"timestamp":100,"hostname":"a","cpu":1,"ram":3,"disk":5},)"
            R"({"timestamp":110,"hostname":"b \"<","cpu":7.25,"ram":9,"disk":11,)"
            R"("metrics":{"net":{"eth0":1,"lo":2}}},)"
            R"({"timestamp":120,"hostname":"a","cpu":2,"ram":4,"disk":6},)"
            R"({"timestamp":120,"hostname":"b \"<","cpu":8,"ram":10,"disk":12,)"
            R"("metrics":{"load1":0.5,"net":{"lo":3}}}]})");
}

/// Doubles have values that JSON has no numbers for.
TEST(DataFormat, WhatIsNotFiniteIsNullOrLeftOut) {
  const double infinite = HUGE_VAL;
  query::History history;
  history.step = 60;
  query::HostHistory& host = history.hosts.emplace_back();
  host.hostname = "a";
  host.timestamps = {60, 120};
  host.series = {{"cpu", "", {1, infinite}, {}, {}},
                 {"own", "", {infinite, 2}, {-infinite, 1}, {infinite, kNone}},
                 {"two", "", {-infinite, 3}, {}, {}},
                 {"two", "x", {4, infinite}, {}, {}}};
  EXPECT_EQ(json::parse(format_rows(history, request()))["data"], json::parse(R"([
      {"timestamp":60,"hostname":"a","cpu":1,"metrics":{"two":{"x":4}}},
      {"timestamp":120,"hostname":"a","cpu":null,"metrics":{"own":2,"two":3}}])"));
  const json columns = json::parse(format_columns(history, request()));
  EXPECT_EQ(columns["hosts"][0]["series"][0]["average"], json::parse("[1,null]"));
  EXPECT_EQ(columns["hosts"][0]["series"][1],
            json::parse(R"({"metric":"own","instance":"","average":[null,2],"minimum":[null,1],
                            "maximum":[null,null]})"));
  EXPECT_EQ(format_csv(history), "timestamp,hostname,cpu,own,two,two{x}\r\n60,a,1,,,4\r\n120,a,,2,3,\r\n");
  EXPECT_EQ(format_long_csv(history),
            "timestamp,hostname,metric,instance,value\r\n60,a,cpu,,1\r\n60,a,two,x,4\r\n"
            "120,a,own,,2\r\n120,a,two,,3\r\n");
}

TEST(FleetFormat, WhatIsNotFiniteIsNull) {
  query::Fleet fleet;
  fleet.buckets = {{60, 2, -HUGE_VAL, kNone, HUGE_VAL, HUGE_VAL}};
  fleet.top = {{"a", HUGE_VAL, kNone}};
  const json answer =
      json::parse(text_of([&](AnswerText& text) { format_fleet(fleet, query::FleetRequest(), text); }));
  for (const char* member : {"minimum", "median", "p95", "maximum"}) {
    EXPECT_EQ(answer[member], json::parse("[null]")) << member;
  }
  EXPECT_EQ(answer["top"], json::parse(R"([{"hostname":"a","average":null,"maximum":null}])"));
}

TEST(DataFormat, RowsWithMetricsAroundInstances) {
  query::History history;
  history.hosts.push_back({"a",
                           {1},
                           {series("a", "x", {1}), series("a", "y", {2}), series("b", "x", {3}),
                            series("c", "", {4}), series("d", "z", {5})}});
  EXPECT_EQ(json::parse(format_rows(history, request()))["data"][0]["metrics"],
            json::parse(R"({"a":{"x":1,"y":2},"b":{"x":3},"c":4,"d":{"z":5}})"));
}

/// A metric that changed its form inside one step has both: a name must still stand once (RFC 8259).
TEST(DataFormat, ANameNeverStandsTwiceInARow) {
  query::History history;
  history.hosts.push_back({"a", {1, 2}, {series("m", "", {1, 5}), series("m", "x", {2, kNone})}});
  const std::string text = format_rows(history, request());
  EXPECT_NE(text.find(R"("metrics":{"m":{"":1,"x":2}})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("metrics":{"m":5})"), std::string::npos) << text;
}

TEST(DataFormat, NothingIsCountZeroInEveryFormat) {
  const query::History none;
  EXPECT_EQ(format_rows(none, request()), R"({"count":0,"step":0,"from":100,"to":200,"data":[]})");
  EXPECT_EQ(format_columns(none, request()), R"({"count":0,"step":0,"from":100,"to":200,"hosts":[]})");
  EXPECT_EQ(format_csv(none), "timestamp,hostname\r\n");
}

TEST(DataFormat, ColumnsCarryAverageMinimumMaximumAndGaps) {
  const json answer = json::parse(format_columns(two_hosts(), request()));
  EXPECT_EQ(answer["count"], 4);
  EXPECT_EQ(answer["step"], 10);
  ASSERT_EQ(answer["hosts"].size(), 2U);
  EXPECT_EQ(answer["hosts"][0], json::parse(R"({"hostname":"a","timestamps":[100,120],"series":[
      {"metric":"cpu","instance":"","average":[1,2],"minimum":[0,1],"maximum":[2,3]},
      {"metric":"ram","instance":"","average":[3,4],"minimum":[2,3],"maximum":[4,5]},
      {"metric":"disk","instance":"","average":[5,6],"minimum":[4,5],"maximum":[6,7]}]})"));
  EXPECT_EQ(answer["hosts"][1]["hostname"], "b \"<");
  EXPECT_EQ(answer["hosts"][1]["series"][3],
            json::parse(R"({"metric":"load1","instance":"","average":[null,0.5],"minimum":[null,-0.5],
                            "maximum":[null,1.5]})"));
  EXPECT_EQ(answer["hosts"][1]["series"][5]["instance"], "lo");
}

TEST(DataFormat, CsvHasAColumnForEachSeriesOfAnyHost) {
  EXPECT_EQ(format_csv(two_hosts()),
            "timestamp,hostname,cpu,ram,disk,load1,net{eth0},net{lo}\r\n"
            "100,a,1,3,5,,,\r\n"
            "110,\"b \"\"<\",7.25,9,11,,1,2\r\n"
            "120,a,2,4,6,,,\r\n"
            "120,\"b \"\"<\",8,10,12,0.5,,3\r\n");
}

TEST(DataFormat, CsvTextIsNeverAFormulaNorASecondField) {
  for (const auto& [name, field] :
       {std::pair{"=cmd()", "\"'=cmd()\""}, std::pair{"+1", "\"'+1\""}, std::pair{"-1", "\"'-1\""},
        std::pair{"@a", "\"'@a\""}, std::pair{"a,b", "\"a,b\""}, std::pair{"a\"b", "\"a\"\"b\""},
        std::pair{"=\"x\"", "\"'=\"\"x\"\"\""}, std::pair{"a=b", "a=b"}}) {
    query::History history;
    history.hosts.push_back({name, {1}, {series("cpu", "", {2})}});
    EXPECT_EQ(format_csv(history), "timestamp,hostname,cpu\r\n1," + std::string(field) + ",2\r\n");
  }
  query::History history;
  history.hosts.push_back({"a", {1}, {series("fs", "/a,\"b", {2})}});
  EXPECT_EQ(format_csv(history), "timestamp,hostname,\"fs{/a,\"\"b}\"\r\n1,a,2\r\n");
}

TEST(DataFormat, LongCsvHasALineForEachValueAndNoneForGaps) {
  EXPECT_EQ(format_long_csv(two_hosts()),
            "timestamp,hostname,metric,instance,value\r\n"
            "100,a,cpu,,1\r\n"
            "100,a,ram,,3\r\n"
            "100,a,disk,,5\r\n"
            "120,a,cpu,,2\r\n"
            "120,a,ram,,4\r\n"
            "120,a,disk,,6\r\n"
            "110,\"b \"\"<\",cpu,,7.25\r\n"
            "110,\"b \"\"<\",ram,,9\r\n"
            "110,\"b \"\"<\",disk,,11\r\n"
            "110,\"b \"\"<\",net,eth0,1\r\n"
            "110,\"b \"\"<\",net,lo,2\r\n"
            "120,\"b \"\"<\",cpu,,8\r\n"
            "120,\"b \"\"<\",ram,,10\r\n"
            "120,\"b \"\"<\",disk,,12\r\n"
            "120,\"b \"\"<\",load1,,0.5\r\n"
            "120,\"b \"\"<\",net,lo,3\r\n");
  query::History history;
  history.hosts.push_back({"=cmd()", {1}, {series("fs", "-/a,b", {2})}});
  EXPECT_EQ(format_long_csv(history),
            "timestamp,hostname,metric,instance,value\r\n1,\"'=cmd()\",fs,\"'-/a,b\",2\r\n");
}

storage::HostState host(const std::string& name) {
  storage::HostState state;
  state.name = name;
  state.first_seen = 100;
  state.last_seen = 200;
  state.last_heard = 1000;
  return state;
}

TEST(HostJson, SaysWhatIsKnownAndNothingElse) {
  storage::HostState full = host("a\"<b>");
  full.interval = 10;
  full.facts.os = "Debian";
  full.facts.tags = {{"role", "db"}};
  full.latest = protocol::Reading{full.name, 200, 1, 2, 3, {{"load1", "", 0.5}}, std::nullopt};
  EXPECT_EQ(json::parse(hosts_json({full, host("b")}, {}, 1030)),
            json::parse(R"({"now":1030,"count":2,"hosts":[
      {"hostname":"a\"<b>","status":"up","first_seen":100,"last_seen":200,"interval":10,
       "latest":{"hostname":"a\"<b>","timestamp":200,"cpu":1,"ram":2,"disk":3,"metrics":{"load1":0.5}},
       "facts":{"os":"Debian","tags":{"role":"db"}}},
      {"hostname":"b","status":"up","first_seen":100,"last_seen":200}]})"));
  EXPECT_EQ(hosts_json({}, {}, 0), R"({"now":0,"hosts":[],"count":0})");
}

TEST(HostJson, OfManyHostsWhatIsWantedAloneIsTold) {
  storage::HostState one = host("a");
  one.facts.os = "Debian";
  one.facts.kernel = "6.1";
  one.latest = protocol::Reading{"a", 200, 1, 2, 3, {{"load1", "", 0.5}, {"swap", "", 7}}, std::nullopt};
  ingest::AgentsByHost agents;
  agents["a"].agents.push_back({});
  agents["a"].conflict = "two agents";
  HostsQuery query{std::vector<std::string>{"load1"}, std::vector<std::string>{"os"}, {}};
  const json some = json::parse(hosts_json({one}, agents, 1030, query))["hosts"][0];
  EXPECT_EQ(some["latest"]["metrics"], json::parse(R"({"load1":0.5})"));
  EXPECT_EQ(some["facts"], json::parse(R"({"os":"Debian"})"));
  EXPECT_FALSE(some.contains("agents"));
  EXPECT_EQ(some["conflict"], "two agents") << "a warning is always told";
  query.whole = {"a"};
  EXPECT_EQ(json::parse(hosts_json({one}, agents, 1030, query)),
            json::parse(hosts_json({one}, agents, 1030)));
  query.facts->emplace_back("agents");
  query.whole.clear();
  EXPECT_TRUE(json::parse(hosts_json({one}, agents, 1030, query))["hosts"][0].contains("agents"));
}

TEST(HostJson, AHostIsDownAfterThreeIntervalsAtLeastThirtySeconds) {
  const auto status = [](std::int64_t interval, std::int64_t silent) {
    storage::HostState state = host("a");
    state.interval = interval;
    return json::parse(hosts_json({state}, {}, state.last_heard + silent))["hosts"][0]["status"];
  };
  EXPECT_EQ(status(0, 30), "up");
  EXPECT_EQ(status(0, 31), "down");
  EXPECT_EQ(status(1, 30), "up");
  EXPECT_EQ(status(60, 180), "up");
  EXPECT_EQ(status(60, 181), "down");
  EXPECT_EQ(status(3600, 3 * 3600), "up");
  EXPECT_EQ(status(86400, 3 * 86400), "up") << "once a day is seldom, and no fault";
  EXPECT_EQ(status(86400, 3 * 86400 + 1), "down");
  EXPECT_EQ(status(30 * 86400, 3 * 86400 + 1), "down")
      << "it was away for a month; nobody reports that seldom";
}

TEST(HostJson, TheCatalogueIsComplete) {
  const json answer = json::parse(catalogue_json());
  EXPECT_EQ(answer["version"], HOSTWATCH_VERSION);
  EXPECT_EQ(answer["default_timeframe"], "1h");
  ASSERT_EQ(answer["timeframes"].size(), 7U);
  EXPECT_EQ(answer["timeframes"][0], json::parse(R"({"name":"15m","label":"15 minutes","seconds":900})"));
  ASSERT_EQ(answer["metrics"].size(), protocol::catalogue().size());
  EXPECT_EQ(answer["metrics"][0]["name"], "cpu");
  EXPECT_EQ(answer["metrics"][0]["unit"], "percent");
  for (const auto& metric : answer["metrics"]) EXPECT_EQ(metric.size(), 10U);
}

}  // namespace
}  // namespace hostwatch::api
