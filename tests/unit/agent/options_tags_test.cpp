// Tags: any number, from three places.
#include "tests/unit/agent/options_fixture.h"

namespace hostwatch::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

using OptionsTagsTest = OptionsTest;

TEST_F(OptionsTagsTest, TagsStandAnyNumberOfTimes) {
  EXPECT_TRUE(good({}).tags.empty());
  EXPECT_THAT(good({"--tag", "role=db", "--tag=site=fra"}).tags,
              ElementsAre(Pair("role", "db"), Pair("site", "fra")));
}

TEST_F(OptionsTagsTest, TagsOfTheEnvironmentHaveCommasBetweenThem) {
  ::setenv("AGENT_TAGS", "role=db,site=fra", 1);
  EXPECT_THAT(good({}).tags, ElementsAre(Pair("role", "db"), Pair("site", "fra")));
  ::setenv("AGENT_TAGS", ",role=db,,", 1);
  EXPECT_THAT(good({}).tags, ElementsAre(Pair("role", "db"))) << "as templates write it";
  ::setenv("AGENT_TAGS", "", 1);
  EXPECT_TRUE(good({}).tags.empty());
}

TEST_F(OptionsTagsTest, AListWithoutATagHasNone) {
  const std::string file = write("agent.toml", "tag = \"role=file\"\n");
  for (const char* list : {",", ",,", " , ", " ", "\n"}) {  // ${ROLE},${SITE} of two empty variables
    ::setenv("AGENT_TAGS", list, 1);
    EXPECT_TRUE(good({}).tags.empty()) << '"' << list << '"';
    ::setenv("AGENT_TAGS", list, 1);
    EXPECT_THAT(good({"--config", file}).tags, ElementsAre(Pair("role", "file"))) << "as if it were not set";
  }
}

TEST_F(OptionsTagsTest, BlanksAroundATagAreNoPartOfIt) {
  const auto both = ElementsAre(Pair("role", "data base"), Pair("site", "fra"));
  ::setenv("AGENT_TAGS", " role=data base, \tsite=fra\t,\n", 1);
  EXPECT_THAT(good({}).tags, both);
  EXPECT_THAT(good({"--tag", " role=data base", "--tag=site=fra "}).tags, both);
  const std::string file = write("agent.toml", "tag = [\" role=data base \", 'site=fra\t']\n");
  ::unsetenv("AGENT_TAGS");
  EXPECT_THAT(good({"--config", file}).tags, both);
  EXPECT_THAT(bad({"--tag", " role "}), HasSubstr("--tag: 'role' must be KEY=VALUE"));
}

TEST_F(OptionsTagsTest, TagsOfAFileAreAListOrOne) {
  const auto of_file = [this](const std::string& text) {
    return good({"--config", write("agent.toml", text)}).tags;
  };
  EXPECT_THAT(of_file("tag = [\"role=db\", \"site=fra\"]\n"),
              ElementsAre(Pair("role", "db"), Pair("site", "fra")));
  EXPECT_THAT(of_file("tag = role=db\n"), ElementsAre(Pair("role", "db")));
  EXPECT_THAT(of_file("tag = \"role=data base\"\n"), ElementsAre(Pair("role", "data base")));
}

/// Where two of them name tags, those of the first count alone: a key that stands in both is not given twice.
TEST_F(OptionsTagsTest, TagsOfTheCommandLineGoBeforeTheEnvironmentsBeforeTheFiles) {
  const std::string file = write("agent.toml", "tag = [\"role=file\", \"site=fra\"]\n");
  ::setenv("AGENT_TAGS", "role=environment", 1);
  EXPECT_THAT(good({"--config", file}).tags, ElementsAre(Pair("role", "environment")));
  EXPECT_THAT(good({"--config", file, "--tag", "role=line"}).tags, ElementsAre(Pair("role", "line")));
}

TEST_F(OptionsTagsTest, AWrongTagIsNamed) {
  EXPECT_EQ(bad({"--tag", "role"}), "hostwatch-agent: --tag: 'role' must be KEY=VALUE; see --help");
  EXPECT_THAT(bad({"--tag", "1=x"}), HasSubstr("--tag: '1=x' must be KEY=VALUE: the key must be a letter"));
  EXPECT_THAT(bad({"--tag", "role=a,b"}),
              HasSubstr("'role=a,b' must be KEY=VALUE: the value must not contain"));
  EXPECT_THAT(bad({"--tag=role=a", "--tag=role=b"}), HasSubstr("--tag: 'role' is given twice"));
  ::setenv("AGENT_TAGS", "role=db,site", 1);
  EXPECT_THAT(bad({}), HasSubstr("--tag: 'site' must be KEY=VALUE"));
}

TEST_F(OptionsTagsTest, AHostHasAtMostSixteenTags) {
  std::vector<std::string> arguments;
  for (int i = 0; i < 16; ++i) arguments.push_back("--tag=k" + std::to_string(i) + "=v");
  EXPECT_EQ(good(arguments).tags.size(), 16U);
  arguments.emplace_back("--tag=more=v");
  EXPECT_THAT(bad(arguments), HasSubstr("--tag: a host may have 16 tags, these are 17"));
}

}  // namespace
}  // namespace hostwatch::agent
