// Agents and server are killed, or frozen, at any moment: every reading that an agent has put into its spool
// is stored once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <random>
#include <thread>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/fault_proxy.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

using std::chrono::milliseconds;

/// Six agents behind a proxy, through which they find a server that is killed and started again.
class SixAgents : public ::testing::Test {
 protected:
  static constexpr int kAgents = 6;

  SixAgents() {
    for (int i = 0; i < kAgents; ++i) {
      const std::string name = "host-" + std::to_string(i);
      agents_.push_back(std::make_unique<AgentUnderTest>(proxy_.url(), name, folder_.file(name)));
    }
  }

  void start_server() {
    server_ = std::make_unique<Server>(folder_.file("metrics.db"));
    proxy_.retarget(server_->port());
  }
  void kill_server() {
    server_->process().signal(SIGKILL);
    server_->process().wait();
    ++server_kills_;
  }

  /// The moment of the next kill: somewhere in two intervals of the agents.
  void wait_a_while() {
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(0, 2000)(random_)));
  }

  /// Half of the agents, each at a moment of its own.
  void kill_agents() {
    std::shuffle(agents_.begin(), agents_.end(), random_);
    for (std::size_t i = 0; i < agents_.size() / 2; ++i) {
      agents_[i]->kill();
      agents_[i]->start();
      std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(0, 200)(random_)));
    }
  }

  /// One more reading than there was of each, so that the last kill is followed by life.
  void expect_everything_stored() {
    std::size_t sampled = 0;
    std::size_t kills = 0;
    for (const auto& agent : agents_) {
      const std::size_t before = agent->sampled().size();
      ASSERT_TRUE(eventually([&] { return agent->sampled().size() > before; })) << agent->output();
      sampled += expect_sampled_stored(*server_, *agent);
      ASSERT_FALSE(HasFailure());  // the others would take as long
      kills += agent->kills();
    }
    EXPECT_EQ(server_figure(*server_, "readings_conflicting_total"), 0);
    std::cout << sampled << " readings sampled, " << kills << " kills of agents, " << server_kills_
              << " of servers, seed " << seed_ << "\n";
  }

  const unsigned seed_ = std::random_device()();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  const int rounds_ = number_from_environment("HOSTWATCH_KILLS", 5 * kAgents / 2) / (kAgents / 2);
  TemporaryFolder folder_;
  std::unique_ptr<Server> server_ = std::make_unique<Server>(folder_.file("metrics.db"));
  FaultProxy proxy_{server_->port()};
  std::size_t server_kills_ = 0;
  std::vector<std::unique_ptr<AgentUnderTest>> agents_;
};

TEST_F(SixAgents, LoseNothingOfTheirSpoolsWhenKilledWhileTheServerIsThere) {
  for (int round = 0; round < rounds_; ++round) {
    wait_a_while();
    kill_agents();
  }
  expect_everything_stored();
}

TEST_F(SixAgents, LoseNothingOfTheirSpoolsWhenKilledWhileTheServerIsAway) {
  ASSERT_TRUE(eventually([&] { return server_figure(*server_, "readings_accepted_total") >= kAgents; }));
  kill_server();
  for (int round = 0; round < rounds_; ++round) {
    wait_a_while();
    kill_agents();
  }
  start_server();
  expect_everything_stored();
}

TEST_F(SixAgents, LoseNothingOfTheirSpoolsWhenTheyAndTheServerAreKilled) {
  for (int round = 0; round < rounds_; ++round) {
    wait_a_while();
    kill_server();
    if (round % 2 == 0) start_server();
    kill_agents();
    if (round % 2 != 0) start_server();
  }
  expect_everything_stored();
  ASSERT_EQ(server_->process().stop(), 0);
  expect_sound(folder_.file("metrics.db"));
}

TEST_F(SixAgents, ThatWereFrozenGoOnWhereTheyWere) {
  for (const auto& agent : agents_) ASSERT_TRUE(agent->process().wait_for_line("connected"));
  for (const auto& agent : agents_) agent->process().signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::seconds(5));  // what they miss
  for (const auto& agent : agents_) agent->process().signal(SIGCONT);
  expect_everything_stored();
}

TEST_F(SixAgents, NoticeAServerThatIsFrozenAndDeliverWhenItGoesOn) {
  LedgerClient client(server_->port(), {.hostname = "client",
                                        .first_timestamp = unix_now() - 86400,
                                        .endures = true,
                                        .pause = milliseconds(5),
                                        .answer_within = std::chrono::seconds(3)});
  ASSERT_TRUE(eventually([&] { return client.acknowledged_so_far() > 10; }));
  for (const auto& agent : agents_) ASSERT_TRUE(agent->process().wait_for_line("connected"));
  server_->process().signal(SIGSTOP);
  bool noticed = true;
  for (const auto& agent : agents_) noticed = noticed && agent->process().wait_for_line(" lost: ");
  server_->process().signal(SIGCONT);
  EXPECT_TRUE(noticed);
  expect_everything_stored();
  client.stop();
  expect_ledger_kept(*server_, client);
}

TEST_F(SixAgents, AndTheServerStopInTimeUnderFireAndLoseNothing) {
  std::vector<std::unique_ptr<LedgerClient>> clients;
  clients.reserve(20);
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<LedgerClient>(server_->port(),
                                                     LedgerSettings{.hostname = "client-" + std::to_string(i),
                                                                    .first_timestamp = unix_now() - 5 * 86400,
                                                                    .array_size = i % 4 == 0 ? 100U : 1U}));
  }
  ASSERT_TRUE(eventually([&] { return clients[1]->acknowledged_so_far() > 50; }));
  EXPECT_EQ(server_->process().stop(), 0) << server_->process().output();
  for (const auto& agent : agents_) {
    EXPECT_EQ(agent->stop(), 0) << agent->output();
    agent->start();
  }
  start_server();
  for (const auto& client : clients) {
    client->join();
    expect_ledger_kept(*server_, *client);
  }
  expect_everything_stored();
}

}  // namespace
}  // namespace hostwatch::testing
