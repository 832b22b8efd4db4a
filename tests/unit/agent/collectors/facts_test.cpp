#include "agent/facts.h"

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
  EXPECT_EQ(facts.cpu_model, "BCM2709");
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
  };
  for (const auto& [text, expected] : cases) {
    tree.write("etc/os-release", text);
    EXPECT_EQ(read_facts(tree.roots()).os, expected) << text;
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
