#include "server/alerts/rules/rule_json.h"

#include "tests/unit/server/alerts/rules/rule_text.h"

namespace hostwatch::alerts {
namespace {

using test::good_rule;
using test::refused_rule;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kWhen = R"("when": [{"metric": "cpu", "above": {"warning": 90}}])";

/// A rule with these members beside its id and a condition.
std::string with(std::string_view members) {
  return R"({"id": "x", )" + std::string(kWhen) + (members.empty() ? "" : ", ") + std::string(members) + "}";
}

/// The example of docs/alerts.md.
constexpr std::string_view kWhole = R"(
{"id": "disk-full", "name": "Disk almost full", "help": "Find what grows:\ndu -xh --max-depth=1 {instance}",
 "runbook": "https://wiki.example/disk-full",
 "hosts": {"tags": {"role": ["web", "db"], "site": "fra"}, "names": ["*"], "except": ["lab-*"]},
 "when": [{"metric": "filesystem_used_percent", "instance": "*", "except": ["/boot/efi"],
           "above": {"warning": {"fire": 90, "clear": 87}, "critical": {"fire": 97, "clear": 95}}},
          {"metric": "filesystem_free_bytes",
           "below": {"warning": {"fire": "20GiB", "clear": "22GiB"}, "critical": {"fire": "5GiB", "clear": "6GiB"}}}],
 "for": "10m", "clear_for": 60, "missing": "end", "notify": ["ops"], "repeat": "24h", "enabled": false})";

TEST(RuleJson, EveryFieldIsRead) {
  const Rule rule = good_rule(kWhole);
  EXPECT_EQ(rule.id, "disk-full");
  EXPECT_EQ(rule.name, "Disk almost full");
  EXPECT_EQ(rule.help, "Find what grows:\ndu -xh --max-depth=1 {instance}");
  EXPECT_EQ(rule.runbook, "https://wiki.example/disk-full");
  EXPECT_THAT(rule.hosts.tags.at("role"), ElementsAre("db", "web"));
  EXPECT_THAT(rule.hosts.tags.at("site"), ElementsAre("fra"));
  EXPECT_THAT(rule.hosts.names, ElementsAre("*"));
  EXPECT_THAT(rule.hosts.except, ElementsAre("lab-*"));
  ASSERT_EQ(rule.when.size(), 2U);
  EXPECT_EQ(rule.when[0].metric, "filesystem_used_percent");
  EXPECT_THAT(rule.when[0].except, ElementsAre("/boot/efi"));
  EXPECT_EQ(rule.when[0].direction, Direction::above);
  EXPECT_EQ(test::limit_of(rule.when[0], Severity::critical), (Limit{97, 95}));
  EXPECT_EQ(rule.when[1].direction, Direction::below);
  EXPECT_EQ(test::limit_of(rule.when[1], Severity::warning), (Limit{20.0 * (1 << 30), 22.0 * (1 << 30)}));
  EXPECT_EQ(rule.hold, 600);
  EXPECT_EQ(rule.clear_hold, 60);
  EXPECT_EQ(rule.missing, Missing::end);
  EXPECT_THAT(rule.notify, ElementsAre("ops"));
  EXPECT_EQ(rule.repeat, 86400);
  EXPECT_FALSE(rule.enabled);
}

TEST(RuleJson, WhatIsLeftOutIsAsDocumented) {
  const Rule rule = good_rule(with(""));
  EXPECT_EQ(rule.name, "");
  EXPECT_EQ(rule.hosts, HostSelector());
  EXPECT_EQ(rule.when[0].instance, "*");
  EXPECT_EQ(rule.when[0].value, ConditionValue());
  EXPECT_EQ(rule.hold, 120);
  EXPECT_EQ(rule.clear_hold, 120);
  EXPECT_EQ(rule.missing, Missing::hold);
  EXPECT_EQ(rule.repeat, std::nullopt);
  EXPECT_TRUE(rule.enabled);
}

TEST(RuleJson, WhatIsWrittenIsReadAsTheSameRule) {
  const Rule rule = good_rule(kWhole);
  EXPECT_EQ(good_rule(rule_text(rule)), rule);
  EXPECT_EQ(rule_text(good_rule(rule_text(rule))), rule_text(rule));
}

TEST(RuleJson, WhatIsWrittenIsHowPeopleWouldWriteIt) {
  EXPECT_EQ(rule_text(good_rule(R"({"when": [{"below": {"warning": "20GiB"}, "metric": "memory_free_bytes"}],
                                    "id": "x", "enabled": true, "missing": "hold", "repeat": 0, "for": 300})")),
            R"({"id":"x","when":[{"metric":"memory_free_bytes","below":{"warning":{"fire":"20GiB",)"
            R"("clear":"22119081574B"}}}],"for":"5m","clear_for":"2m","repeat":"0s"})");
}

TEST(RuleJson, UnknownMembersAreRefusedByNameAndPlace) {
  EXPECT_THAT(refused_rule(with(R"("threshold": 3)")),
              StartsWith("threshold: there is no member 'threshold' here; there are id, name,"));
  EXPECT_THAT(refused_rule(with(R"("hosts": {"tag": {}})")), StartsWith("hosts.tag: "));
  EXPECT_THAT(
      refused_rule(R"({"id": "x", "when": [{"metric": "cpu", "above": {"warning": {"fire": 1, "to": 2}}}]})"),
      StartsWith("when[0].above.warning.to: "));
}

TEST(RuleJson, AnIdIsOfSmallLettersDigitsAndHyphens) {
  for (const std::string_view id : {"Disk", "disk full", "", "a/b", "disk_full", "ä"}) {
    EXPECT_THAT(refused_rule(R"({"id": ")" + std::string(id) + R"(", )" + std::string(kWhen) + "}"),
                StartsWith("id: must"))
        << id;
  }
  const std::string longest(63, 'a');
  EXPECT_EQ(good_rule(R"({"id": ")" + longest + R"(", )" + std::string(kWhen) + "}").id, longest);
  EXPECT_THAT(refused_rule(R"({"id": "a)" + longest + R"(", )" + std::string(kWhen) + "}"),
              StartsWith("id: "));
  EXPECT_THAT(refused_rule("{" + std::string(kWhen) + "}"), HasSubstr("id: is missing"));
}

TEST(RuleJson, NamesAreOneLineThatShowsWhatItIs) {
  EXPECT_THAT(refused_rule(with(R"("name": "Disk\r\nBcc: all")")),
              StartsWith("name: must not contain control"));
  EXPECT_THAT(refused_rule(with(R"("name": "\u202Egnp")")),
              StartsWith("name: must not contain control, bidi"));
  EXPECT_THAT(refused_rule(with(R"("name": ")" + std::string(201, 'x') + "\"")),
              HasSubstr("longer than 200 bytes"));
  EXPECT_THAT(refused_rule(with(R"("help": "a\tb")")), StartsWith("help: "));
  EXPECT_THAT(refused_rule(with(R"("help": ")" + std::string(2001, 'x') + "\"")), HasSubstr("2000 bytes"));
  EXPECT_THAT(refused_rule(with(R"("name": 7)")), HasSubstr("must be a text"));
}

