#include "server/alerts/rules/rule.h"

#include <gmock/gmock.h>

#include <chrono>

namespace hostwatch::alerts {
namespace {

using testing::ElementsAre;

TEST(Patterns, AStarStandsForAnythingAndAllElseForItself) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("*", "/var/lib"));
  EXPECT_TRUE(matches_pattern("lab-*", "lab-7"));
  EXPECT_TRUE(matches_pattern("lab-*", "lab-"));
  EXPECT_FALSE(matches_pattern("lab-*", "lab7"));
  EXPECT_TRUE(matches_pattern("*.example.org", "db.example.org"));
  EXPECT_FALSE(matches_pattern("*.example.org", "db.example.org.evil"));
  EXPECT_TRUE(matches_pattern("*a*b", "xxaxxaxxb"));
  EXPECT_FALSE(matches_pattern("*a*b", "xxbxxa"));
  EXPECT_FALSE(matches_pattern("db.1", "db-1")) << "a point is a point";
  EXPECT_FALSE(matches_pattern("DB-1", "db-1")) << "case counts";
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_FALSE(matches_pattern("", "x"));
}

TEST(Patterns, ManyStarsTakeNoLongerThanStarsTimesText) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches_pattern(pattern + "b", std::string(250, 'a')));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(HostSelectors, AnEmptyOneIsAboutEveryHost) {
  EXPECT_TRUE(selects({}, "web-1", {}));
}

TEST(HostSelectors, OfOneKeyAnyValueAndOfSeveralKeysEach) {
  const HostSelector selector{.tags = {{"role", {"db", "web"}}, {"site", {"fra"}}}};
  EXPECT_TRUE(selects(selector, "a", {{"role", "web"}, {"site", "fra"}, {"more", "x"}}));
  EXPECT_FALSE(selects(selector, "a", {{"role", "web"}}));
  EXPECT_FALSE(selects(selector, "a", {{"role", "cache"}, {"site", "fra"}}));
}

TEST(HostSelectors, OneNameMustMatchAndNoneOfTheExceptions) {
  const HostSelector selector{.names = {"web-*", "db-*"}, .except = {"*-lab"}};
  EXPECT_TRUE(selects(selector, "db-1", {}));
  EXPECT_FALSE(selects(selector, "mail-1", {}));
  EXPECT_FALSE(selects(selector, "web-lab", {}));
}

TEST(Rules, HaveTheSeveritiesOfTheirLimitsInOrder) {
  Rule rule;
  rule.when.resize(2);
  rule.when[0].limits[2] = Limit{97, 95};
  rule.when[1].limits[1] = Limit{1, 2};
  EXPECT_THAT(rule.severities(), ElementsAre(Severity::warning, Severity::critical));
  EXPECT_THAT(Rule().severities(), ElementsAre());
}

TEST(Signals, AreNoMetrics) {
  for (const std::string_view signal :
       {kHostSilent, kHostRebooted, kHostNameConflict, kHostClockSkew, kManySilent, kStoreFailing,
        kDatabaseFree, kDatabaseFreePercent, kDeadLetters}) {
    EXPECT_TRUE(is_signal(signal)) << signal;
  }
  EXPECT_FALSE(is_signal("cpu"));
  EXPECT_FALSE(is_signal(""));
}

}  // namespace
}  // namespace hostwatch::alerts
