// GET /fleet of the real server: over what is stored and over what an agent has just sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

TEST(Fleet, TellsTheSpreadOverAllHostsAlsoAfterARestartOfTheServer) {
  TemporaryFolder folder;
  auto server = std::make_unique<Server>(folder.file("metrics.db"));
  const std::int64_t begin = unix_now() / 60 * 60 - 600;
  nlohmann::json readings = nlohmann::json::array();
  for (int host = 1; host <= 5; ++host) {
    for (int i = 0; i < 6; ++i) {
      readings.push_back(reading("web-" + std::to_string(host), begin + 10 * i, host * 10));
    }
  }
  ASSERT_EQ(server->post(readings)->status, 200);

  const std::string past = "/fleet?metric=cpu&step=60&top=1&by=maximum&from=" + std::to_string(begin) +
                           "&to=" + std::to_string(begin + 59);
  const nlohmann::json expected = {{"metric", "cpu"},
                                   {"combine", "highest"},
                                   {"step", 60},
                                   {"from", begin},
                                   {"to", begin + 59},
                                   {"hosts", 5},
                                   {"timestamps", {begin}},
                                   {"count", {5}},
                                   {"minimum", {10}},
                                   {"median", {30}},
                                   {"p95", {48}},
                                   {"maximum", {50}},
                                   {"top", {{{"hostname", "web-5"}, {"average", 50}, {"maximum", 50}}}}};
  EXPECT_EQ(server->get(past), expected);
  const int port = server->port();
  ASSERT_EQ(server->process().stop(), 0);
  server = std::make_unique<Server>(folder.file("metrics.db"), port);
  EXPECT_EQ(server->get(past), expected);

  AgentUnderTest agent(server->url(), "db-1", folder.file("spool"), {"--tag", "role=db"});
  const std::string tagged = "/fleet?metric=memory_total_bytes&timeframe=15m&tag=role=db&top=5";
  ASSERT_TRUE(eventually([&] { return server->get(tagged)["hosts"] == 1; })) << agent.output();
  EXPECT_EQ(server->get(tagged)["top"][0]["hostname"], "db-1");
  EXPECT_GT(server->get(tagged)["top"][0]["average"], 0);
}

}  // namespace
}  // namespace hostwatch::testing
