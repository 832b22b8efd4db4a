// The parameters of GET /fleet.
#include <gmock/gmock.h>

#include "server/api/history/query_parameters.h"

namespace hostwatch::api::fleet_parameters_test {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kNow = 1763884800;
constexpr std::int64_t kEarliest = kNow - 7 * 86400;

query::FleetRequest good(http::Params parameters) {
  parameters.emplace("metric", "cpu");
  auto parsed = parse_fleet_query(parameters, kNow, kEarliest);
  if (const auto* error = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << *error;
    return {};
  }
  return std::get<query::FleetRequest>(std::move(parsed));
}

std::string refused(const http::Params& parameters) {
  const auto parsed = parse_fleet_query(parameters, kNow, kEarliest);
  const auto* error = std::get_if<std::string>(&parsed);
  return error != nullptr ? *error : "taken";
}

TEST(FleetParameters, AMetricAloneMeansTheLastHourOfAllHosts) {
  const query::FleetRequest request = good({});
  EXPECT_EQ(request.metric, "cpu");
  EXPECT_FALSE(request.instance);
  EXPECT_FALSE(request.combine);
  EXPECT_EQ(request.from, kNow - 3600);
  EXPECT_EQ(request.to, kNow);
  EXPECT_EQ(request.slack, 300) << "hosts whose clocks are ahead";
  EXPECT_EQ(request.points, 300);
  EXPECT_FALSE(request.step);
  EXPECT_EQ(request.top, 0U);
  EXPECT_EQ(request.by, query::FleetOrder::average);
  EXPECT_TRUE(request.hostnames.empty() && request.tags.empty());
}

TEST(FleetParameters, HostsAndTimesAreChosenAsForData) {
  const query::FleetRequest request = good({{"hostname", "a"},
                                            {"hostname", "b"},
                                            {"tag", "role=db"},
                                            {"from", "1763880000"},
                                            {"to", "1763881000"},
                                            {"step", "0"}});
  EXPECT_THAT(request.hostnames, ElementsAre("a", "b"));
  EXPECT_THAT(request.tags, ElementsAre(protocol::Tag{"role", "db"}));
  EXPECT_EQ(request.from, 1763880000);
  EXPECT_EQ(request.to, 1763881000);
  EXPECT_EQ(request.slack, 0);
  EXPECT_EQ(request.step, 0);
  EXPECT_EQ(good({{"timeframe", "24h"}}).from, kNow - 86400);
  EXPECT_EQ(good({{"points", "5000"}}).points, 5000);
}

TEST(FleetParameters, InstanceCombineTopAndBy) {
  EXPECT_EQ(good({{"instance", "/mnt/a b"}}).instance, "/mnt/a b");
  EXPECT_EQ(good({{"combine", "sum"}}).combine, query::Combine::sum);
  EXPECT_EQ(good({{"combine", "highest"}}).combine, query::Combine::highest);
  EXPECT_EQ(good({{"top", "50"}}).top, 50U);
  EXPECT_EQ(good({{"by", "average"}}).by, query::FleetOrder::average);
  EXPECT_EQ(good({{"by", "maximum"}}).by, query::FleetOrder::maximum);
}

TEST(FleetParameters, AreRefusedWithWhatIsRight) {
  const std::string missing = "metric is missing: name one, as in metric=cpu";
  EXPECT_EQ(refused({}), missing);
  EXPECT_EQ(refused({{"metric", ""}}), missing);
  EXPECT_EQ(refused({{"metric", "cpu,ram"}}), "metric must be the name of one metric");
  EXPECT_EQ(refused({{"metric", "*"}}), "metric must be the name of one metric");
  EXPECT_EQ(refused({{"metric", "cpu"}, {"metric", "ram"}}), "metric is given twice");
  const auto with_cpu = [](http::Params parameters) {
    parameters.emplace("metric", "cpu");
    return refused(parameters);
  };
  EXPECT_EQ(with_cpu({{"combine", "lowest"}}), "combine must be sum or highest");
  EXPECT_EQ(with_cpu({{"by", "name"}}), "by must be average or maximum");
  EXPECT_EQ(with_cpu({{"top", "51"}}), "top must be a whole number from 0 to 50");
  EXPECT_EQ(with_cpu({{"top", "-1"}}), "top must be a whole number from 0 to 50");
  EXPECT_EQ(with_cpu({{"points", "0"}}), "points must be a whole number from 1 to 5000");
  EXPECT_EQ(with_cpu({{"step", "5m"}}), "step must be a whole number from 0 to 31622400");
  EXPECT_EQ(with_cpu({{"instance", "a\n"}}),
            "instance must not contain control, bidirectional or invisible characters");
  EXPECT_EQ(with_cpu({{"tag", "role"}}), "tag must be KEY=VALUE");
  EXPECT_EQ(with_cpu({{"timeframe", "2h"}}), "timeframe must be one of 15m 1h 6h 24h 7d 30d 1y");
}

}  // namespace
}  // namespace hostwatch::api::fleet_parameters_test
