#include "server/api/history/query_parameters.h"

#include <gmock/gmock.h>

#include "server/query/timeframes.h"

namespace hostwatch::api::query_parameters_test {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::SizeIs;

constexpr std::int64_t kNow = 1763884800;
constexpr std::int64_t kEarliest = kNow - 7 * 86400;

using Result = std::variant<DataQuery, std::string>;

Result parse(const http::Params& parameters) {
  return parse_data_query(parameters, kNow, kEarliest);
}
DataQuery good(const http::Params& parameters) {
  Result result = parse(parameters);
  if (const auto* error = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *error;
    return {};
  }
  return std::get<DataQuery>(result);
}

std::string refused(const http::Params& parameters) {
  const Result result = parse(parameters);
  const auto* error = std::get_if<std::string>(&result);
  return error != nullptr ? *error : "taken";
}

TEST(QueryParameters, NoneMeansTheLastHourOfAllHosts) {
  const DataQuery query = good({});
  EXPECT_TRUE(query.history.hostnames.empty());
  EXPECT_EQ(query.history.from, kNow - 3600);
  EXPECT_EQ(query.history.to, kNow);
  EXPECT_EQ(query.history.slack, 300) << "hosts whose clocks are ahead";
  EXPECT_EQ(query.history.points, 500);
  EXPECT_FALSE(query.history.step);
  EXPECT_FALSE(query.history.all_metrics);
  EXPECT_EQ(query.format, DataFormat::rows);
}

TEST(QueryParameters, EveryPresetReachesBackItsTime) {
  EXPECT_THAT(query::kTimeframes, SizeIs(7));
  for (const auto& [name, seconds] : {std::pair{"15m", 900}, std::pair{"1h", 3600}, std::pair{"6h", 21600},
                                      std::pair{"24h", 86400}, std::pair{"7d", 604800}}) {
    EXPECT_EQ(good({{"timeframe", name}}).history.from, kNow - seconds) << name;
  }
  EXPECT_EQ(good({{"timeframe", "30d"}}).history.from, kEarliest) << "no further than anything is kept";
  EXPECT_EQ(good({{"timeframe", "1y"}}).history.from, kEarliest);
}

TEST(QueryParameters, FromAndTo) {
  const auto both = good({{"from", "1763880000"}, {"to", "1763881000"}}).history;
  EXPECT_EQ(both.from, 1763880000);
  EXPECT_EQ(both.to, 1763881000);
  EXPECT_EQ(both.slack, 0) << "an end that was asked for is the end";
  EXPECT_EQ(good({{"from", "1763880000"}}).history.to, kNow);
  EXPECT_EQ(good({{"to", "1763881000"}}).history.from, 1763881000 - 3600);
  EXPECT_EQ(good({{"to", "1763881000"}, {"timeframe", "15m"}}).history.from, 1763881000 - 900);
  EXPECT_EQ(good({{"from", "1763880000"}, {"timeframe", "7d"}}).history.from, 1763880000);
  EXPECT_EQ(good({{"from", "1763880000"}, {"to", "1763880000"}}).history.from, 1763880000);
  EXPECT_EQ(good({{"from", "0"}}).history.from, kEarliest);
  const auto future = good({{"from", std::to_string(kNow + 100)}}).history;
  EXPECT_LE(future.from, future.to);
  const auto long_over = good({{"from", "1"}, {"to", "2"}}).history;
  EXPECT_LE(long_over.from, long_over.to) << "before all that is kept";
}

TEST(QueryParameters, HostnamesAnyNumberOfTimes) {
  EXPECT_THAT(good({{"hostname", "a"}, {"hostname", "<b>"}, {"hostname", "a"}}).history.hostnames,
              ElementsAre("a", "<b>"));
  EXPECT_TRUE(good({{"hostname", ""}}).history.hostnames.empty());
  http::Params many;
  for (int i = 0; i < 2000; ++i) many.emplace("hostname", "h" + std::to_string(i));
  EXPECT_THAT(good(many).history.hostnames, SizeIs(2000));
  many.emplace("hostname", "one more");
  EXPECT_EQ(refused(many), "at most 2000 hostnames can be asked for at once");
}

TEST(QueryParameters, TagsAnyNumberOfTimes) {
  EXPECT_THAT(good({{"tag", "role=db"}, {"tag", "site=fra=1"}}).history.tags,
              ElementsAre(protocol::Tag{"role", "db"}, protocol::Tag{"site", "fra=1"}));
  EXPECT_TRUE(good({{"tag", ""}}).history.tags.empty());
  http::Params many;
  for (int i = 0; i < 16; ++i) many.emplace("tag", "k" + std::to_string(i) + "=v");
  EXPECT_THAT(good(many).history.tags, SizeIs(16));
  many.emplace("tag", "more=v");
  EXPECT_EQ(refused(many), "at most 16 tags can be asked for at once");
}

TEST(QueryParameters, RowsAlwaysCarryTheBasicValues) {
  EXPECT_THAT(good({{"metrics", "load1"}}).history.metrics, IsSupersetOf({"load1", "cpu", "ram", "disk"}));
  EXPECT_THAT(good({{"metrics", "load1,a,load1"}, {"format", "columns"}}).history.metrics,
              ElementsAre("load1", "a"));
  EXPECT_THAT(good({{"metrics", "load1"}, {"format", "csv"}}).history.metrics, ElementsAre("load1"));
  EXPECT_THAT(good({{"format", "columns"}}).history.metrics, ElementsAre("cpu", "ram", "disk"));
  EXPECT_TRUE(good({{"metrics", "*"}}).history.all_metrics);
}

TEST(QueryParameters, StepPointsAndFormat) {
  EXPECT_EQ(good({{"step", "0"}}).history.step, 0);
  EXPECT_EQ(good({{"step", "31622400"}}).history.step, 31622400);
  EXPECT_EQ(good({{"points", "1"}}).history.points, 1);
  EXPECT_EQ(good({{"points", "5000"}}).history.points, 5000);
  EXPECT_EQ(good({{"points", ""}}).history.points, 500);
  EXPECT_EQ(good({{"format", "columns"}}).format, DataFormat::columns);
  EXPECT_EQ(good({{"format", "csv"}}).format, DataFormat::csv);
  EXPECT_EQ(good({{"format", "rows"}}).format, DataFormat::rows);
  EXPECT_EQ(good({{"unknown", "1"}, {"_", "2"}}).history.points, 500);
}

TEST(QueryParameters, CsvHasTwoLayouts) {
  EXPECT_EQ(good({{"format", "csv"}, {"layout", "wide"}}).format, DataFormat::csv);
  EXPECT_EQ(good({{"format", "csv"}, {"layout", "long"}}).format, DataFormat::long_csv);
  EXPECT_EQ(good({{"format", "csv"}, {"layout", ""}}).format, DataFormat::csv);
}

TEST(QueryParameters, MinimaAndMaximaAreReadWhereTheyAreAnswered) {
  EXPECT_TRUE(good({{"format", "columns"}}).history.extremes);
  EXPECT_FALSE(good({{"format", "rows"}}).history.extremes);
  EXPECT_FALSE(good({{"format", "csv"}}).history.extremes);
}

struct Bad {
  const char* name;
  http::Params parameters;
  std::string error;
};

std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.name;
}

