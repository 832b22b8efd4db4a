// What a condition is about: metrics, their instances, what is made of them, signals.
#include "server/alerts/rules/rule_metric.h"
#include "tests/unit/server/alerts/rules/rule_text.h"

namespace hostwatch::alerts {
namespace {

using test::good_condition;
using test::good_rule;
using test::limit_of;
using test::refused_condition;
using test::refused_rule;
using test::rule_with;
using testing::HasSubstr;
using testing::StartsWith;

ConditionValue value_of(std::string_view value) {
  return good_condition(R"({"metric": "swap_used_bytes", "above": {"warning": 5}, "value": )" +
                        std::string(value) + "}")
      .value;
}

std::string refused_value(std::string_view value) {
  return refused_condition(R"({"metric": "swap_used_bytes", "above": {"warning": 5}, "value": )" +
                           std::string(value) + "}");
}

constexpr std::string_view kLevel = R"({"metric": "filesystem_used_percent", "above": {"warning": 60}})";
constexpr std::string_view kTrend =
    R"({"metric": "filesystem_free_bytes", "value": {"time_until": 0, "over": "6h"}, "below": {"warning": "24h"}})";

TEST(RuleConditions, CompareTheLastValueOrWhatIsMadeOfMany) {
  EXPECT_EQ(value_of(R"("last")"), ConditionValue());
  EXPECT_EQ(value_of(R"({"mean": "5m"})"), (ConditionValue{ValueKind::mean, 300}));
  EXPECT_EQ(value_of(R"({"min": 60})"), (ConditionValue{ValueKind::minimum, 60}));
  EXPECT_EQ(value_of(R"({"max": "24h"})"), (ConditionValue{ValueKind::maximum, 86400}));
  EXPECT_EQ(value_of(R"({"increase": "10m"})"), (ConditionValue{ValueKind::increase, 600}));
  EXPECT_EQ(value_of(R"({"percent_of": "swap_total_bytes"})"),
            (ConditionValue{.percent_of = "swap_total_bytes"}));
}

TEST(RuleConditions, WindowsAreOfOneMinuteToADay) {
  EXPECT_THAT(refused_value(R"({"mean": "59s"})"),
              StartsWith("when[0].value.mean: must be a time from 1m to 1d"));
  EXPECT_THAT(refused_value(R"({"mean": "25h"})"), HasSubstr("1m to 1d"));
  EXPECT_THAT(refused_value(R"({"mean": "5m", "max": "5m"})"), HasSubstr("must be one of mean"));
  EXPECT_THAT(refused_value(R"({"median": "5m"})"), StartsWith("when[0].value.median: there is no member"));
  EXPECT_THAT(refused_value(R"({})"), HasSubstr("must be one of mean"));
  EXPECT_THAT(refused_value(R"("mean")"), HasSubstr(R"(must be "last")"));
}

TEST(RuleConditions, APercentageIsOfWhatIsMeasuredAlike) {
  EXPECT_THAT(refused_value(R"({"percent_of": "load1"})"),
              HasSubstr("load1 is measured in count, swap_used_bytes in bytes"));
  EXPECT_THAT(refused_value(R"({"percent_of": "filesystem_size_bytes"})"), HasSubstr("for each mountpoint"));
  EXPECT_THAT(refused_value(R"({"percent_of": "host_silent"})"), HasSubstr("is a signal"));
  const Condition condition = good_condition(
      R"({"metric": "swap_used_bytes", "value": {"percent_of": "swap_total_bytes"}, "above": {"warning": "80%"}})");
  EXPECT_EQ(limit_of(condition, Severity::warning), (Limit{80, 78}))
      << "a percentage, whatever the metric is";
}

/// Trap 23: netdata#9802, prometheus-operator#1180.
TEST(RuleConditions, ATrendNeedsAConditionOnTheLevel) {
  EXPECT_THAT(refused_rule(rule_with(kTrend)), StartsWith("when[0].value: a trend alone fires"));
  EXPECT_THAT(refused_rule(rule_with(std::string(kTrend) + "," + std::string(kTrend))),
              HasSubstr("a trend alone"));
  EXPECT_THAT(
      refused_rule(rule_with(std::string(kTrend) + R"(, {"metric": "cpu", "above": {"warning": 9}})")),
      HasSubstr("a trend alone"))
      << "of the same instances";
  const Rule rule = good_rule(rule_with(std::string(kTrend) + "," + std::string(kLevel)));
  EXPECT_EQ(rule.when[0].value, (ConditionValue{ValueKind::time_until, 21600}));
  EXPECT_EQ(limit_of(rule.when[0], Severity::warning).fire, 86400) << "limits of a trend are times";
  EXPECT_THAT(refused_value(R"({"time_until": 0})"), HasSubstr("over: is missing"));
  EXPECT_THAT(refused_value(R"({"time_until": "5m", "over": "6h"})"),
              HasSubstr("time_until: '5m' is not bytes"));
}

TEST(RuleConditions, InstancesArePatternsOfMetricsThatHaveSome) {
  const Condition condition = good_condition(
      R"({"metric": "disk_busy_percent", "instance": "nvme*", "except": ["nvme9*"], "above": {"warning": 90}})");
  EXPECT_EQ(condition.instance, "nvme*");
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "instance": "0", "above": {"warning": 90}})"),
              StartsWith("when[0].instance: cpu has no instances"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "except": ["0"], "above": {"warning": 90}})"),
              StartsWith("when[0].except: cpu has no instances"));
  EXPECT_EQ(good_condition(R"({"metric": "my_own", "instance": "a b", "above": {"warning": 90}})").instance,
            "a b");
  EXPECT_THAT(refused_condition(R"({"metric": "my_own", "instance": "a\nb", "above": {"warning": 9}})"),
              StartsWith("when[0].instance: must not contain control"));
}

