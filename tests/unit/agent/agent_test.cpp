// All parts of the agent together, against a server on this machine and with clocks that a test sets.
#include "agent/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/unit/agent/delivery/eventually.h"
#include "tests/unit/agent/delivery/stand_in_server.h"

namespace hostwatch::agent::test {
namespace {

constexpr std::int64_t kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

class AgentTest : public ::testing::Test {
 protected:
  AgentTest() {
    options.hostname = "web-1";
    options.hostname_given = true;
    options.interval = std::chrono::seconds(1);
    options.spool = folder.file("spool");
    options.spool_given = true;
    options.server_url = server.url();
    clocks.unix_seconds = [] { return kNow; };
  }

  nlohmann::json first_reading() const {
    const nlohmann::json body = server.received().at(0).json();
    return body.is_array() ? body.at(0) : body;
  }

  hostwatch::test::TemporaryFolder folder;
  StandInServer server{[](const auto& received, std::size_t, auto& response) { say_ok(received, response); }};
  Options options;
  Clocks clocks = system_clocks();
};

TEST_F(AgentTest, BringsAReadingToTheServerStampedByItsClock) {
  Agent agent(options, clocks);
  agent.start();
  ASSERT_TRUE(eventually([&] { return server.requests() != 0; }));
  EXPECT_TRUE(agent.stop());
  const nlohmann::json reading = first_reading();
  EXPECT_EQ(reading["hostname"], "web-1");
  EXPECT_EQ(reading["timestamp"], kNow);
  EXPECT_TRUE(reading["metrics"].contains("load1"));
  EXPECT_TRUE(reading["metrics"].contains("agent_waiting_readings"));
  EXPECT_FALSE(reading["metrics"].contains("agent_collector_seconds")) << "that is on request";
}

TEST_F(AgentTest, RunsTheCollectorsThatAreChosen) {
  options.collectors = std::get<CollectorNames>(parse_collector_list("uptime,agent_collectors"));
  Agent agent(options, clocks);
  agent.start();
  ASSERT_TRUE(eventually([&] { return server.requests() != 0; }));
  EXPECT_TRUE(agent.stop());
  const nlohmann::json metrics = first_reading()["metrics"];
  EXPECT_FALSE(metrics.contains("load1"));
  EXPECT_FALSE(metrics.contains("agent_waiting_readings"));
  EXPECT_TRUE(metrics.contains("uptime_seconds"));
  for (const char* name : {"cpu", "memory", "filesystems", "uptime"}) {
    EXPECT_GT(metrics["agent_collector_seconds"].value(name, 0.0), 0) << name;
  }
}

TEST_F(AgentTest, WhatOneLifeDidNotDeliverTheNextDoesAndNoStampComesTwice) {
  const net::ServerUrl server_url = options.server_url;
  options.server_url.port = 1;  // nobody there
  std::atomic<int> stamped = 0;
  clocks.unix_seconds = [&stamped] {
    ++stamped;
    return kNow;
  };
  {
    Agent agent(options, clocks);
    agent.start();
    ASSERT_TRUE(eventually([&] { return stamped != 0; }));
    EXPECT_TRUE(agent.stop());
  }
  options.server_url = server_url;
  Agent agent(options, clocks);
  agent.start();
  const auto timestamps = [this] {
    std::vector<std::int64_t> result;
    for (const auto& received : server.received()) {
      nlohmann::json body = received.json();
      if (!body.is_array()) body = nlohmann::json::array({body});
      for (const auto& reading : body) result.push_back(reading["timestamp"]);
    }
    return result;
  };
  EXPECT_TRUE(eventually([&] { return timestamps().size() >= 2; }));
  EXPECT_TRUE(agent.stop());
  EXPECT_THAT(timestamps(), ::testing::IsSupersetOf({kNow, kNow + 1}));
}

TEST_F(AgentTest, ASpoolThatAnotherAgentUsesIsRefusedWhereItWasAskedFor) {
  const Agent one(options, clocks);
  EXPECT_THROW(Agent(options, clocks), SpoolInUse);
}

}  // namespace
}  // namespace hostwatch::agent::test