TEST(RuleJson, ARunbookIsAPageAndNothingElse) {
  EXPECT_THAT(refused_rule(with(R"("runbook": "javascript:x")")), StartsWith("runbook: must be an address"));
  EXPECT_EQ(good_rule(with(R"("runbook": "http://wiki/{host}")")).runbook, "http://wiki/{host}");
}

TEST(RuleJson, TimesAreBounded) {
  EXPECT_EQ(good_rule(with(R"("for": "24h", "clear_for": 0)")).hold, 86400);
  EXPECT_THAT(refused_rule(with(R"("for": "25h")")), StartsWith("for: must be a time from 0s to 1d"));
  EXPECT_THAT(refused_rule(with(R"("for": -1)")), StartsWith("for: "));
  EXPECT_THAT(refused_rule(with(R"("for": 1.5)")), StartsWith("for: "));
  EXPECT_THAT(refused_rule(with(R"("for": 18446744073709551615)")), StartsWith("for: "));
  EXPECT_THAT(refused_rule(with(R"("for": "5 minutes")")), StartsWith("for: "));
  EXPECT_THAT(refused_rule(with(R"("repeat": "5s")")), HasSubstr("at least 1m, or 0 for never"));
}

TEST(RuleJson, ListsAreBounded) {
  std::string many = "\"a\"";
  for (int i = 0; i < 100; ++i) many += ",\"a\"";
  EXPECT_THAT(refused_rule(with(R"("hosts": {"names": [)" + many + "]}")),
              HasSubstr("more than 100 entries"));
  EXPECT_THAT(refused_rule(with(R"("hosts": {"tags": {"role": [)" + many + "]}}")),
              HasSubstr("more than 100"));
  EXPECT_THAT(refused_rule(with(R"("notify": [)" + many + "]")), HasSubstr("more than 16 entries"));
  EXPECT_THAT(refused_rule(R"({"id": "x", "when": []})"), StartsWith("when: must be an array of 1 to 4"));
}

TEST(RuleJson, TagsAreSuchThatAHostCanHaveThem) {
  EXPECT_THAT(refused_rule(with(R"("hosts": {"tags": {"ro le": "db"}})")), StartsWith("hosts.tags: 'ro le'"));
  EXPECT_THAT(refused_rule(with(R"("hosts": {"tags": {"role": "a,b"}})")), StartsWith("hosts.tags.role: "));
  EXPECT_THAT(refused_rule(with(R"("hosts": {"tags": {"role": []}})")), HasSubstr("no host could match"));
}

TEST(RuleJson, ChannelsAreNames) {
  EXPECT_THAT(refused_rule(with(R"("notify": ["http://evil"])")), StartsWith("notify: "));
  EXPECT_THAT(refused_rule(with(R"("notify": "ops")")), HasSubstr("must be an array"));
}

TEST(RuleJson, ThatIsNoneSaysTheLine) {
  EXPECT_THAT(refused_rule("{\n\"id\": \n}"), StartsWith("line 3: is not JSON"));
  EXPECT_EQ(refused_rule("[]"), "the rule: must be an object, { ... }");
}

}  // namespace
}  // namespace hostwatch::alerts
