// Which collectors there are, and which of them a text chooses.
#include "agent/collectors/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "protocol/names.h"
#include "tests/support/log_capture.h"
#include "tests/unit/agent/collectors/temp_tree.h"

namespace hostwatch::agent::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Runs = CollectorDefinition::Runs;

CollectorNames chosen_by(std::string_view text) {
  const auto parsed = parse_collector_list(text);
  if (const auto* reason = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << text << ": " << *reason;
    return {};
  }
  return std::get<CollectorNames>(parsed);
}

std::string why_not(std::string_view text) {
  const auto parsed = parse_collector_list(text);
  if (std::holds_alternative<std::string>(parsed)) return std::get<std::string>(parsed);
  ADD_FAILURE() << "taken: " << text;
  return {};
}

TEST(Registry, NamesAreUniqueInstancesAndNoWordsOfTheList) {
  std::set<std::string_view> names;
  for (const CollectorDefinition& definition : collector_registry()) {
    EXPECT_TRUE(names.insert(definition.name).second) << definition.name;
    EXPECT_TRUE(protocol::is_metric_name(definition.name)) << definition.name;
    EXPECT_NE(definition.name, "default");
    EXPECT_NE(definition.name, "all");
  }
}

TEST(Registry, EachRowMakesItsCollector) {
  const CollectorContext context{{}, [] { return OwnFigures{}; }};
  for (const CollectorDefinition& definition : collector_registry()) {
    if (definition.name == kCollectorDurations) continue;  // that is CollectorSet's
    ASSERT_NE(definition.make, nullptr) << definition.name;
    EXPECT_NE(definition.make(context), nullptr) << definition.name;
  }
}

TEST(Registry, ThoseThatAlwaysRunGiveTheFieldsOfAReading) {
  TempTree tree;
  tree.lay_out("debian-12-vm");
  const hostwatch::test::LogCapture log;
  CollectorNames always;
  for (const CollectorDefinition& definition : collector_registry()) {
    if (definition.runs == Runs::always) always.push_back(definition.name);
  }
  CollectorSet set(make_collectors(always, {tree.roots()}));
  set.collect(at(0));
  const Collected collected = set.collect(at(1));
  EXPECT_TRUE(collected.cpu);
  EXPECT_TRUE(collected.ram);
  EXPECT_TRUE(collected.disk);
}

TEST(Registry, OnlyTheChosenCollectorsAreMade) {
  TempTree tree;
  tree.lay_out("debian-12-vm");
  CollectorSet set(make_collectors(chosen_by("-load,-network"), {tree.roots()}));
  const Values values = by_name(set.collect(at(0)));
  EXPECT_FALSE(values.contains("load1"));
  EXPECT_TRUE(values.contains("uptime_seconds"));
}

TEST(Registry, WhereNothingIsDeliveredTheAgentHasNothingToSayOfItself) {
  for (const NamedCollector& named : make_collectors(default_collectors(), {}))
    EXPECT_NE(named.name, "agent");
}

TEST(CollectorList, ByDefaultAllRunButThoseOnRequest) {
  EXPECT_THAT(default_collectors(), ElementsAre("cpu", "memory", "filesystems", "disk_io", "network", "load",
                                                "pressure", "uptime", "agent"));
  EXPECT_EQ(chosen_by("default"), default_collectors());
}

TEST(CollectorList, AMinusTakesOneFromTheDefault) {
  EXPECT_THAT(chosen_by("-pressure,-network"),
              ElementsAre("cpu", "memory", "filesystems", "disk_io", "load", "uptime", "agent"));
}

TEST(CollectorList, NamesAreAddedToThoseThatAlwaysRun) {
  EXPECT_THAT(chosen_by("uptime,load"), ElementsAre("cpu", "memory", "filesystems", "load", "uptime"));
  EXPECT_THAT(chosen_by("cpu"), ElementsAre("cpu", "memory", "filesystems"));
}

TEST(CollectorList, AllIsEveryOne) {
  EXPECT_EQ(chosen_by("all").size(), collector_registry().size());
  EXPECT_THAT(chosen_by("all,-load"), AllOf(Contains(kCollectorDurations), Not(Contains("load"))));
}

TEST(CollectorList, DefaultWithANameAddsOneOnRequest) {
  EXPECT_THAT(default_collectors(), Not(Contains(kCollectorDurations)));
  EXPECT_THAT(chosen_by("default,agent_collectors"), AllOf(Contains("load"), Contains(kCollectorDurations)));
  EXPECT_EQ(chosen_by("default,agent_collectors,-agent_collectors"), default_collectors());
}

TEST(CollectorList, IsReadFromLeftToRightAndEachStandsOnce) {
  EXPECT_THAT(chosen_by("-load,load"), Contains("load"));
  EXPECT_THAT(chosen_by("load,-load"), Not(Contains("load")));
  EXPECT_EQ(chosen_by("load,load,default"), default_collectors());
}

TEST(CollectorList, BlanksAndEmptyItemsDoNotCount) {
  EXPECT_EQ(chosen_by(" -load ,\t-network,,"), chosen_by("-load,-network"));
}

TEST(CollectorList, AnUnknownNameIsRefusedWithThoseThatThereAre) {
  for (const char* text : {"presure", "-presure", "load,presure", "Load", "--load", "default,al"}) {
    EXPECT_THAT(why_not(text), AllOf(HasSubstr("there is no collector '"), HasSubstr("cpu, memory"),
                                     HasSubstr("pressure, uptime, agent, agent_collectors")))
        << text;
  }
  EXPECT_THAT(why_not("x\x1b[2J"), Not(HasSubstr("\x1b")));
  EXPECT_LT(why_not(std::string(10'000, 'x')).size(), 400U);
}

TEST(CollectorList, WhatEveryReadingNeedsCannotBeSwitchedOff) {
  for (const std::string name : {"cpu", "memory", "filesystems"}) {
    EXPECT_EQ(why_not("-" + name),
              "'" + name +
                  "' cannot be switched off: every reading needs the values of cpu, memory, "
                  "filesystems");
  }
}

TEST(CollectorList, AHyphenGoesBeforeANameAlone) {
  for (const char* text : {"-", "-all", "load,-default"}) {
    EXPECT_THAT(why_not(text), HasSubstr("takes nothing away")) << text;
  }
}

TEST(CollectorList, WithoutAnItemIsRefused) {
  for (const char* text : {"", ",", " , "}) EXPECT_THAT(why_not(text), HasSubstr("names no collector"));
}

}  // namespace
}  // namespace hostwatch::agent::test