TEST(RuleConditions, AreJoinedByInstancesOfOneKind) {
  EXPECT_THAT(
      refused_rule(
          rule_with(std::string(kLevel) + R"(, {"metric": "disk_busy_percent", "above": {"warning": 90}})")),
      HasSubstr(
          "when[1].metric: disk_busy_percent is measured for each device, another for each mountpoint"));
  good_rule(rule_with(std::string(kLevel) + R"(, {"metric": "cpu", "above": {"warning": 90}})"));
}

TEST(RuleConditions, SignalsWithoutLimitsHaveASeverity) {
  const Condition condition = good_condition(R"({"metric": "host_silent", "severity": "critical"})");
  EXPECT_EQ(limit_of(condition, Severity::critical), kSignalLimit);
  EXPECT_EQ(
      rule_text(good_rule(rule_with(R"({"metric": "host_silent", "severity": "critical"})"))),
      R"({"id":"x","when":[{"metric":"host_silent","severity":"critical"}],"for":"2m","clear_for":"2m"})");
  EXPECT_THAT(refused_condition(R"({"metric": "host_silent", "above": {"critical": 1}})"),
              HasSubstr("host_silent has no limits"));
  EXPECT_THAT(refused_condition(R"({"metric": "host_silent"})"), HasSubstr("severity: must be"));
  EXPECT_THAT(refused_condition(R"({"metric": "host_silent", "severity": "fatal"})"),
              HasSubstr("severity: must be"));
}

TEST(RuleConditions, OtherSignalsHaveLimitsOfTheirUnit) {
  const Condition condition = good_condition(R"({"metric": "host_clock_skew", "above": {"warning": "5s"}})");
  EXPECT_EQ(limit_of(condition, Severity::warning).fire, 5);
  EXPECT_THAT(refused_condition(R"({"metric": "host_clock_skew", "severity": "warning"})"),
              HasSubstr("needs limits"));
  EXPECT_THAT(refused_condition(R"({"metric": "host_clock_skew", "value": "last", "above": {"warning": 5}})"),
              HasSubstr("it is a signal"));
  EXPECT_EQ(
      limit_of(good_condition(R"({"metric": "server_database_free_bytes", "below": {"critical": "1GiB"}})"),
               Severity::critical)
          .fire,
      1073741824);
}

TEST(RuleConditions, AboutTheServerAreNotAboutHosts) {
  EXPECT_THAT(refused_rule(R"({"id": "x", "hosts": {"names": ["web-*"]},
                               "when": [{"metric": "server_store_failing", "severity": "critical"}]})"),
              StartsWith("hosts: server_store_failing is about the server"));
  EXPECT_THAT(
      refused_rule(
          rule_with(R"({"metric": "server_dead_letters", "above": {"warning": 5}}, )" + std::string(kLevel))),
      HasSubstr("when[1].metric: filesystem_used_percent and server_dead_letters do not go together"));
  EXPECT_THAT(
      refused_rule(rule_with(R"({"metric": "host_silent", "severity": "warning"}, )" + std::string(kLevel))),
      HasSubstr("host_silent stands alone"));
}

TEST(RuleConditions, OfSignalsAreNotAmongThoseOfReadings) {
  constexpr std::string_view kSkew = R"({"metric": "host_clock_skew", "above": {"warning": 5}})";
  constexpr std::string_view kSilent = R"({"metric": "host_silent", "severity": "warning"})";
  EXPECT_THAT(refused_rule(rule_with(std::string(kLevel) + "," + std::string(kSkew))),
              HasSubstr("do not go together"));
  EXPECT_THAT(refused_rule(rule_with(std::string(kSkew) + "," + std::string(kSilent))),
              HasSubstr("host_silent stands alone"));
  good_rule(rule_with(R"({"metric": "host_rebooted", "severity": "warning"},)" + std::string(kLevel)));
}

TEST(RuleConditions, OfAnyMetricsName) {
  EXPECT_THAT(refused_condition(R"({"above": {"warning": 5}})"), HasSubstr("when[0].metric: is missing"));
  EXPECT_THAT(refused_condition(R"({"metric": "a b", "above": {"warning": 5}})"),
              HasSubstr("must be a metric's name"));
  EXPECT_EQ(good_condition(R"({"metric": "my_own_2", "above": {"warning": 5}})").metric, "my_own_2");
}

TEST(RuleConditions, AreWrittenAsTheyAreRead) {
  for (const std::string_view value :
       {R"("last")", R"({"mean": "5m"})", R"({"min": "1h"})", R"({"max": "90s"})", R"({"increase": "10m"})",
        R"({"percent_of": "filesystem_size_bytes"})", R"({"time_until": "5GiB", "over": "6h"})"}) {
    const Rule rule = good_rule(rule_with(
        R"({"metric": "filesystem_free_bytes", "instance": "/*", "except": ["/x"],
        "value": )" +
        std::string(value) +
        R"(, "below": {"warning": {"fire": 40, "clear": 120}, "critical": {"fire": 7.25, "clear": 100}}}, )" +
        std::string(kLevel)));
    EXPECT_EQ(good_rule(rule_text(rule)), rule) << value;
  }
}

}  // namespace
}  // namespace hostwatch::alerts
