// A host's tags: from the agent's command line to what the server can be asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

nlohmann::json tags_of(const Server& server, const std::string& name) {
  const nlohmann::json hosts = server.get("/hosts");
  for (const auto& host : hosts["hosts"]) {
    if (host["hostname"] == name) return host["facts"].value("tags", nlohmann::json());
  }
  return {};
}

TEST(Tags, OfAnAgentAreShownFilterTheHistoryAndChangeWithItsRestart) {
  TemporaryFolder folder;
  Server server(folder.file("metrics.db"));
  ASSERT_EQ(server.post(reading("untagged", unix_now()))->status, 200);
  const nlohmann::json database = {{"role", "db"}, {"site", "fra"}};
  {
    AgentUnderTest agent(server.url(), "web-1", folder.file("spool"),
                         {"--tag", "role=db", "--tag", "site=fra"});
    ASSERT_TRUE(eventually([&] { return tags_of(server, "web-1") == database; })) << agent.output();
    const auto rows = server.get("/data?step=0&tag=role=db&tag=site=fra");
    EXPECT_GE(rows["count"], 1);
    for (const auto& row : rows["data"]) EXPECT_EQ(row["hostname"], "web-1");
    EXPECT_EQ(server.get("/data?tag=role=web")["count"], 0);
    EXPECT_EQ(agent.stop(), 0) << agent.output();
  }
  AgentUnderTest agent(server.url(), "web-1", folder.file("spool"), {"--tag", "role=web"});
  ASSERT_TRUE(eventually([&] {
    return tags_of(server, "web-1") == nlohmann::json{{"role", "web"}};
  })) << agent.output();
  EXPECT_GE(server.get("/data?tag=role=web")["count"], 1);
  EXPECT_EQ(server.get("/data?tag=role=db")["count"], 0);
}

}  // namespace
}  // namespace hostwatch::testing
