// A 200 means on disk: whatever was acknowledged before a kill is there afterwards, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <csignal>
#include <random>

#include "tests/integration/ledger.h"
#include "tests/integration/programs.h"
#include "tests/integration/raw_http.h"

namespace hostwatch::testing {
namespace {

std::unique_ptr<LedgerClient> client_of(const Server& server, int number, std::int64_t first,
                                        std::size_t array_size) {
  return std::make_unique<LedgerClient>(
      server.port(),
      LedgerSettings{
          .hostname = "host-" + std::to_string(number), .first_timestamp = first, .array_size = array_size});
}

/// Killed again and again while clients post: HOSTWATCH_KILLS times.
class KilledServer : public ::testing::Test {
 protected:
  static constexpr int kClients = 20;

  KilledServer() : next_(kClients, unix_now() - 5 * 86400) {}

  /// One life of the server: killed somewhere in the work, after a random number of acknowledged readings, up
  /// to well beyond where filing starts; then everything acknowledged must be there.
  void live_and_die() {
    auto server = std::make_unique<Server>(database_);
    std::vector<std::unique_ptr<LedgerClient>> clients;
    clients.reserve(kClients);
    for (int i = 0; i < kClients; ++i)
      clients.push_back(client_of(*server, i, next_[static_cast<std::size_t>(i)], i % 4 == 0 ? 100U : 1U));
    const auto enough = std::uniform_int_distribution<std::size_t>(1, 15000)(random_);
    ASSERT_TRUE(eventually([&] {
      std::size_t sum = 0;
      for (const auto& client : clients) sum += client->acknowledged_so_far();
      return sum >= enough;
    }));
    server->process().signal(SIGKILL);
    EXPECT_EQ(server->process().wait(), 128 + SIGKILL);
    for (const auto& client : clients) client->join();

    server = std::make_unique<Server>(database_);
    EXPECT_EQ(server->client().Get("/health")->status, 200);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      lost_ += expect_ledger_kept(*server, *clients[i]);
      acknowledged_ += clients[i]->acknowledged().size();
      next_[i] = clients[i]->next();
    }
    ASSERT_EQ(server->process().stop(), 0);
    expect_sound(database_);
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  TemporaryFolder folder_;
  const std::string database_ = folder_.file("metrics.db");
  std::vector<std::int64_t> next_;
  std::size_t acknowledged_ = 0;
  std::size_t lost_ = 0;
};

TEST_F(KilledServer, HasEverythingThatItAcknowledgedOnceAfterEveryKill) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  const int kills = number_from_environment("HOSTWATCH_KILLS", 40);
  for (int i = 0; i < kills && !HasFatalFailure(); ++i) live_and_die();
  std::cout << acknowledged_ << " readings acknowledged to " << kClients << " clients, " << lost_ << " lost, "
            << kills << " kills, seed " << seed_ << "\n";
}

TEST(Durability, AKillInTheMiddleOfFilingLosesNothing) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  const std::int64_t first = unix_now() - 5 * 86400;
  constexpr int kHosts = 4;
  constexpr std::int64_t kEach = 2000;  // in all more than the 5,000 with which filing starts
  int caught = 0;
  auto server = std::make_unique<Server>(database);
  for (int round = 0; round < 10; ++round) {
    const std::int64_t begin = first + round * kEach;
    nlohmann::json body = nlohmann::json::array();
    for (int host = 0; host < kHosts; ++host) {
      for (std::int64_t i = 0; i < kEach; ++i)
        body.push_back(reading("host-" + std::to_string(host), begin + i, value_at(begin + i)));
    }
    ASSERT_EQ(server->post(body)->status, 200);
    // The moment of the kill, somewhere in the few transactions that filing takes.
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 30000)(random)));
    server->process().signal(SIGKILL);
    ASSERT_EQ(server->process().wait(), 128 + SIGKILL);
    {
      // In a copy: looking would do the recovery that is the server's to do.
      TemporaryFolder copy;
      std::filesystem::copy_file(database, copy.file("metrics.db"));
      std::filesystem::copy_file(database + "-wal", copy.file("metrics.db-wal"));
      SQLite::Database left(copy.file("metrics.db"), SQLite::OPEN_READWRITE);
      EXPECT_EQ(left.execAndGet("PRAGMA integrity_check").getString(), "ok");
      const bool begun =
          left.execAndGet("SELECT total(readings) FROM tail").getInt64() > round * kHosts * kEach;
      const bool ended = left.execAndGet("SELECT count(*) FROM journal").getInt64() == 0;
      if (begun && !ended) ++caught;
    }
    server = std::make_unique<Server>(database);
    for (int host = 0; host < kHosts; ++host) {
      const auto stored = stored_readings(*server, "host-" + std::to_string(host), first, begin + kEach - 1);
      ASSERT_EQ(stored.size(), static_cast<std::size_t>((round + 1) * kEach)) << "round " << round;
      for (const auto& [timestamp, value] : stored) ASSERT_EQ(value, value_at(timestamp)) << timestamp;
    }
  }
  std::cout << "10 kills, " << caught
            << " of them between the first and the last transaction of filing, seed " << seed << "\n";
}

TEST(Durability, AStopUnderLoadTakesAtMostFiveSecondsAndKeepsWhatWasAcknowledged) {
  TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  const std::int64_t first = unix_now() - 5 * 86400;
  auto server = std::make_unique<Server>(database);
  // People who only look on, and senders that never finish: nobody waits for them.
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(std::make_unique<RawConnection>(server->port()));
    if (i % 10 == 0)
      idle.back()->send("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
  }
  std::vector<std::unique_ptr<LedgerClient>> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) {
    clients.push_back(client_of(*server, i, first, i % 2 == 0 ? 1 : 100));
  }
  ASSERT_TRUE(eventually([&] { return clients[0]->acknowledged_so_far() > 50; }));
  EXPECT_EQ(server->process().stop(), 0) << server->process().output();
  for (const auto& client : clients) client->join();
  server = std::make_unique<Server>(database);
  for (const auto& client : clients) expect_ledger_kept(*server, *client);
}

TEST(Durability, TheSameArrayAgainIsCountedAndNotStoredAlsoAfterAKillAndAfterFiling) {
  TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  const std::int64_t first = unix_now() - 20000;
  nlohmann::json body = nlohmann::json::array();
  for (int i = 0; i < 8000; ++i) body.push_back(reading("web-1", first + i));
  {
    Server server(database);
    EXPECT_EQ(nlohmann::json::parse(server.post(body)->body)["accepted"], 8000);
    // More than 5,000 readings wait: they are being filed, or already are.
    EXPECT_EQ(nlohmann::json::parse(server.post(body)->body)["duplicates"], 8000);
    server.process().signal(SIGKILL);
    server.process().wait();
  }
  Server server(database);
  EXPECT_EQ(nlohmann::json::parse(server.post(body)->body)["duplicates"], 8000);
  EXPECT_EQ(server.get("/data?step=0&hostname=web-1&from=" + std::to_string(first))["count"], 8000);
}

}  // namespace
}  // namespace hostwatch::testing
