#include "server/alerts/rules/shipped_rules.h"

#include <gmock/gmock.h>

#include <set>

#include "server/alerts/rules/rule_check.h"
#include "server/alerts/rules/rule_json.h"

namespace hostwatch::alerts {
namespace {

using testing::IsEmpty;

TEST(ShippedRules, AreReadAndHaveNothingOdd) {
  ASSERT_FALSE(shipped_rules().empty());
  for (const Rule& rule : shipped_rules()) {
    EXPECT_THAT(check_rule(rule, {}), IsEmpty()) << rule.id;
    EXPECT_TRUE(rule.enabled) << rule.id;
    EXPECT_EQ(rule.hosts, HostSelector()) << rule.id << " is about every host, so new ones have it too";
    EXPECT_TRUE(rule.notify.empty()) << rule.id << " goes by routes";
  }
}

TEST(ShippedRules, SayWhatTheyAreAndWhatToDo) {
  for (const Rule& rule : shipped_rules()) {
    EXPECT_FALSE(rule.name.empty()) << rule.id;
    EXPECT_GE(rule.help.size(), 60U) << rule.id;
  }
}

TEST(ShippedRules, AreWrittenAndReadAsTheSame) {
  for (const Rule& rule : shipped_rules()) {
    const auto again = parse_rule(rule_text(rule));
    ASSERT_TRUE(std::holds_alternative<Rule>(again)) << std::get<std::string>(again);
    EXPECT_EQ(std::get<Rule>(again), rule);
  }
}

/// What people curse (netdata#2296, #9272, #10687).
TEST(ShippedRules, NoneIsAboutProcessorsLoadNetworkOrBusyDisks) {
  for (const Rule& rule : shipped_rules()) {
    for (const Condition& condition : rule.when) {
      for (const std::string_view begin : {"cpu", "load", "network_", "disk_", "processes_"}) {
        EXPECT_FALSE(condition.metric.starts_with(begin)) << rule.id;
      }
    }
  }
}

TEST(ShippedRules, EverySignalHasOne) {
  std::set<std::string> metrics;
  for (const Rule& rule : shipped_rules()) {
    for (const Condition& condition : rule.when) metrics.insert(condition.metric);
  }
  for (const std::string_view signal :
       {kHostSilent, kHostRebooted, kHostNameConflict, kHostClockSkew, kManySilent, kStoreFailing,
        kDatabaseFree, kDatabaseFreePercent, kDeadLetters}) {
    EXPECT_TRUE(metrics.contains(std::string(signal))) << signal;
  }
}

TEST(ShippedRules, OfARebootTellsNobody) {
  for (const Rule& rule : shipped_rules()) {
    if (rule.id != "rebooted") continue;
    EXPECT_EQ(rule.severities(), std::vector{Severity::info});
  }
}

}  // namespace
}  // namespace hostwatch::alerts
