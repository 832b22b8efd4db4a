#include "server/alerts/rules/rule_check.h"

#include "tests/unit/server/alerts/rules/rule_text.h"

namespace hostwatch::alerts {
namespace {

using test::good_rule;
using test::rule_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> warnings(std::string_view rule, const CheckAgainst& against = {}) {
  return check_rule(good_rule(rule), against);
}

constexpr std::string_view kGood = R"({"metric": "cpu", "above": {"warning": 90, "critical": 97}})";

TEST(RuleCheck, AGoodRuleHasNothingOdd) {
  EXPECT_THAT(warnings(rule_with(kGood), {.hosts = {{{"web-1", {}}}}}), IsEmpty());
}

TEST(RuleCheck, AMetricThatNobodyKnowsIsTakenForOnesOwn) {
  EXPECT_THAT(
      warnings(rule_with(R"({"metric": "filesystem_use_percent", "above": {"warning": 90}})")),
      ElementsAre(
          "when[0].metric: filesystem_use_percent is not in the catalogue: it is taken for a metric of "
          "your own; did you mean filesystem_used_percent?"));
  EXPECT_THAT(warnings(rule_with(R"({"metric": "queue_length", "above": {"warning": 90}})")),
              ElementsAre(testing::EndsWith("a metric of your own")));
}

TEST(RuleCheck, AConditionThatCanNeverHoldIsNamed) {
  EXPECT_THAT(warnings(rule_with(R"({"metric": "cpu", "above": {"warning": 100}})")),
              ElementsAre("when[0].above.warning: can never hold: cpu is never above 100 %"));
  EXPECT_THAT(warnings(rule_with(R"({"metric": "load1", "below": {"warning": {"fire": 0, "clear": 1}}})")),
              ElementsAre(HasSubstr("can never hold: load1 is never below 0")));
  EXPECT_THAT(warnings(rule_with(R"({"metric": "cpu", "below": {"warning": 90, "critical": {"fire": 80}}})")),
              IsEmpty());
  EXPECT_THAT(
      warnings(rule_with(
          R"({"metric": "disk_busy_percent", "instance": "sda", "except": ["sda"], "above": {"warning": 90}})")),
      ElementsAre(HasSubstr("leaves no instance")));
}

TEST(RuleCheck, LimitsNextToEachOtherAreNamed) {
  EXPECT_THAT(warnings(rule_with(R"({"metric": "cpu", "above": {"warning": {"fire": 90, "clear": 89.95}}})")),
              ElementsAre(HasSubstr("next to each other")));
}

TEST(RuleCheck, ARuleAboutNoHostIsNamed) {
  const std::string rule =
      R"({"id": "x", "hosts": {"tags": {"role": "db"}}, "when": [)" + std::string(kGood) + "]}";
  EXPECT_THAT(warnings(rule, {.hosts = {{{"web-1", {{"role", "web"}}}}}}),
              ElementsAre(HasSubstr("none of the hosts")));
  EXPECT_THAT(warnings(rule, {.hosts = {{{"db-1", {{"role", "db"}}}}}}), IsEmpty());
  EXPECT_THAT(warnings(rule), IsEmpty()) << "nobody knows the hosts";
  EXPECT_THAT(warnings(rule_with(R"({"metric": "server_store_failing", "severity": "critical"})"),
                       {.hosts = {{{"a", {}}}}}),
              IsEmpty());
}

TEST(RuleCheck, TimesShorterThanReadingsComeAreNamed) {
  const std::string rule = R"({"id": "x", "for": "5s", "when": [)" + std::string(kGood) + "]}";
  EXPECT_THAT(warnings(rule),
              ElementsAre(HasSubstr("for: 5s is shorter than the time between two readings, 10s")));
  EXPECT_THAT(warnings(rule, {.interval = 5}), IsEmpty());
  EXPECT_THAT(warnings(rule_with(R"({"metric": "cpu", "value": {"mean": "1m"}, "above": {"warning": 90}})"),
                       {.interval = 60}),
              ElementsAre(HasSubstr("make it longer")));
  EXPECT_THAT(warnings(rule_with(R"({"metric": "host_rebooted", "severity": "info"})")),
              ElementsAre(HasSubstr(R"(write "for": 0)")));
}

TEST(RuleCheck, WhatNobodyWouldBeToldOfIsNamed) {
  const std::string rule =
      R"({"id": "x", "notify": ["ops"], "when": [{"metric": "cpu", "above": {"info": 90}}]})";
  EXPECT_THAT(warnings(rule), ElementsAre(HasSubstr("nobody is told of what is info")));
  EXPECT_THAT(warnings(R"({"id": "x", "notify": ["ops"], "when": [)" + std::string(kGood) + "]}",
                       {.channels = {{"mail"}}}),
              ElementsAre("notify: there is no channel 'ops'"));
}

TEST(RuleCheck, SeveritiesThatFireTogetherAreOneTooMany) {
  EXPECT_THAT(warnings(rule_with(R"({"metric": "cpu", "above": {"warning": 90, "critical": 90}})")),
              ElementsAre("when: warning and critical fire together: leave one of them out"));
}

}  // namespace
}  // namespace hostwatch::alerts
