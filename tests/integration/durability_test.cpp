// A 200 means on disk: whatever was acknowledged before a kill is there afterwards, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <csignal>
#include <map>
#include <random>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

/// A client that posts until its server is gone, and writes down what was sent and what was acknowledged.
class LedgerClient {
 public:
  LedgerClient(const Server& server, std::string hostname, std::int64_t first_timestamp,
               std::size_t array_size)
      : hostname_(std::move(hostname)), next_(first_timestamp), array_size_(array_size) {
    thread_ = std::thread([this, client = server.client()]() mutable { run(client); });
  }
  ~LedgerClient() { join(); }
  LedgerClient(const LedgerClient&) = delete;
  LedgerClient& operator=(const LedgerClient&) = delete;

  /// The client ends when its server does.
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  const std::string& hostname() const { return hostname_; }
  std::int64_t next() const { return next_; }
  const std::vector<std::int64_t>& acknowledged() const { return acknowledged_; }
  std::size_t acknowledged_so_far() const { return count_; }

 private:
  void run(httplib::Client& client) {
    client.set_keep_alive(true);
    while (true) {
      nlohmann::json body = nlohmann::json::array();
      for (std::size_t i = 0; i < array_size_; ++i)
        body.push_back(reading(hostname_, next_ + static_cast<std::int64_t>(i)));
      const std::int64_t first = next_;
      next_ += static_cast<std::int64_t>(array_size_);
      const auto result =
          client.Post("/metrics", (array_size_ == 1 ? body[0] : body).dump(), "application/json");
      if (!result) return;  // the server is gone: whether it is stored is open
      if (result->status == 503) continue;
      if (result->status != 200) return;
      for (std::size_t i = 0; i < array_size_; ++i)
        acknowledged_.push_back(first + static_cast<std::int64_t>(i));
      count_ = acknowledged_.size();
    }
  }

  std::string hostname_;
  std::int64_t next_;
  std::size_t array_size_;
  std::vector<std::int64_t> acknowledged_;
  std::atomic<std::size_t> count_{0};
  std::thread thread_;
};

/// What the database holds, by host, read after its server has ended: timestamp to how often it is there.
std::map<std::int64_t, int> stored_readings(const Server& server, const std::string& hostname,
                                            std::int64_t first, std::int64_t last) {
  std::map<std::int64_t, int> stored;
  for (std::int64_t from = first; from <= last; from += 20000) {
    const std::int64_t to = std::min(last, from + 19999);
    const auto answer = server.get("/data?step=0&hostname=" + hostname + "&from=" + std::to_string(from) +
                                   "&to=" + std::to_string(to));
    for (const auto& row : answer["data"]) ++stored[row["timestamp"].get<std::int64_t>()];
  }
  return stored;
}

void expect_sound(const std::string& database) {
  SQLite::Database opened(database, SQLite::OPEN_READONLY);
  EXPECT_EQ(opened.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

void expect_ledger_kept(const Server& server, const LedgerClient& client, std::int64_t first) {
  const auto stored = stored_readings(server, client.hostname(), first, client.next());
  for (const std::int64_t timestamp : client.acknowledged()) {
    const auto found = stored.find(timestamp);
    ASSERT_NE(found, stored.end()) << "acknowledged and lost: " << client.hostname() << " " << timestamp;
    ASSERT_EQ(found->second, 1) << "stored twice: " << client.hostname() << " " << timestamp;
  }
}

TEST(Durability, NothingAcknowledgedIsLostWhenTheServerIsKilledAgainAndAgain) {
  const unsigned seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  std::vector<std::int64_t> first(8, unix_now() - 5 * 86400);
  std::size_t total = 0;
  for (int round = 0; round < 12; ++round) {
    auto server = std::make_unique<Server>(database);
    std::vector<std::unique_ptr<LedgerClient>> clients;
    for (std::size_t i = 0; i < first.size(); ++i) {
      clients.push_back(
          std::make_unique<LedgerClient>(*server, "host-" + std::to_string(i), first[i], i < 4 ? 1U : 200U));
    }
    // Killed somewhere in the work: after a random number of acknowledged readings, up to well beyond where
    // filing starts.
    const std::size_t enough = std::uniform_int_distribution<std::size_t>(1, 15000)(random);
    ASSERT_TRUE(eventually([&] {
      std::size_t sum = 0;
      for (const auto& client : clients) sum += client->acknowledged_so_far();
      return sum >= enough;
    }));
    server->process().signal(SIGKILL);
    EXPECT_EQ(server->process().wait(), 128 + SIGKILL);
    for (const auto& client : clients) client->join();

    server = std::make_unique<Server>(database);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      expect_ledger_kept(*server, *clients[i], first[i]);
      total += clients[i]->acknowledged().size();
      first[i] = clients[i]->next();
    }
    ASSERT_EQ(server->process().stop(), 0);
    expect_sound(database);
  }
  std::cout << total << " readings acknowledged, 0 lost, 12 kills, seed " << seed << "\n";
}

TEST(Durability, AStopUnderLoadTakesAtMostFiveSecondsAndKeepsWhatWasAcknowledged) {
  TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  const std::int64_t first = unix_now() - 5 * 86400;
  auto server = std::make_unique<Server>(database);
  std::vector<std::unique_ptr<LedgerClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(
        std::make_unique<LedgerClient>(*server, "host-" + std::to_string(i), first, i % 2 == 0 ? 1 : 100));
  }
  ASSERT_TRUE(eventually([&] { return clients[0]->acknowledged_so_far() > 50; }));
  server->process().signal(SIGTERM);
  EXPECT_EQ(server->process().wait(), 0) << server->process().output();
  for (const auto& client : clients) client->join();
  server = std::make_unique<Server>(database);
  for (const auto& client : clients) expect_ledger_kept(*server, *client, first);
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
