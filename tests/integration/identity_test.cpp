// Two machines under one name: the server tells them apart by the identity that each agent keeps in its
// spool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

class Identity : public ::testing::Test {
 protected:
  nlohmann::json host(const std::string& name) const {
    const nlohmann::json hosts = server_.get("/hosts");
    for (const auto& one : hosts["hosts"]) {
      if (one["hostname"] == name) return one;
    }
    return nlohmann::json::object();
  }

  TemporaryFolder folder_;
  Server server_{folder_.file("metrics.db")};
};

TEST_F(Identity, OfTwoAgentsWithOneNameIsToldAsAConflict) {
  AgentUnderTest one(server_.url(), "web-1", folder_.file("one"));
  ASSERT_TRUE(one.process().wait_for_line("connected")) << one.output();
  ASSERT_TRUE(host("web-1").contains("agents"));
  EXPECT_FALSE(host("web-1").contains("conflict"));
  AgentUnderTest other(server_.url(), "web-1", folder_.file("other"));
  EXPECT_TRUE(eventually([&] { return host("web-1").contains("conflict"); })) << host("web-1").dump(1);
  EXPECT_EQ(host("web-1")["agents"].size(), 2U) << host("web-1").dump(1);
}

TEST_F(Identity, OfAnAgentOutlivesItsKillAndIsNoConflict) {
  AgentUnderTest agent(server_.url(), "web-1", folder_.file("one"));
  ASSERT_TRUE(agent.process().wait_for_line("connected")) << agent.output();
  ASSERT_TRUE(host("web-1").contains("agents"));
  const auto before = host("web-1")["agents"][0]["identity"];
  agent.kill();
  agent.start();
  ASSERT_TRUE(agent.process().wait_for_line("connected")) << agent.output();
  const auto now = host("web-1");
  EXPECT_EQ(now["agents"].size(), 1U) << now.dump(1);
  EXPECT_EQ(now["agents"][0]["identity"], before);
  EXPECT_FALSE(now.contains("conflict")) << now.dump(1);
}

}  // namespace
}  // namespace hostwatch::testing