const std::string kTimeframes = "timeframe must be one of 15m 1h 6h 24h 7d 30d 1y";
const std::string kPoints = "points must be a whole number from 1 to 5000";
const std::string kStep = "step must be a whole number from 0 to 31622400";
const std::string kFrom = "from must be a whole number from 0 to 253402300799";
const std::string kMetrics = "metrics must be names with commas between them, or *";

class BadParameters : public testing::TestWithParam<Bad> {};

TEST_P(BadParameters, AreRefusedWithWhatIsRight) {
  EXPECT_EQ(refused(GetParam().parameters), GetParam().error);
}

std::string name_of(const testing::TestParamInfo<Bad>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadParameters,
    testing::Values(
        Bad{"TimeframeUnknown", {{"timeframe", "2h"}}, kTimeframes},
        Bad{"TimeframeUpperCase", {{"timeframe", "1H"}}, kTimeframes},
        Bad{"TimeframeMarkup", {{"timeframe", "<script>"}}, kTimeframes},
        Bad{"TimeframeTwice", {{"timeframe", "1h"}, {"timeframe", "1h"}}, "timeframe is given twice"},
        Bad{"FromLater", {{"from", "1763880001"}, {"to", "1763880000"}}, "from must not be later than to"},
        Bad{"FromNegative", {{"from", "-1"}}, kFrom}, Bad{"FromWord", {{"from", "now"}}, kFrom},
        Bad{"FromFraction", {{"from", "1.5"}}, kFrom}, Bad{"FromExponent", {{"from", "1e9"}}, kFrom},
        Bad{"FromHuge", {{"from", "99999999999999999999"}}, kFrom},
        Bad{"ToMilliseconds", {{"to", "1763884800000"}}, "to must be a whole number from 0 to 253402300799"},
        Bad{"PointsZero", {{"points", "0"}}, kPoints}, Bad{"PointsHuge", {{"points", "1000000000"}}, kPoints},
        Bad{"PointsPlus", {{"points", "+5"}}, kPoints}, Bad{"PointsBlank", {{"points", " 5"}}, kPoints},
        Bad{"PointsTwice", {{"points", "5"}, {"points", "6"}}, "points is given twice"},
        Bad{"StepNegative", {{"step", "-1"}}, kStep}, Bad{"StepYears", {{"step", "31622401"}}, kStep},
        Bad{"StepUnit", {{"step", "5m"}}, kStep}, Bad{"MetricsBlank", {{"metrics", "a, b"}}, kMetrics},
        Bad{"MetricsEmptyName", {{"metrics", "a,"}}, kMetrics},
        Bad{"MetricsStarAmong", {{"metrics", "a,*"}}, kMetrics},
        Bad{"MetricsInjection", {{"metrics", "a'--"}}, kMetrics},
        Bad{"MetricsMany",
            {{"metrics",
              [] {
                std::string names = "m0";
                for (int i = 1; i <= 200; ++i) names += ",m" + std::to_string(i);
                return names;
              }()}},
            "at most 200 metrics can be named at once; * asks for all"},
        Bad{"FormatUnknown", {{"format", "xml"}}, "format must be rows, columns or csv"},
        Bad{"LayoutUnknown", {{"format", "csv"}, {"layout", "tall"}}, "layout must be wide or long"},
        Bad{"LayoutOfRows", {{"layout", "long"}}, "layout is for format=csv"},
        Bad{"TagWithoutAValue", {{"tag", "role"}}, "tag must be KEY=VALUE"},
        Bad{"TagValueEmpty", {{"tag", "role="}}, "tag must be KEY=VALUE: the value must not be empty"},
        Bad{"TagKeyMarkup",
            {{"tag", "<b>=x"}},
            "tag must be KEY=VALUE: the key must be a letter, then letters, digits, _, - and ., at most 63"},
        Bad{"HostnameInvalid", {{"hostname", "\xFF"}}, "hostname must be valid UTF-8"},
        Bad{"HostnameNul",
            {{"hostname", std::string("a\0", 2)}},
            "hostname must not contain control, bidirectional or invisible characters"},
        Bad{"HostnameLong",
            {{"hostname", std::string(254, 'a')}},
            "hostname must be at most 253 bytes long"}),
    name_of);

