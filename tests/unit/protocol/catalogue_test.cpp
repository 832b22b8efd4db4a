#include "protocol/catalogue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "protocol/names.h"

namespace hostwatch::protocol {
namespace {

TEST(Catalogue, BeginsWithTheThreeBasicMetrics) {
  ASSERT_GE(catalogue().size(), 3U);
  EXPECT_EQ(catalogue()[0].name, "cpu");
  EXPECT_EQ(catalogue()[1].name, "ram");
  EXPECT_EQ(catalogue()[2].name, "disk");
}

TEST(Catalogue, TheBasicMetricsAreTheFieldsOfAReading) {
  for (const std::string_view name : kBasicMetrics) EXPECT_TRUE(is_basic_metric(name)) << name;
  for (const char* name : {"", "cp", "cpus", "CPU", "load1"}) EXPECT_FALSE(is_basic_metric(name)) << name;
}

TEST(Catalogue, ARowLeavesOutWhatIsAsUsual) {
  constexpr MetricDefinition kRow{.name = "things", .help = "Things.", .group = "Group", .chart = "Chart"};
  EXPECT_EQ(kRow.unit, Unit::count);
  EXPECT_EQ(kRow.minimum, 0);
  EXPECT_EQ(kRow.maximum, 1e18);
  EXPECT_EQ(kRow.decimals, 0);
  EXPECT_EQ(kRow.instance_label, "") << "there are no instances";
  EXPECT_FALSE(kRow.stacked);
}

TEST(Catalogue, NamesAreValidAndUnique) {
  std::set<std::string_view> names;
  for (const MetricDefinition& metric : catalogue()) {
    EXPECT_TRUE(is_metric_name(metric.name)) << metric.name;
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_FALSE(metric.name.starts_with("custom_")) << metric.name << ": would meet a custom gauge's name";
    EXPECT_FALSE(metric.name.starts_with("server_")) << metric.name << ": would meet a figure of the server";
    EXPECT_FALSE(metric.name.ends_with("_total")) << metric.name << ": that is a counter to Prometheus";
    EXPECT_TRUE(metric.instance_label.empty() || is_metric_name(metric.instance_label)) << metric.name;
    EXPECT_NE(metric.instance_label, "hostname") << metric.name;
  }
}

TEST(Catalogue, EveryRowIsComplete) {
  for (const MetricDefinition& metric : catalogue()) {
    SCOPED_TRACE(metric.name);
    EXPECT_TRUE(std::isfinite(metric.minimum));
    EXPECT_TRUE(std::isfinite(metric.maximum));
    EXPECT_LT(metric.minimum, metric.maximum);
    EXPECT_GE(metric.decimals, 0);
    EXPECT_LE(metric.decimals, 6);
    EXPECT_TRUE(metric.help.ends_with('.'));
    EXPECT_FALSE(metric.group.empty());
    EXPECT_FALSE(metric.chart.empty());
    if (metric.unit == Unit::percent) {
      EXPECT_EQ(metric.minimum, 0);
      EXPECT_EQ(metric.maximum, 100);
    }
  }
}

TEST(Catalogue, NamesEndInTheirUnit) {
  for (const MetricDefinition& metric : catalogue().subspan(3)) {
    SCOPED_TRACE(metric.name);
    if (metric.unit == Unit::percent) {
      EXPECT_TRUE(metric.name.ends_with("_percent"));
    } else if (metric.unit != Unit::count) {
      EXPECT_TRUE(metric.name.ends_with("_" + std::string(to_string(metric.unit))));
    }
  }
}

TEST(Catalogue, GroupsStandTogetherAndChartsHaveOneAxis) {
  std::set<std::string_view> ended;
  std::string_view open;
  std::map<std::pair<std::string_view, std::string_view>, const MetricDefinition*> charts;
  for (const MetricDefinition& metric : catalogue()) {
    SCOPED_TRACE(metric.name);
    if (metric.group != open) {
      EXPECT_TRUE(ended.insert(metric.group).second) << "group " << metric.group << " stands in two places";
      open = metric.group;
    }
    const auto [at, added] = charts.try_emplace({metric.group, metric.chart}, &metric);
    if (added) continue;
    EXPECT_EQ(metric.unit, at->second->unit) << "one chart, two units";
    EXPECT_EQ(metric.stacked, at->second->stacked) << "one chart, stacked in part";
    EXPECT_EQ(metric.instance_label, at->second->instance_label) << "one chart, two kinds of instances";
  }
}

TEST(Catalogue, FindsWhatItHolds) {
  for (const MetricDefinition& metric : catalogue()) EXPECT_EQ(find_metric(metric.name), &metric);
  for (const char* name : {"", "load", "load1 ", "LOAD1", "cpu_state"}) EXPECT_EQ(find_metric(name), nullptr);
}

TEST(Catalogue, AValueIsWithinItsRowsRangeACustomOneFarWithinADouble) {
  const MetricDefinition* cpu = find_metric("cpu");
  EXPECT_TRUE(is_in_range(cpu, 0));
  EXPECT_TRUE(is_in_range(cpu, 100));
  EXPECT_FALSE(is_in_range(cpu, 100.1));
  EXPECT_TRUE(is_in_range(nullptr, 1e300));
  EXPECT_TRUE(is_in_range(nullptr, -1e300));
  EXPECT_FALSE(is_in_range(nullptr, 1.0000001e300));
  EXPECT_FALSE(is_in_range(nullptr, -1.5e308));
  for (const MetricDefinition* known : {cpu, static_cast<const MetricDefinition*>(nullptr)}) {
    EXPECT_FALSE(is_in_range(known, std::nan("")));
    EXPECT_FALSE(is_in_range(known, HUGE_VAL));
    EXPECT_FALSE(is_in_range(known, -HUGE_VAL));
  }
  constexpr double kSecondsOfThreeYears = 1e8;
  EXPECT_TRUE(std::isfinite(kSecondsOfThreeYears * kCustomMaximum)) << "a reading each second can be added";
}

TEST(RoundTo, HalfAwayFromZero) {
  EXPECT_EQ(round_to(0.25, 1), 0.3);
  EXPECT_EQ(round_to(-0.25, 1), -0.3);
  EXPECT_EQ(round_to(2.5, 0), 3);
  EXPECT_EQ(round_to(-2.5, 0), -3);
  EXPECT_EQ(round_to(12.34, 1), 12.3);
  EXPECT_EQ(round_to(1.0000004, 6), 1);
  EXPECT_EQ(round_to(99.96, 1), 100);
}

TEST(RoundTo, LeavesAloneWhatItCannotRound) {
  EXPECT_EQ(round_to(1e300, 6), 1e300);
  EXPECT_EQ(round_to(9007199254740993.0, 0), 9007199254740993.0);
  EXPECT_EQ(round_to(std::numeric_limits<double>::infinity(), 1), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(round_to(std::nan(""), 1)));
}

TEST(RoundTo, RoundingTwiceChangesNothing) {
  for (int decimals = 0; decimals <= 6; ++decimals) {
    for (double value = -1000; value < 1000; value += 0.7311) {
      const double once = round_to(value, decimals);
      EXPECT_EQ(round_to(once, decimals), once);
      EXPECT_NEAR(once, value, 0.5000001 * std::pow(10, -decimals));
    }
  }
}

}  // namespace
}  // namespace hostwatch::protocol
