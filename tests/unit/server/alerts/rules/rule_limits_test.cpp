// Limits of conditions: when they fire, when they clear.
#include "tests/unit/server/alerts/rules/rule_text.h"

namespace hostwatch::alerts {
namespace {

using test::good_condition;
using test::limit_of;
using test::refused_condition;
using testing::HasSubstr;
using testing::StartsWith;

Limit warning_of(std::string_view condition) {
  return limit_of(good_condition(condition), Severity::warning);
}

TEST(RuleLimits, OfAPercentageClearTwoPointsAway) {
  EXPECT_EQ(warning_of(R"({"metric": "cpu", "above": {"warning": 90}})"), (Limit{90, 88}));
  EXPECT_EQ(warning_of(R"({"metric": "cpu", "below": {"warning": {"fire": "5%"}}})"), (Limit{5, 7}));
}

TEST(RuleLimits, OfAnythingElseClearThreePercentAway) {
  EXPECT_EQ(warning_of(R"({"metric": "load1", "above": {"warning": 100}})"), (Limit{100, 97}));
  EXPECT_EQ(warning_of(R"({"metric": "memory_free_bytes", "below": {"warning": "1GB"}})"),
            (Limit{1e9, 1.03e9}));
  EXPECT_EQ(warning_of(R"({"metric": "my_temperature", "below": {"warning": -100}})"), (Limit{-100, -97}));
}

TEST(RuleLimits, NearTheEndOfTheRangeClearHalfWayToIt) {
  EXPECT_EQ(warning_of(R"({"metric": "cpu", "above": {"warning": 1}})"), (Limit{1, 0.5}));
  EXPECT_EQ(warning_of(R"({"metric": "cpu", "below": {"warning": 99}})"), (Limit{99, 99.5}));
}

TEST(RuleLimits, WithNoRoomToClearAreRefused) {
  EXPECT_EQ(
      refused_condition(R"({"metric": "agent_dropped_readings", "above": {"warning": 0}})"),
      "when[0].above.warning: could never clear: agent_dropped_readings never falls below 0; write 0.5 for "
      "\"any\"");
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "below": {"warning": 100}})"),
              HasSubstr("cpu never rises above 100 %"));
  EXPECT_THAT(refused_condition(R"({"metric": "my_balance", "below": {"warning": 0}})"),
              HasSubstr("say when it is over"));
  EXPECT_EQ(warning_of(R"({"metric": "my_balance", "below": {"warning": {"fire": 0, "clear": 10}}})"),
            (Limit{0, 10}));
}

TEST(RuleLimits, ThatAreEqualOrTheWrongWayRoundAreRefused) {
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"warning": {"fire": 90, "clear": 90}}})"),
              StartsWith("when[0].above.warning.clear: must be below fire"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"warning": {"fire": 90, "clear": 91}}})"),
              HasSubstr("must be below fire"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "below": {"warning": {"fire": 10, "clear": 9}}})"),
              HasSubstr("must be above fire"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"warning": {"fire": 90, "clear": -1}}})"),
              HasSubstr("would never be reached: cpu never falls below 0 %"));
}

TEST(RuleLimits, OfWhatIsWorseAreFurtherAway) {
  EXPECT_EQ(refused_condition(R"({"metric": "cpu", "above": {"warning": 97, "critical": 90}})"),
            "when[0].above.critical.fire: would fire before warning does");
  EXPECT_EQ(refused_condition(R"({"metric": "cpu", "below": {"warning": 5, "critical": 10}})"),
            "when[0].below.critical.fire: would fire before warning does");
  EXPECT_EQ(
      refused_condition(
          R"({"metric": "cpu", "above": {"warning": {"fire": 90, "clear": 87}, "critical": {"fire": 97, "clear": 80}}})"),
      "when[0].above.critical.clear: would last longer than warning does");
}

TEST(RuleLimits, ARuleHasOneOrTwoSeverities) {
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"info": 80, "warning": 90, "critical": 97}})"),
              HasSubstr("limits of three severities"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {}})"), HasSubstr("has no limit"));
  EXPECT_EQ(limit_of(good_condition(R"({"metric": "cpu", "above": {"info": 80}})"), Severity::info),
            (Limit{80, 78}));
}

TEST(RuleLimits, OfAWrongUnitAreRefusedByName) {
  EXPECT_EQ(refused_condition(R"({"metric": "cpu", "above": {"warning": {"fire": "5GiB"}}})"),
            "when[0].above.warning.fire: '5GiB' is not a percentage, such as 90 or \"90%\"");
  EXPECT_THAT(refused_condition(R"({"metric": "uptime_seconds", "below": {"warning": "5GiB"}})"),
              HasSubstr("is not a time"));
  EXPECT_THAT(refused_condition(R"({"metric": "my_own", "above": {"warning": "5GiB"}})"),
              HasSubstr("a number without a unit"))
      << "nobody knows the unit of a metric of one's own";
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"warning": true}})"),
              HasSubstr("must be a number"));
  EXPECT_THAT(refused_condition(R"({"metric": "my_own", "above": {"warning": 1e301}})"),
              HasSubstr("too large"));
}

TEST(RuleLimits, AreEitherAboveOrBelow) {
  EXPECT_THAT(refused_condition(R"({"metric": "cpu"})"), HasSubstr("above: is missing, or below"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": {"warning": 9}, "below": {"warning": 1}})"),
              HasSubstr("make another condition of it"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "above": 90})"), HasSubstr("limits by severity"));
  EXPECT_THAT(refused_condition(R"({"metric": "cpu", "severity": "warning"})"),
              HasSubstr("cpu needs limits"));
}

}  // namespace
}  // namespace hostwatch::alerts
