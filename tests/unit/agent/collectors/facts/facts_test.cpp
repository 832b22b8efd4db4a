#include "agent/collectors/facts/facts.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

TEST(Facts, OfAManyCoreMachine) {
  TempTree tree;
  tree.lay_out("many-core/tick2");
  const protocol::HostFacts facts = read_facts(tree.roots());
  EXPECT_EQ(facts.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(facts.kernel, "6.1.0-13-amd64");
  EXPECT_EQ(facts.cpu_model, "AMD EPYC 9754 128-Core Processor");
  EXPECT_EQ(facts.cpu_cores, 256);
  EXPECT_EQ(facts.memory_bytes, 2113415932LL * 1024);
  EXPECT_EQ(facts.boot_time, 1600000000);
  EXPECT_FALSE(facts.architecture.empty());
  EXPECT_EQ(facts.agent_version, HOSTWATCH_VERSION);
  EXPECT_EQ(facts.interval_seconds, 0) << "the caller's";
}

TEST(Facts, OfAnOldArmBoard) {
  TempTree tree;
  tree.lay_out("old-kernel");
  const protocol::HostFacts facts = read_facts(tree.roots());
  EXPECT_EQ(facts.os, "Old Linux 6");
  EXPECT_EQ(facts.kernel, "2.6.32-5-686");
  EXPECT_EQ(facts.cpu_model, "ARMv7 Processor rev 4 (v7l)") << "and not the board's";
  EXPECT_EQ(facts.cpu_cores, 2);
}

TEST(Facts, WhatCannotBeReadStaysUnknown) {
  TempTree tree;
  const protocol::HostFacts facts = read_facts(tree.roots());
  EXPECT_EQ(facts.os, "");
  EXPECT_EQ(facts.kernel, "");
  EXPECT_EQ(facts.cpu_model, "");
  EXPECT_EQ(facts.cpu_cores, 0);
  EXPECT_EQ(facts.memory_bytes, 0);
  EXPECT_EQ(facts.boot_time, 0);
}

TEST(Facts, TheSystemsNameMayBeQuotedInAnyWay) {
  TempTree tree;
  const std::pair<const char*, const char*> cases[] = {
      {"PRETTY_NAME=\"A \\\"quoted\\\" \\$name\"\n", "A \"quoted\" $name"},
      {"PRETTY_NAME='Single quotes'\n", "Single quotes"},
      {"PRETTY_NAME=Bare", "Bare"},
      {"NAME=Only\n", "Only"},
      {"# PRETTY_NAME=comment\nNAME=x\nPRETTY_NAME=\"\"\n", "x"},
      {"PRETTY_NAME=\"tab\there\"\n", "tab\xEF\xBF\xBDhere"},
      {"PRETTY_NAME=\"\n", "\""},
      {"PRETTY_NAME='it\\$ stays'\n", "it\\$ stays"},
      {"PRETTY_NAME=\"a \\n b \\\\ c\"\n", "a \\n b \\ c"},
      {"PRETTY_NAME=bare\\ value\n", "bare value"},
      {"PRETTY_NAME=\"first\"\nPRETTY_NAME=\"last\"\n", "last"},
  };
  for (const auto& [text, expected] : cases) {
    tree.write("etc/os-release", text);
    EXPECT_EQ(read_facts(tree.roots()).os, expected) << text;
  }
}

TEST(Facts, WhatAnEditorLeavesInTheSystemsNameIsNotPartOfIt) {
  TempTree tree;
  for (const char* text : {
           "PRETTY_NAME=\"Some Linux 3\"\r\nNAME=x\r\n",
           "PRETTY_NAME=\"Some Linux 3\"  \n",
           "PRETTY_NAME=Some Linux 3 \t\r\n",
           "  PRETTY_NAME='Some Linux 3'\n",
           "PRETTY_NAME=\"Some Linux 3\" # a comment\n",
           "\xEF\xBB\xBFPRETTY_NAME=\"Some Linux 3\"\n",
           "\xEF\xBB\xBF\r\n\r\nNAME=Some\r\nVERSION=\"Linux 3\"\r\n",
       }) {
    tree.write("etc/os-release", text);
    EXPECT_EQ(read_facts(tree.roots()).os, "Some Linux 3") << text;
  }
}

TEST(Facts, LinksToTheSystemsNameAreMeantFromItsRootOn) {
  TempTree tree;
  tree.write("usr/lib/os-release", "PRETTY_NAME=\"Linked Linux 1\"\n");
  std::filesystem::create_directories(tree.path("etc"));
  for (const char* target : {"/usr/lib/os-release", "../usr/lib/os-release"}) {
    tree.remove("etc/os-release");
    std::filesystem::create_symlink(target, tree.path("etc/os-release"));
    EXPECT_EQ(read_facts(tree.roots()).os, "Linked Linux 1") << target;
  }
}

TEST(Facts, ALinkThatLeadsNowhereAndAFileThatNamesNothingAreAsGoodAsNone) {
  TempTree tree;
  tree.write("usr/lib/os-release", "PRETTY_NAME=\"Fallback Linux 1\"\n");
  tree.write("etc/os-release", "ID=x\n");
  EXPECT_EQ(read_facts(tree.roots()).os, "Fallback Linux 1");
  tree.remove("etc/os-release");
  std::filesystem::create_symlink("/missing", tree.path("etc/os-release"));
  EXPECT_EQ(read_facts(tree.roots()).os, "Fallback Linux 1");
}

TEST(Facts, CoresAreTheLinesOfStatWhateverCpuinfoLists) {
  TempTree tree;
  tree.write("proc/stat", "cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu3 1 2 3 4\ncpu4 1 2 3 4\nbtime 9\n");
  for (const char* cpuinfo : {"", "Processor : Some ARM\n", "processor : 0\n", "ncpus active : 3\n"}) {
    tree.write("proc/cpuinfo", cpuinfo);
    EXPECT_EQ(read_facts(tree.roots()).cpu_cores, 3) << cpuinfo;
  }
}

TEST(Facts, OfThisMachine) {
  const protocol::HostFacts facts = read_facts({});
  EXPECT_FALSE(facts.kernel.empty());
  EXPECT_GT(facts.cpu_cores, 0);
  EXPECT_GT(facts.memory_bytes, 0);
  EXPECT_GT(facts.boot_time, 0);
}

}  // namespace
}  // namespace hostwatch::agent::test
