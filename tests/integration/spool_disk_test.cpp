// The disk under the agent's spool, and the one under the server's database, are full or cannot be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/spool/spool.h"
#include "tests/integration/agent_under_test.h"
#include "tests/integration/fault_proxy.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMemoryLimit = (kSanitized ? 512U : 16U) << 20U;

/// A spool of undelivered readings, one a second up to a minute ago, as an agent of that name left it.
std::size_t leave_spool(const std::string& folder, const std::string& hostname, std::uint64_t bytes) {
  agent::SpoolSettings settings;
  settings.folder = folder;
  settings.max_bytes = bytes;
  settings.segment_bytes = 128U << 10U;  // as with --spool-max 1
  agent::Spool spool(settings);
  std::int64_t timestamp = unix_now() - 20000;
  for (; spool.statistics().bytes + 2048 < bytes; ++timestamp) {
    protocol::Reading reading{hostname, timestamp, value_at(timestamp), 2, 3, {}, std::nullopt};
    for (int i = 0; i < 40; ++i)
      reading.samples.push_back({"left_value", std::to_string(i), static_cast<double>(timestamp % 99 + i)});
    spool.push(reading);
  }
  return spool.statistics().waiting;
}

class SmallDisks : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(SmallDisks, AnAgentWhoseDiskIsFullGoesOnAndDropsTheOldestAndSaysHowMany) {
  const std::string spool = folder_.file("spool");
  const std::string left = folder_.file("left");
  std::filesystem::create_directory(spool);
  std::filesystem::create_directory(left);
  auto in_front = on_own_file_system(spool, "size=1m");
  if (in_front.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  const std::size_t backlog = leave_spool(left, "web-1", 900U << 10U);
  // What was left, then ballast until nothing more fits: the agent finds its disk full to the last byte.
  const std::string fill = "cp " + left + "/* " + spool + " && { cat /dev/zero > " + spool +
                           "/ballast 2>/dev/null; true; } && exec \"$@\"";
  in_front.insert(in_front.end(), {"sh", "-c", fill, "sh"});

  FaultProxy proxy(1);
  proxy.set({.kind = Fault::Kind::refused});
  AgentUnderTest agent(proxy.url(), "web-1", spool, {"--spool-max", "1"}, in_front);
  ASSERT_TRUE(agent.process().wait_for_line("from now on the oldest are dropped")) << agent.output();
  ASSERT_TRUE(eventually([&] { return agent.sampled().size() >= 5; })) << agent.output();
  EXPECT_LT(agent.process().resident_bytes(), kMemoryLimit);

  Server server(folder_.file("metrics.db"));
  proxy.retarget(server.port());
  proxy.heal();
  ASSERT_TRUE(agent.process().wait_for_line("recovered")) << agent.output();
  const std::set<std::int64_t> sampled = agent.sampled();
  std::map<std::int64_t, double> stored;
  const auto newest_is_there = [&] {
    stored = stored_readings(server, "web-1", unix_now() - 30000, unix_now() + 60);
    const bool all =
        std::all_of(sampled.begin(), sampled.end(), [&](auto one) { return stored.contains(one); });
    return all && stored.size() > sampled.size() + backlog / 2;
  };
  EXPECT_TRUE(eventually(newest_is_there)) << agent.output();
  // Whatever is missing was dropped, oldest first, and counted.
  const auto dropped_of = [&] {
    const nlohmann::json hosts = server.get("/hosts");
    return hosts["hosts"][0]["latest"]["metrics"].value("agent_dropped_readings", 0.0);
  };
  EXPECT_TRUE(eventually([&] {
    stored = stored_readings(server, "web-1", unix_now() - 30000, *sampled.begin() - 1);
    return static_cast<double>(backlog - stored.size()) == dropped_of();
  })) << backlog
      << " were left, " << stored.size() << " stored, " << dropped_of() << " dropped\n"
      << agent.output();
  EXPECT_GT(dropped_of(), 0);
  ASSERT_FALSE(stored.empty());
  EXPECT_EQ(stored.rbegin()->first - stored.begin()->first + 1, static_cast<std::int64_t>(stored.size()))
      << "not the oldest were dropped";
  EXPECT_LT(agent.process().resident_bytes(), kMemoryLimit);
  std::cout << backlog << " readings left, " << dropped_of() << " dropped for want of room, "
            << agent.process().resident_bytes() / 1024 << " KiB resident\n";
}

TEST_F(SmallDisks, AnAgentWhoseSpoolCannotBeWrittenGoesOnInMemoryAndSaysSo) {
  const std::string spool = folder_.file("spool");
  std::filesystem::create_directory(spool);
  const auto in_front = on_own_file_system(spool, "size=1m,ro");
  if (in_front.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  Server server(folder_.file("metrics.db"));
  FaultProxy proxy(server.port());
  proxy.set({.kind = Fault::Kind::refused});
  AgentUnderTest agent(proxy.url(), "web-1", spool, {}, in_front);
  const auto said = agent.process().wait_for_line("the spool cannot be written");
  EXPECT_THAT(said.value_or(agent.output()), HasSubstr("Read-only file system"));
  ASSERT_TRUE(eventually([&] { return agent.sampled().size() >= 3; })) << agent.output();
  proxy.heal();
  expect_sampled_stored(server, agent);
  EXPECT_LT(agent.process().resident_bytes(), kMemoryLimit);
}

TEST_F(SmallDisks, AServerWhoseDiskIsFullAndThenFreedCostsNoReading) {
  const std::string data = folder_.file("data");
  std::filesystem::create_directory(data);
  const auto in_front = on_own_file_system(data, "size=2m");
  if (in_front.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  Server server(data + "/metrics.db", 0, {}, in_front);
  const std::string ballast = "/proc/" + std::to_string(server.process().pid()) + "/root" + data + "/ballast";
  std::vector<std::unique_ptr<AgentUnderTest>> agents;
  for (const std::string name : {"web-1", "web-2", "web-3"})
    agents.push_back(std::make_unique<AgentUnderTest>(server.url(), name, folder_.file(name)));
  LedgerClient client(server.port(), {.hostname = "client",
                                      .first_timestamp = unix_now() - 5 * 86400,
                                      .endures = true,
                                      .pause = std::chrono::milliseconds(20)});
  for (const auto& agent : agents)
    ASSERT_TRUE(agent->process().wait_for_line("connected")) << agent->output();
  {
    std::ofstream all(ballast);
    const std::string piece(4096, 'x');
    while (all.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
    }
  }
  for (const auto& agent : agents)
    ASSERT_TRUE(agent->process().wait_for_line(" lost: HTTP 503")) << agent->output();
  EXPECT_EQ(server.client().Get("/health")->status, 503);
  std::filesystem::remove(ballast);
  EXPECT_TRUE(eventually([&] { return server.client().Get("/health")->status == 200; }));
  std::size_t sampled = 0;
  for (const auto& agent : agents) {
    ASSERT_TRUE(agent->process().wait_for_line("recovered")) << agent->output();
    sampled += expect_sampled_stored(server, *agent);
  }
  client.stop();
  expect_ledger_kept(server, client);
  std::cout << sampled << " readings sampled and " << client.acknowledged().size()
            << " acknowledged, 0 lost\n";
}

}  // namespace
}  // namespace hostwatch::testing
