// `hostwatch-server rules check|export|defaults`, run in this process.
#include "server/commands/rule_tasks.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "server/storage/alert_store.h"
#include "server/storage/open/open_store.h"

namespace hostwatch::server {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

class RuleTasks : public testing::Test {
 protected:
  RuleTasks() {
    std::string path = testing::TempDir() + "hostwatch-rule-tasks-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    options_.database = file("metrics.db");
  }
  ~RuleTasks() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }

  Ran run(Task task) {
    options_.task = task;
    options_.checked_rules = file("rules.json");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.status = run_rule_task(options_);
    ran.err = testing::internal::GetCapturedStderr();
    ran.out = testing::internal::GetCapturedStdout();
    return ran;
  }

  std::string folder_;
  Options options_;
};

constexpr const char* kRule = R"({"id": "busy", "when": [{"metric": "cpu", "above": {"warning": 90}}]})";

TEST_F(RuleTasks, CheckSaysThatNothingIsWrong) {
  write("rules.json", kRule);
  const Ran ran = run(Task::check_rules);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "1 rule and 0 routes in 1 file: nothing is wrong\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_FALSE(std::filesystem::exists(options_.database)) << "and makes no database";
}

TEST_F(RuleTasks, CheckNamesFileLineAndWhatToDo) {
  write("rules.json",
        "{\"id\": \"busy\",\n\"when\": [{\"metric\": \"cpu\", \"above\":\n{\"warning\": \"5GiB\"}}]}");
  const Ran ran = run(Task::check_rules);
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(file("rules.json") +
                                 ":3: when[0].above.warning: '5GiB' is not a percentage, such as"));
  EXPECT_THAT(ran.err, HasSubstr("1 fault; a server would take none of these files"));
}

TEST_F(RuleTasks, CheckWarnsOfWhatIsOddAndIsContent) {
  write("rules.json", R"({"id": "busy", "when": [{"metric": "cpus", "above": {"warning": 90}}]})");
  const Ran ran = run(Task::check_rules);
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err,
              HasSubstr("rules.json:1: warning: busy: when[0].metric: cpus is not in the catalogue"));
  EXPECT_THAT(ran.err, HasSubstr("did you mean cpu?"));
  EXPECT_THAT(ran.out, HasSubstr(": 1 warning\n"));
}

TEST_F(RuleTasks, CheckKnowsTheHostsOfADatabase) {
  write(
      "rules.json",
      R"({"id": "busy", "hosts": {"names": ["db-*"]}, "when": [{"metric": "cpu", "above": {"warning": 90}}]})");
  {
    const auto store = storage::open_store({options_.database, {}, 0});
    protocol::ReceivedReading reading;
    reading.hostname = "web-1";
    reading.timestamp = 1'763'884'800;
    const std::vector<protocol::ReceivedReading> readings{reading};
    const std::vector<std::span<const protocol::ReceivedReading>> requests{readings};
    store->append(requests, 1'763'884'800);
    // While a server has the database.
    EXPECT_THAT(run(Task::check_rules).err,
                HasSubstr("the rule is about none of the hosts that there are today"));
  }
  EXPECT_THAT(run(Task::check_rules).out, HasSubstr("against 1 host: 1 warning"));
}

TEST_F(RuleTasks, ExportPrintsThoseOfThePageAsAFile) {
  {
    const auto store = storage::open_store({options_.database, {}, 0});
    storage::AlertChanges changes;
    changes.rules.push_back({.id = "busy", .source = "page", .definition = kRule, .changed_by = "anna"});
    changes.rules.push_back({.id = "other", .source = "file", .definition = kRule, .changed_by = ""});
    store->alerts().write(changes);
    EXPECT_THAT(run(Task::export_rules).out, HasSubstr("\"id\": \"busy\""))
        << "while a server has the database";
  }
  const Ran ran = run(Task::export_rules);
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, Not(HasSubstr("other")));
  EXPECT_THAT(ran.out, Not(HasSubstr("anna")));
  write("rules.json", ran.out);
  EXPECT_EQ(run(Task::check_rules).status, 0) << ran.out;
}

TEST_F(RuleTasks, ExportOfADatabaseThatIsNotThereSaysSo) {
  const Ran ran = run(Task::export_rules);
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("hostwatch-server: "));
  EXPECT_FALSE(std::filesystem::exists(options_.database));
}

TEST_F(RuleTasks, DefaultsAreAFileThatIsRight) {
  const Ran defaults = run(Task::print_shipped_rules);
  EXPECT_EQ(defaults.status, 0);
  write("rules.json", defaults.out);
  const Ran checked = run(Task::check_rules);
  EXPECT_EQ(checked.status, 0);
  EXPECT_EQ(checked.err, "");
}

}  // namespace
}  // namespace hostwatch::server
