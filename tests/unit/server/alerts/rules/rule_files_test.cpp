#include "server/alerts/rules/rule_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace hostwatch::alerts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string rule(std::string_view id) {
  return R"({"id": ")" + std::string(id) + R"(", "when": [{"metric": "cpu", "above": {"warning": 90}}]})";
}

class RuleFilesTest : public testing::Test {
 protected:
  RuleFilesTest() {
    std::string path = testing::TempDir() + "hostwatch-rules-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  ~RuleFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  /// The ids of what is read.
  std::vector<std::string> ids(const std::string& where) const {
    const auto read = read_rule_files(where);
    std::vector<std::string> result;
    if (const auto* rules = std::get_if<RuleFiles>(&read)) {
      for (const FileRule& one : rules->rules) result.push_back(one.rule.id);
    } else {
      ADD_FAILURE() << std::get<std::vector<FileFault>>(read).front().line();
    }
    return result;
  }
  std::vector<std::string> ids() const { return ids(folder_); }

  /// What is wrong, without the folder's name.
  std::vector<std::string> faults() const {
    const auto read = read_rule_files(folder_);
    std::vector<std::string> result;
    if (const auto* found = std::get_if<std::vector<FileFault>>(&read)) {
      for (const FileFault& fault : *found) result.push_back(fault.line().substr(folder_.size() + 1));
    }
    return result;
  }

  std::string folder_;
};

TEST_F(RuleFilesTest, HoldOneRuleOrManyAndAreReadByName) {
  write("20-list.json", "[" + rule("b") + "," + rule("a") + "]");
  write("10-one.json", rule("z"));
  write("30-both.json", "{\"rules\": [" + rule("c") + "], \"routes\": [{\"to\": [\"ops\"]}]}");
  EXPECT_THAT(ids(), ElementsAre("z", "b", "a", "c"));
}

TEST_F(RuleFilesTest, OneFileAloneWillDo) {
  write("any.name", rule("one"));
  EXPECT_THAT(ids(path("any.name")), ElementsAre("one"));
}

TEST_F(RuleFilesTest, OtherFilesArePassedOver) {
  write("README.md", "no JSON");
  write(".disks.json", "an editor's");
  write("disks.json~", "another's");
  std::filesystem::create_directory(path("more"));
  write("more/x.json", "not looked into");
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(RuleFilesTest, RoutesAreHandedOnAsTheyAreWritten) {
  write("r.json", "{\n\"routes\": [\n{\"to\": [\"ops\"]},\n{\"to\": [\"night\"], \"after\": \"15m\"}]}");
  const auto read = read_rule_files(folder_);
  const auto& routes = std::get<RuleFiles>(read).routes;
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[1].json, R"({"after":"15m","to":["night"]})");
  EXPECT_EQ(routes[1].place.line, 4U);
}

TEST_F(RuleFilesTest, OneFaultAndNoRuleIsTaken) {
  write("a.json", rule("good"));
  write("b.json", "[\n" + rule("also-good") +
                      ",\n{\"id\": \"bad\",\n \"when\": [{\"metric\": \"cpu\",\n"
                      "  \"above\": {\"warning\":\n   {\"fire\": \"5m\"}}}]}]");
  EXPECT_THAT(faults(),
              ElementsAre(HasSubstr("b.json:6: [1].when[0].above.warning.fire: '5m' is not a percentage")));
}

TEST_F(RuleFilesTest, EveryFaultIsTold) {
  write("a.json", "{\n\"rules\": [{}],\n\"rule\": []}");
  write("b.json", "nothing");
  write("c.json", "7");
  EXPECT_THAT(faults(),
              ElementsAre(HasSubstr("a.json:3: rule: there is no such member"),
                          HasSubstr("a.json:2: rules[0].id: is missing"), HasSubstr("b.json:1: is not JSON"),
                          HasSubstr("c.json:1: must be a rule")));
}

TEST_F(RuleFilesTest, NoTwoRulesHaveOneId) {
  write("a.json", rule("same"));
  write("b.json", "[\n" + rule("same") + "]");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("b.json:2: [0].id: 'same' is the id of another rule already, " +
                                              path("a.json") + ":1")));
}

TEST_F(RuleFilesTest, OddFilesAreFaultsAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path("a.json").c_str(), 0600), 0);
  std::filesystem::create_directory(path("b.json"));
  std::filesystem::create_symlink(path("gone"), path("c.json"));
  write("d.json", std::string((1U << 20U) + 1, ' '));
  EXPECT_THAT(faults(),
              ElementsAre("a.json: is no regular file", "b.json: is no regular file",
                          HasSubstr("c.json: cannot be read: No such file"), "d.json: is larger than 1 MiB"));
}

TEST_F(RuleFilesTest, ALinkToAFileIsThatFile) {
  write("there", rule("linked"));
  std::filesystem::create_symlink(path("there"), path("a.json"));
  EXPECT_THAT(ids(), ElementsAre("linked"));
}

TEST_F(RuleFilesTest, AreAsManyAsThereMayBe) {
  std::string text = "[";
  for (std::size_t i = 0; i <= kMostRules; ++i) text += (i == 0 ? "" : ",") + rule("r" + std::to_string(i));
  write("a.json", text + "]");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("one rule more than there may be, 500")));
}

TEST_F(RuleFilesTest, AFolderThatIsNotThereIsAFault) {
  const auto read = read_rule_files(path("nowhere"));
  EXPECT_EQ(std::get<std::vector<FileFault>>(read).front().line(),
            path("nowhere") + ": there is no such file or folder");
}

}  // namespace
}  // namespace hostwatch::alerts
