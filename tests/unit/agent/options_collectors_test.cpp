// Which collectors run and where sysfs is: on the command line, in the environment, in a file.
#include "tests/unit/agent/options_fixture.h"

namespace hostwatch::agent {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using OptionsCollectorsTest = OptionsTest;

auto has_all_but_pressure() {
  return AllOf(Contains("load"), Not(Contains("pressure")));
}

TEST_F(OptionsCollectorsTest, ByDefaultTheUsualOnesRun) {
  EXPECT_EQ(good({}).collectors, default_collectors());
}

TEST_F(OptionsCollectorsTest, AListThatBeginsWithAMinusCanComeFromEachPlace) {
  EXPECT_THAT(good({"--collectors=-pressure"}).collectors, has_all_but_pressure());
  EXPECT_THAT(good({"--config", write("bare.toml", "collectors = -pressure\n")}).collectors,
              has_all_but_pressure());
  EXPECT_THAT(good({"--config", write("quoted.toml", "collectors = \"-pressure, -network\"\n")}).collectors,
              AllOf(has_all_but_pressure(), Not(Contains("network"))));
  ::setenv("AGENT_COLLECTORS", "-pressure", 1);
  EXPECT_THAT(good({}).collectors, has_all_but_pressure());
}

TEST_F(OptionsCollectorsTest, TheCommandLinesListReplacesTheEnvironmentsAndThatTheFiles) {
  const std::string file = write("agent.toml", "collectors = \"-load\"\n");
  EXPECT_THAT(good({"--config", file}).collectors, Not(Contains("load")));
  ::setenv("AGENT_COLLECTORS", "uptime", 1);
  EXPECT_THAT(good({"--config", file}).collectors, ElementsAre("cpu", "memory", "filesystems", "uptime"));
  EXPECT_THAT(good({"--config", file, "--collectors", "load"}).collectors,
              ElementsAre("cpu", "memory", "filesystems", "load"));
  EXPECT_EQ(good({"--collectors=-load", "--collectors=default"}).collectors, default_collectors());
}

TEST_F(OptionsCollectorsTest, AWrongListIsOneLineThatNamesWhatThereIs) {
  EXPECT_THAT(bad({"--collectors=presure"}),
              AllOf(HasSubstr("--collectors: there is no collector 'presure'"), HasSubstr("pressure")));
  EXPECT_THAT(bad({"--collectors=-cpu"}), HasSubstr("--collectors: 'cpu' cannot be switched off"));
  EXPECT_THAT(bad({"--collectors="}), HasSubstr("--collectors"));
  EXPECT_THAT(bad({"--config", write("a.toml", "collectors = \"-disk\"\n")}),
              HasSubstr("there is no collector 'disk'"));
  ::setenv("AGENT_COLLECTORS", ",", 1);
  EXPECT_THAT(bad({}), HasSubstr("names no collector"));
}

TEST_F(OptionsCollectorsTest, SysfsIsBelowTheRootFileSystemUnlessItIsGiven) {
  EXPECT_EQ(good({"--rootfs", folder}).roots.sys, "") << "which stands for that";
  EXPECT_EQ(good({"--rootfs", folder, "--sys-root", folder / "proc"}).roots.sys, folder / "proc");
  EXPECT_EQ(
      good({"--config", write("a.toml", "sys-root = '" + (folder / "proc").string() + "'\n")}).roots.sys,
      folder / "proc");
  ::setenv("HOSTWATCH_SYS_ROOT", (folder / "proc").c_str(), 1);
  EXPECT_EQ(good({}).roots.sys, folder / "proc");
}

}  // namespace
}  // namespace hostwatch::agent
