// Many agents that keep their connections, on a small fixed pool.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/programs.h"
#include "tests/integration/raw_http.h"

namespace hostwatch::testing {
namespace {

int threads_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  int threads = 0;
  while (status >> word) {
    if (word == "Threads:") status >> threads;
  }
  return threads;
}

std::string request_for(const nlohmann::json& body) {
  const std::string text = body.dump();
  return "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(text.size()) + "\r\n\r\n" + text;
}

TEST(Scale, FiveHundredKeptAliveAgentsAreServedByAtMostSeventeenThreads) {
  TemporaryFolder folder;
  Server server(folder.file("metrics.db"));
  const std::int64_t now = unix_now();
  std::vector<std::unique_ptr<RawConnection>> agents;
  for (int i = 0; i < 500; ++i) agents.push_back(std::make_unique<RawConnection>(server.port()));
  const std::string wanted = R"({"status":"ok","accepted":1,"duplicates":0})";
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < agents.size(); ++i) {
      ASSERT_TRUE(agents[i]->send(request_for(reading("host-" + std::to_string(i), now - 3 + round))));
    }
    EXPECT_EQ(server.client().Get("/health")->status, 200);
    for (const auto& agent : agents) {
      std::string answer;
      while (answer.find(wanted) == std::string::npos) {
        const std::string more = agent->receive(1);
        ASSERT_FALSE(more.empty()) << answer;
        answer += more;
      }
      EXPECT_EQ(status_of(answer), 200);
    }
  }
  EXPECT_EQ(server.get("/hosts")["count"], 500);
  EXPECT_EQ(server.get("/data?step=0")["count"], 1500);
  EXPECT_LE(threads_of(server.process().pid()), 17);
}

TEST(Scale, RequestsSentWithoutWaitingAreAnsweredInOrder) {
  TemporaryFolder folder;
  Server server(folder.file("metrics.db"));
  RawConnection connection(server.port());
  const std::int64_t now = unix_now();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += request_for(reading("web-1", now - 20 + i));
    requests += i % 2 == 0 ? "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                           : "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  connection.send(requests + "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  std::string all = connection.receive(1 << 20);
  std::vector<int> statuses;
  for (std::size_t at = all.find("HTTP/1.1 "); at != std::string::npos; at = all.find("HTTP/1.1 ", at + 1)) {
    statuses.push_back(status_of(std::string_view(all).substr(at)));
  }
  ASSERT_EQ(statuses.size(), 41U);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(statuses[i], i % 4 == 3 ? 404 : 200) << i;
}

}  // namespace
}  // namespace hostwatch::testing
