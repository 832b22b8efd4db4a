// From the agent's host to the history: both programs, as a user has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"
#include "tests/integration/programs.h"
#include "tests/integration/raw_http.h"

namespace hostwatch::testing {
namespace {

class WholePath : public ::testing::Test {
 protected:
  nlohmann::json host(const Server& server, const std::string& name) const {
    const nlohmann::json hosts = server.get("/hosts");
    for (const auto& candidate : hosts["hosts"]) {
      if (candidate["hostname"] == name) return candidate;
    }
    return {};
  }
  static std::size_t stored(const Server& server, const std::string& name) {
    return server.get("/data?step=0&hostname=" + name)["count"].get<std::size_t>();
  }

  /// One reading a second, of an agent whose spool goes with the test.
  std::unique_ptr<Process> start_agent(const std::string& url) const {
    return std::make_unique<Process>(std::vector<std::string>{
        HOSTWATCH_AGENT_PROGRAM, "--server-url", url, "--interval", "1", "--hostname", "web-1", "--spool",
        folder_.file("spool"), "--log-level", "debug"});
  }

  /// All that the agent took is there, once.
  static void expect_all_taken(const Server& server, const Process& agent) {
    const auto taken = sampled_readings(agent.output());
    ASSERT_FALSE(taken.empty());
    EXPECT_TRUE(eventually([&] {
      const auto there = stored_readings(server, "web-1", *taken.begin(), *taken.rbegin());
      return std::all_of(taken.begin(), taken.end(), [&](std::int64_t time) { return there.contains(time); });
    })) << agent.output();
  }

