// A 200 means on disk: whatever was acknowledged before a kill is there afterwards, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>

#include "tests/integration/programs.h"
#include "tests/integration/raw_http.h"

namespace hostwatch::testing {
namespace {

/// Every reading has a value of its own, so that one in another's place is noticed.
double value_at(std::int64_t timestamp) {
  return static_cast<double>(timestamp % 1000) / 10;
}

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
  /// An answer that is neither 200 nor 503, which ends the client too.
  const std::string& unexpected() const { return unexpected_; }

 private:
  void run(httplib::Client& client) {
    client.set_keep_alive(true);
    while (true) {
      nlohmann::json body = nlohmann::json::array();
      for (std::size_t i = 0; i < array_size_; ++i)
        body.push_back(reading(hostname_, next_ + static_cast<std::int64_t>(i),
                               value_at(next_ + static_cast<std::int64_t>(i))));
      const std::int64_t first = next_;
      next_ += static_cast<std::int64_t>(array_size_);
      const auto result =
          client.Post("/metrics", (array_size_ == 1 ? body[0] : body).dump(), "application/json");
      if (!result) return;  // the server is gone: whether it is stored is open
      if (result->status == 503) continue;
      if (result->status != 200) {
        unexpected_ = std::to_string(result->status) + " " + result->body;
        return;
      }
      for (std::size_t i = 0; i < array_size_; ++i)
        acknowledged_.push_back(first + static_cast<std::int64_t>(i));
      count_ = acknowledged_.size();
    }
  }

  std::string hostname_;
  std::int64_t next_;
  std::size_t array_size_;
  std::vector<std::int64_t> acknowledged_;
  std::string unexpected_;
  std::atomic<std::size_t> count_{0};
  std::thread thread_;
};

/// What a server has of a host in a span of time: the timestamps. Each must be there once, with its value.
std::set<std::int64_t> stored_readings(const Server& server, const std::string& hostname, std::int64_t first,
                                       std::int64_t last) {
  std::set<std::int64_t> stored;
  for (std::int64_t from = first; from <= last; from += 20000) {
    const std::int64_t to = std::min(last, from + 19999);
    const auto answer = server.get("/data?step=0&hostname=" + hostname + "&from=" + std::to_string(from) +
                                   "&to=" + std::to_string(to));
    for (const auto& row : answer["data"]) {
      const auto timestamp = row["timestamp"].get<std::int64_t>();
      EXPECT_TRUE(stored.insert(timestamp).second) << "stored twice: " << hostname << " " << timestamp;
      EXPECT_DOUBLE_EQ(row["cpu"].get<double>(), value_at(timestamp)) << hostname << " " << timestamp;
    }
  }
  return stored;
}

void expect_sound(const std::string& database) {
  SQLite::Database opened(database, SQLite::OPEN_READONLY);
  EXPECT_EQ(opened.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

void expect_ledger_kept(const Server& server, const LedgerClient& client, std::int64_t first) {
  EXPECT_EQ(client.unexpected(), "");
  const auto stored = stored_readings(server, client.hostname(), first, client.next());
  for (const std::int64_t timestamp : client.acknowledged()) {
    ASSERT_TRUE(stored.contains(timestamp))
        << "acknowledged and lost: " << client.hostname() << " " << timestamp;
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
  constexpr int kKills = 20;
  std::size_t total = 0;
  for (int round = 0; round < kKills; ++round) {
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
  std::cout << total << " readings acknowledged, 0 lost, " << kKills << " kills, seed " << seed << "\n";
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
      const bool begun = left.execAndGet("SELECT count(*) FROM reading").getInt64() > round * kHosts * kEach;
      const bool ended = left.execAndGet("SELECT count(*) FROM journal").getInt64() == 0;
      if (begun && !ended) ++caught;
    }
    server = std::make_unique<Server>(database);
    for (int host = 0; host < kHosts; ++host) {
      const auto stored = stored_readings(*server, "host-" + std::to_string(host), first, begin + kEach - 1);
      ASSERT_EQ(stored.size(), static_cast<std::size_t>((round + 1) * kEach)) << "round " << round;
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
    if (i % 10 == 0) idle.back()->send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  }
  std::vector<std::unique_ptr<LedgerClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(
        std::make_unique<LedgerClient>(*server, "host-" + std::to_string(i), first, i % 2 == 0 ? 1 : 100));
  }
  ASSERT_TRUE(eventually([&] { return clients[0]->acknowledged_so_far() > 50; }));
  EXPECT_EQ(server->process().stop(), 0) << server->process().output();
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