TEST(HostsQueryTest, NamesWhatIsWantedOfEachHost) {
  const auto parsed =
      parse_hosts_query({{"metrics", "load1,swap"}, {"facts", "os,tags"}, {"whole", "a"}, {"whole", "b c"}});
  const auto& query = std::get<HostsQuery>(parsed);
  EXPECT_EQ(query.metrics, (std::vector<std::string>{"load1", "swap"}));
  EXPECT_EQ(query.facts, (std::vector<std::string>{"os", "tags"}));
  EXPECT_EQ(query.whole, (std::vector<std::string>{"a", "b c"}));
}

TEST(HostsQueryTest, WithoutNamesOrWithAStarAllIsWanted) {
  for (const http::Params& parameters : {http::Params{}, http::Params{{"metrics", "*"}, {"facts", "*"}}}) {
    const auto parsed = parse_hosts_query(parameters);
    EXPECT_EQ(std::get<HostsQuery>(parsed).metrics, std::nullopt);
    EXPECT_EQ(std::get<HostsQuery>(parsed).facts, std::nullopt);
  }
}

TEST(HostsQueryTest, ChangesAreAskedForByAnyTokenAlsoAnEmptyOne) {
  const auto since = [](const http::Params& parameters) {
    return std::get<HostsQuery>(parse_hosts_query(parameters)).since;
  };
  EXPECT_EQ(since({}), std::nullopt);
  EXPECT_EQ(since({{"since", ""}}), "");
  EXPECT_EQ(since({{"since", "7-2"}}), "7-2");
  EXPECT_EQ(std::get<std::string>(parse_hosts_query({{"since", "7-1"}, {"since", "7-2"}})),
            "since is given twice");
}

TEST(HostsQueryTest, WhatIsNoNameIsRefused) {
  EXPECT_EQ(std::get<std::string>(parse_hosts_query({{"facts", "os,,x"}})),
            "facts must be names with commas between them, or *");
}

}  // namespace
}  // namespace hostwatch::api::query_parameters_test
