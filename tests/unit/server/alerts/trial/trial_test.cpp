#include "server/alerts/trial/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "server/alerts/rules/shipped_rules.h"
#include "server/alerts/trial/trial_readings.h"
#include "server/alerts/trial/trial_run.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> run(const Trial& trial, const std::vector<Rule>& rules) {
  const std::string folder = testing::TempDir() + "/trial-XXXXXX";
  std::string path = folder;
  if (::mkdtemp(path.data()) == nullptr) return {"no folder"};
  const auto faults = run_trial(trial, rules, [&] {
    storage::sqlite::SqliteOptions options;
    options.path = path + "/metrics.db";
    return std::make_unique<storage::sqlite::SqliteStore>(options);
  });
  std::filesystem::remove_all(path);
  return faults;
}

TrialFile file_of(const std::string& text) {
  auto read = read_trial_file(text);
  if (const auto* fault = std::get_if<TrialFault>(&read)) {
    ADD_FAILURE() << fault->line << ": " << fault->text;
    return {};
  }
  return std::get<TrialFile>(std::move(read));
}

std::string fault_of(const std::string& text) {
  const auto read = read_trial_file(text);
  const auto* fault = std::get_if<TrialFault>(&read);
  return fault == nullptr ? "" : std::to_string(fault->line) + ": " + fault->text;
}

TEST(TrialSeries, AreValuesWithCountsGapsAndSteps) {
  const auto read = read_trial_series("filesystem_free_bytes{/}", "1GiB 2x2  _ _x2 10+5x3 10-5x2");
  ASSERT_TRUE(std::holds_alternative<TrialSeries>(read)) << std::get<std::string>(read);
  const auto& series = std::get<TrialSeries>(read);
  EXPECT_EQ(series.metric, "filesystem_free_bytes");
  EXPECT_EQ(series.instance, "/");
  const auto none = std::optional<double>();
  EXPECT_THAT(series.values,
              ElementsAre(1073741824.0, 2.0, 2.0, none, none, none, 10.0, 15.0, 20.0, 10.0, 5.0));
}

TEST(TrialSeries, SayWhatIsWrong) {
  for (const char* const wrong : {"", "x", "1x0", "1x100001", "5GB", "1 zwei", "1x99999 1x99999"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(read_trial_series("filesystem_used_percent{/}", wrong)))
        << wrong;
  }
  EXPECT_TRUE(std::holds_alternative<std::string>(read_trial_series("cpu{", "1")));
  EXPECT_TRUE(std::holds_alternative<std::string>(read_trial_series("", "1")));
}

TEST(TrialReadings, AHostSendsNothingWhereAllItsSeriesHaveNone) {
  const TrialFile file = file_of(R"({"rules": "shipped", "tests": [{"name": "a", "hosts": {
    "h": {"series": {"cpu": "5 _ 5", "queue{a}": "1 1 _"}}}}]})");
  const auto readings = trial_readings(file.trials[0], 1000);
  ASSERT_THAT(readings, SizeIs(2));
  EXPECT_EQ(readings.at(1000)[0].values, std::vector<double>({1}));
  EXPECT_THAT(readings.at(1020)[0].values, IsEmpty());
}

TEST(TrialReadings, LateOnesComeTogetherAndClocksAreOff) {
  const TrialFile file = file_of(R"({"rules": "shipped", "tests": [{"name": "a", "hosts": {
    "h": {"series": {"cpu": "5x4"}}}, "late": [{"host": "h", "from": 10, "to": 30, "arrives": 40}],
    "clock": [{"host": "h", "at": 30, "by": "-1h"}]}]})");
  const auto readings = trial_readings(file.trials[0], 1000);
  ASSERT_THAT(readings, SizeIs(3));
  ASSERT_THAT(readings.at(1040), SizeIs(2));
  EXPECT_EQ(readings.at(1040)[0].timestamp, 1010);
  EXPECT_EQ(readings.at(1040)[0].sent, 1040 - 3600);
  EXPECT_EQ(readings.at(1030)[0].timestamp, 1030 - 3600);
}

TEST(TrialFile, WhatIsWrongIsToldWithItsLine) {
  EXPECT_THAT(fault_of("{"), HasSubstr("1: "));
  EXPECT_THAT(fault_of("{\"rules\": \"shipped\", \"tests\": [\n{\"name\": \"a\",\n\"host\": {}}]}"),
              HasSubstr("hosts"));
  EXPECT_THAT(
      fault_of("{\"rules\": \"shipped\", \"tests\": [\n{\"name\": \"a\", \"hosts\": {\"h\": {\"series\":"
               " {\"cpu\":\n \"a\"}}}}]}"),
      HasSubstr("3: tests[0].hosts.h.series.cpu"));
  EXPECT_THAT(fault_of("{\"rules\": [{\"id\": \"a\"}], \"tests\": []}"), HasSubstr("rules[0]"));
  EXPECT_THAT(fault_of("{\"rules\": \"shipped\", \"tests\": []}"), HasSubstr("no test"));
}

TEST(TrialRun, TellsWhatIsNotAsExpected) {
  const TrialFile file = file_of(R"({
    "rules": [{"id": "busy", "for": 0, "clear_for": 0, "when": [{"metric": "cpu", "above": {"warning": 90}}]}],
    "tests": [
      {"name": "as it is", "hosts": {"h": {"series": {"cpu": "5 95 5"}}},
       "expect": [{"rule": "busy", "host": "h", "fired": "10s", "ended": "20s"}]},
      {"name": "another time", "hosts": {"h": {"series": {"cpu": "5 95 5"}}},
       "expect": [{"rule": "busy", "host": "h", "fired": "20s", "ended": null}]},
      {"name": "not there", "hosts": {"h": {"series": {"cpu": "5 5 5"}}},
       "expect": [{"rule": "busy", "host": "h"}]},
      {"name": "one more", "hosts": {"h": {"series": {"cpu": "5 95 5"}}}}]})");
  EXPECT_THAT(run(file.trials[0], file.inline_rules), IsEmpty());
  EXPECT_THAT(
      run(file.trials[1], file.inline_rules),
      ElementsAre("busy h (warning) fired at 10s, ended at 20s (cleared); expected: fired at 20s, open"));
  EXPECT_THAT(run(file.trials[2], file.inline_rules), ElementsAre("there is no alarm busy h"));
  EXPECT_THAT(run(file.trials[3], file.inline_rules),
              ElementsAre("not expected: busy h (warning) fired at 10s, ended at 20s (cleared)"));
}

/// tests/alerts/*.json
TEST(ShippedRules, FireAndClearAsTheirTestsSay) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOSTWATCH_ALERT_TESTS)) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    std::ifstream in(entry.path());
    const TrialFile file =
        file_of(std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()));
    EXPECT_TRUE(file.shipped);
    for (const Trial& trial : file.trials) {
      EXPECT_THAT(run(trial, shipped_rules()), IsEmpty()) << entry.path() << ": " << trial.name;
    }
  }
  EXPECT_GE(files, 2U);
}

}  // namespace
}  // namespace hostwatch::alerts
