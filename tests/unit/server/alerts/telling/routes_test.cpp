#include "server/alerts/telling/routes.h"

#include <gtest/gtest.h>

#include "server/alerts/telling/definition_fields.h"

namespace hostwatch::alerts {
namespace {

storage::AlarmRow alarm(const std::string& severity, const std::string& rule = "disk-full") {
  storage::AlarmRow row;
  row.rule = rule;
  row.host = "web-1";
  row.severity = severity;
  return row;
}

const std::vector<TellingChannel> kChannels{{"ops"},
                                            {"mail", delivery::ChannelKind::mail},
                                            {"boss", delivery::ChannelKind::ntfy, false},
                                            {"state", delivery::ChannelKind::alertmanager},
                                            {"alive", delivery::ChannelKind::heartbeat}};

std::vector<std::string> told(const storage::AlarmRow& row, std::string_view routes,
                              std::int64_t open_for = 0, const Rule* rule = nullptr, const Tags& tags = {}) {
  return targets(row, rule, tags, routes_from_json(routes), kChannels, open_for);
}

using Names = std::vector<std::string>;

std::string error_of(std::string_view text) {
  try {
    routes_from_json(text);
  } catch (const TellingError& error) {
    return error.what();
  }
  return "none";
}

TEST(Routes, WithoutAnyWarningAndAboveGoToEveryDefaultChannel) {
  EXPECT_EQ(told(alarm("warning"), ""), (Names{"ops", "mail"}));
  EXPECT_EQ(told(alarm("critical"), "[]"), (Names{"ops", "mail"}));
}

TEST(Routes, NobodyIsToldOfInfo) {
  Rule rule;
  rule.notify = {"ops"};
  EXPECT_EQ(told(alarm("info"), ""), Names());
  EXPECT_EQ(told(alarm("info"), R"([{"to": ["ops"]}])", 0, &rule), Names());
}

TEST(Routes, AllThatMatchCountInOrderEachChannelOnce) {
  EXPECT_EQ(told(alarm("critical"), R"([{"to": ["boss"], "severity": "critical"}, {"to": ["ops", "boss"]}])"),
            (Names{"boss", "ops"}));
  EXPECT_EQ(told(alarm("warning"), R"([{"to": ["boss"], "severity": "critical"}, {"to": ["ops"]}])"),
            (Names{"ops"}));
}

TEST(Routes, AskForRuleHostAndTags) {
  const Tags tags{{"role", "db"}, {"site", "east"}};
  EXPECT_EQ(told(alarm("warning"), R"([{"rules": ["disk-*"], "to": ["ops"]}])"), (Names{"ops"}));
  EXPECT_EQ(told(alarm("warning"), R"([{"rules": ["cpu-*", "x"], "to": ["ops"]}])"), Names());
  EXPECT_EQ(told(alarm("warning"), R"([{"hosts": ["web-*"], "to": ["ops"]}])"), (Names{"ops"}));
  EXPECT_EQ(told(alarm("warning"), R"([{"hosts": ["db-*"], "to": ["ops"]}])"), Names());
  EXPECT_EQ(told(alarm("warning"), R"([{"tags": {"role": ["web", "db"], "site": "east"}, "to": ["ops"]}])", 0,
                 nullptr, tags),
            (Names{"ops"}));
  EXPECT_EQ(told(alarm("warning"), R"([{"tags": {"role": ["web"]}, "to": ["ops"]}])", 0, nullptr, tags),
            Names());
}

TEST(Routes, EscalateAfterTheirTimeByTheLeastOfAll) {
  constexpr auto kRoutes =
      R"([{"to": ["ops"]}, {"to": ["boss"], "after": "15m"}, {"to": ["boss"], "after": "1h"}])";
  EXPECT_EQ(told(alarm("warning"), kRoutes, 899), (Names{"ops"}));
  EXPECT_EQ(told(alarm("warning"), kRoutes, 900), (Names{"ops", "boss"}));
}

TEST(Routes, ARulesOwnChannelsStandBeforeThem) {
  Rule rule;
  rule.notify = {"boss"};
  EXPECT_EQ(told(alarm("warning"), R"([{"to": ["ops"]}])", 0, &rule), (Names{"boss"}));
}

TEST(Routes, SendNothingToWhatGetsNoMessages) {
  EXPECT_EQ(told(alarm("warning"), R"([{"to": ["state", "alive", "gone", "ops"]}])"), (Names{"ops"}));
  EXPECT_EQ(unknown_channels(routes_from_json(R"([{"to": ["gone", "ops"]}])"), kChannels), (Names{"gone"}));
}

TEST(Routes, TellOfDeadLettersToTheOtherChannels) {
  Rule rule;
  rule.id = "dead-letters";
  rule.when.push_back({std::string(kDeadLetters)});
  auto row = alarm("critical", "dead-letters");
  row.instance = "mail";
  EXPECT_EQ(told(row, "", 0, &rule), (Names{"ops"}));
}

TEST(Routes, AreWrittenAsTheyAreRead) {
  const auto routes = routes_from_json(
      R"([{"severity": "critical", "tags": {"role": ["db"]}, "rules": ["a"], "hosts": ["b"], "to": ["ops"], "after": "2h"}])");
  EXPECT_EQ(routes.at(0).after, 7200);
  EXPECT_EQ(routes_from_json(routes_to_json(routes)), routes);
}

TEST(Routes, NameTheFieldThatIsWrong) {
  EXPECT_EQ(error_of("{"), "routes: is not JSON");
  EXPECT_EQ(error_of("{}"), "routes: must be a list");
  EXPECT_EQ(error_of("[1]"), "routes[0]: must be an object");
  EXPECT_EQ(error_of(R"([{"to": ["a"]}, {}])"), "routes[1].to: must name at least one channel");
  EXPECT_EQ(error_of(R"([{"to": "a"}])"), "routes[0].to: must be a list of texts");
  EXPECT_EQ(error_of(R"([{"to": [""]}])"), "routes[0].to: must be a list of texts that are not empty");
  EXPECT_EQ(error_of(R"([{"to": ["a"], "too": 1}])"), "routes[0].too: there is no such field");
  EXPECT_EQ(error_of(R"([{"to": ["a"], "severity": "info"}])").rfind("routes[0].severity: ", 0), 0U);
  EXPECT_EQ(error_of(R"([{"to": ["a"], "after": "15 minutes"}])").rfind("routes[0].after: ", 0), 0U);
  EXPECT_EQ(error_of(R"([{"to": ["a"], "after": -1}])").rfind("routes[0].after: ", 0), 0U);
  EXPECT_EQ(error_of(R"([{"to": ["a"], "tags": {"role": []}}])"),
            "routes[0].tags.role: must have at least one value");
}

}  // namespace
}  // namespace hostwatch::alerts