  TemporaryFolder folder_;
};

TEST_F(WholePath, AnAgentsHostAppearsWithItsFactsAndItsHistoryGrows) {
  Server server(folder_.file("metrics.db"));
  const auto agent = start_agent(server.url());
  ASSERT_TRUE(eventually([&] { return stored(server, "web-1") >= 2; })) << agent->output();

  const auto found = host(server, "web-1");
  EXPECT_EQ(found["status"], "up");
  EXPECT_EQ(found["interval"], 1);
  EXPECT_FALSE(found["facts"]["os"].get<std::string>().empty());
  EXPECT_EQ(found["facts"]["agent_version"], HOSTWATCH_VERSION);
  EXPECT_GT(found["facts"]["cpu_cores"], 0);
  EXPECT_FALSE(found["facts"]["kernel"].get<std::string>().empty());
  for (const char* metric : {"load1", "memory_total_bytes", "uptime_seconds", "cpu_state_percent"}) {
    EXPECT_TRUE(found["latest"]["metrics"].contains(metric)) << metric;
  }
  const auto row = server.get("/data?step=0&hostname=web-1")["data"][0];
  for (const char* field : {"cpu", "ram", "disk"}) {
    EXPECT_GE(row[field], 0) << field;
    EXPECT_LE(row[field], 100) << field;
  }
}

TEST_F(WholePath, BothProgramsEndWithStatusZeroWhenTold) {
  Server server(folder_.file("metrics.db"));
  const auto agent = start_agent(server.url());
  ASSERT_TRUE(eventually([&] { return stored(server, "web-1") >= 1; }));
  EXPECT_EQ(agent->stop(), 0) << agent->output();
  EXPECT_EQ(server.process().stop(SIGINT), 0) << server.process().output();
}

TEST_F(WholePath, AnAgentEndsWhenToldAlsoWhereTheServerIsAwayOrFrozen) {
  Server server(folder_.file("metrics.db"));
  auto agent = start_agent(server.url());
  ASSERT_TRUE(eventually([&] { return stored(server, "web-1") >= 1; }));
  server.process().signal(SIGSTOP);
  // It waits for an answer now, or is about to.
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(agent->stop(), 0) << agent->output();
  server.process().signal(SIGCONT);

  ASSERT_EQ(server.process().stop(), 0);
  agent = start_agent(server.url());
  ASSERT_TRUE(agent->wait_for_line("not delivered")) << agent->output();
  EXPECT_EQ(agent->stop(SIGINT), 0) << agent->output();
}

TEST_F(WholePath, WhatWasReadWhileTheServerWasFrozenIsThereOnceWhenItGoesOn) {
  Server server(folder_.file("metrics.db"));
  const auto agent = start_agent(server.url());
  ASSERT_TRUE(eventually([&] { return stored(server, "web-1") >= 1; }));
  server.process().signal(SIGSTOP);
  const bool noticed = agent->wait_for_line("lost").has_value();
  server.process().signal(SIGCONT);
  EXPECT_TRUE(noticed) << agent->output();
  const std::int64_t back = unix_now();
  ASSERT_TRUE(eventually([&] { return host(server, "web-1")["last_seen"].get<std::int64_t>() > back + 1; }))
      << agent->output();
  expect_all_taken(server, *agent);
}

TEST_F(WholePath, WhatWasReadWhileTheServerWasAwayArrivesWhenItIsBack) {
  auto server = std::make_unique<Server>(folder_.file("metrics.db"));
  const int port = server->port();
  const auto agent = start_agent(server->url());
  ASSERT_TRUE(eventually([&] { return stored(*server, "web-1") >= 1; }));
  const auto before =
      server->get("/data?step=0&hostname=web-1")["data"].back()["timestamp"].get<std::int64_t>();
  ASSERT_EQ(server->process().stop(), 0);
  server.reset();
  // Three readings fall into the time without a server.
  ASSERT_TRUE(eventually([&] { return unix_now() >= before + 4; }));

  server = std::make_unique<Server>(folder_.file("metrics.db"), port);
  ASSERT_TRUE(eventually([&] {
    const auto newest = host(*server, "web-1")["last_seen"].get<std::int64_t>();
    return newest > before + 4;
  })) << agent->output();
  expect_all_taken(*server, *agent);
}

TEST_F(WholePath, HistoryIsThereAfterARestart) {
  const std::int64_t now = unix_now();
  {
    Server server(folder_.file("metrics.db"));
    for (int i = 0; i < 20; ++i) ASSERT_EQ(server.post(reading("web-1", now - 20 + i, i))->status, 200);
    ASSERT_EQ(server.process().stop(), 0);
  }
  Server server(folder_.file("metrics.db"));
  const auto rows = server.get("/data?step=0&hostname=web-1")["data"];
  ASSERT_EQ(rows.size(), 20U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(rows[static_cast<std::size_t>(i)]["timestamp"], now - 20 + i);
    EXPECT_EQ(rows[static_cast<std::size_t>(i)]["cpu"], i);
  }
  EXPECT_EQ(host(server, "web-1")["latest"]["cpu"], 19);
  EXPECT_EQ(nlohmann::json::parse(server.post(reading("web-1", now - 5, 15))->body)["duplicates"], 1);
}

TEST_F(WholePath, FiveFieldsAreEnoughAndOtherFieldsAreIgnored) {
  Server server(folder_.file("metrics.db"));
  auto body = reading("thermostat", unix_now());
  body["status"] = {{"nested", {1, 2, nullptr}}};
  const std::string text = body.dump();
  RawConnection connection(server.port());
  // No Content-Type, as small clients send it.
  connection.send("POST /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(text.size()) + "\r\n\r\n" + text);
  EXPECT_THAT(connection.receive(), ::testing::EndsWith(R"({"status":"ok","accepted":1,"duplicates":0})"));
}

TEST_F(WholePath, ReadingsOutOfOrderAreAnsweredInOrder) {
  Server server(folder_.file("metrics.db"));
  const std::int64_t now = unix_now();
  for (const int ago : {5, 1, 9, 3, 7}) ASSERT_EQ(server.post(reading("web-1", now - ago))->status, 200);
  std::vector<std::int64_t> agos;
  const nlohmann::json history = server.get("/data?step=0&hostname=web-1");
  for (const auto& row : history["data"]) {
    agos.push_back(now - row["timestamp"].get<std::int64_t>());
  }
  EXPECT_THAT(agos, ::testing::ElementsAre(9, 7, 5, 3, 1));
}

TEST_F(WholePath, AClockThatIsFarAheadIsToldSo) {
  Server server(folder_.file("metrics.db"));
  const auto result = server.post(reading("web-1", unix_now() + 900));
  EXPECT_EQ(result->status, 400);
  EXPECT_THAT(result->body, ::testing::ContainsRegex("timestamp is (899|900) s ahead of the server's clock"));
}

TEST_F(WholePath, AReadingOlderThanReadingsAreKeptIsToldSo) {
  Server server(folder_.file("metrics.db"), 0, {"--retention", "2h"});
  EXPECT_EQ(server.post(reading("web-1", unix_now() - 7000))->status, 200);
  const auto result = server.post(reading("web-1", unix_now() - 7300));
  EXPECT_EQ(result->status, 400);
  EXPECT_THAT(result->body, ::testing::HasSubstr("timestamp is older than readings are kept (7200"));
}

TEST_F(WholePath, AHostNameThatLooksLikeMarkupIsTextEverywhere) {
  const std::string name = "<img src=x onerror=alert(1)>\"\\";
  Server server(folder_.file("metrics.db"));
  ASSERT_EQ(server.post(reading(name, unix_now()))->status, 200);
  EXPECT_EQ(host(server, name)["hostname"], name);
  EXPECT_EQ(server.get("/data?step=0")["data"][0]["hostname"], name);
  const auto exposition = server.client().Get("/metrics");
  EXPECT_THAT(exposition->body,
              ::testing::HasSubstr(R"(hostwatch_host_up{hostname="<img src=x onerror=alert(1)>\"\\"} 1)"));
  EXPECT_EQ(server.post(reading("evil\nname", unix_now()))->status, 400);
  EXPECT_EQ(server.post(reading("evil\u202Ename", unix_now()))->status, 400);
}

}  // namespace
}  // namespace hostwatch::testing
