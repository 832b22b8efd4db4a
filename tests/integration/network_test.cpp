// The line between agent and server is cut, swallows answers, or loses packets: in network namespaces, where
// the kernel's own TCP meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"
#include "tests/integration/network_namespaces.h"

namespace hostwatch::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Line : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!line_.unavailable().empty()) GTEST_SKIP() << "no network of its own: " << line_.unavailable();
    start_server(0);
    agent_ = std::make_unique<AgentUnderTest>("http://" + std::string(NetworkNamespaces::kServerAddress) +
                                                  ":" + std::to_string(server_->port()) + "/metrics",
                                              "web-1", folder_.file("spool"), std::vector<std::string>{},
                                              line_.agent_side());
    ASSERT_TRUE(agent_->process().wait_for_line("connected")) << agent_->output();
  }

  void start_server(int port) {
    server_ = std::make_unique<Server>(folder_.file("metrics.db"), port,
                                       std::vector<std::string>{"--listen", "0.0.0.0", "--insecure"},
                                       line_.server_side());
  }

  /// From now on the agent cannot deliver; waits until it says so.
  void expect_noticed() {
    const auto begin = steady_clock::now();
    EXPECT_TRUE(agent_->process().wait_for_line(" lost: ")) << agent_->output();
    std::cout << "noticed after " << std::chrono::duration<double>(steady_clock::now() - begin).count()
              << " s\n";
  }

  void expect_recovery() {
    const auto begin = steady_clock::now();
    EXPECT_TRUE(agent_->process().wait_for_line("recovered")) << agent_->output();
    std::cout << "recovered after " << std::chrono::duration<double>(steady_clock::now() - begin).count()
              << " s, ";
    line_.on_server_side([&] {
      std::cout << expect_sampled_stored(*server_, *agent_) << " readings sampled, 0 lost, "
                << server_figure(*server_, "readings_duplicate_total") << " sent twice\n";
      EXPECT_EQ(server_figure(*server_, "readings_conflicting_total"), 0);
    });
  }

  TemporaryFolder folder_;
  NetworkNamespaces line_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<AgentUnderTest> agent_;
};

TEST_F(Line, ThatIsCutAndPluggedInAgainCostsNoReading) {
  line_.set_cable(false);
  expect_noticed();
  line_.set_cable(true);
  expect_recovery();
}

TEST_F(Line, OnWhichOnlyTheAnswersAreLostCostsNoReadingAndStoresNoneTwice) {
  line_.set_answers_lost(true);
  expect_noticed();
  line_.set_answers_lost(false);
  expect_recovery();
}

TEST_F(Line, ThatIsCutWhileTheServerIsKilledLeavesAHalfOpenConnectionThatIsGivenUp) {
  line_.set_cable(false);
  const int port = server_->port();
  server_->process().signal(SIGKILL);  // nobody can tell the agent
  server_->process().wait();
  start_server(port);
  expect_noticed();
  line_.set_cable(true);
  expect_recovery();
}

TEST_F(Line, ThatSwallowsAThirdOfTheAnswersPacketsInBurstsCostsNoReading) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int burst = 0; burst < 20; ++burst) {
    line_.set_answers_lost(true);
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(0, 400)(random)));
    line_.set_answers_lost(false);
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(0, 800)(random)));
  }
  line_.on_server_side([&] { expect_sampled_stored(*server_, *agent_); });
}

}  // namespace
}  // namespace hostwatch::testing
