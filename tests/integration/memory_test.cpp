// A server that is short of memory: what does not fit costs the request that it is for, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "tests/integration/ledger.h"
#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::IsSubsetOf;

constexpr std::size_t kMebibyte = 1024UL * 1024;

std::string gzipped(const std::string& text) {
  std::string packed(compressBound(text.size()) + 32, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// What the client asked, and how often it was answered with which status; 0: the connection ended.
using Outcomes = std::map<std::pair<std::string, int>, int>;

class ShortOfMemory : public ::testing::Test {
 protected:
  static constexpr int kHosts = 40;
  static constexpr int kReadings = 60;
  static constexpr int kSeries = 100;

  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // connections end while a client sends
    if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory is what would be short";
  }

  /// With readings in it, and nothing of what taking them left in the allocator.
  void start(const std::vector<std::string>& in_front = {}) {
    server_.reset();
    server_ = std::make_unique<Server>(folder_.file("metrics.db"));
    for (int host = 0; host < kHosts; ++host) {
      ASSERT_EQ(server_->post(array_of("old-" + std::to_string(host), began_ - 3000, kReadings))->status,
                200);
    }
    for (const std::string& question : questions()) {
      const auto answer = server_->client().Get(question);
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->status, 200) << question << answer->body;
      whole_[question] = answer->body;
    }
    ASSERT_EQ(server_->process().stop(), 0);
    server_ = std::make_unique<Server>(folder_.file("metrics.db"), 0, std::vector<std::string>(), in_front);
  }

  /// Readings ten seconds apart, each with many values.
  static nlohmann::json array_of(const std::string& host, std::int64_t first, int count) {
    nlohmann::json readings = nlohmann::json::array();
    for (int i = 0; i < count; ++i) {
      const std::int64_t timestamp = first + 10 * i;
      nlohmann::json one = reading(host, timestamp, value_at(timestamp));
      for (int series = 0; series < kSeries; ++series)
        one["metrics"]["own" + std::to_string(series)] = value_at(timestamp + series);
      one["facts"] = {{"os", "Linux " + std::to_string(first)}, {"tags", {{"role", "db"}, {"site", "fra"}}}};
      readings.push_back(std::move(one));
    }
    return readings;
  }

  /// About what was stored before memory was short: each has one answer.
  std::vector<std::string> questions() const {
    const std::string span =
        "from=" + std::to_string(began_ - 3600) + "&to=" + std::to_string(began_ - 1800) + "&metrics=*";
    return {
        "/data?step=0&format=csv&" + span,      "/data?step=0&" + span, "/data?step=0&format=columns&" + span,
        "/data?format=csv&layout=long&" + span, "/catalogue",           "/dashboard"};
  }

  void note(const std::string& what, const httplib::Result& result) {
    const std::lock_guard lock(mutex_);
    ++outcomes_[{what, result ? result->status : 0}];
  }

  void ask(int turn) {
    httplib::Client client = server_->client();
    const std::vector<std::string> all = questions();
    const std::string& question = all.at(static_cast<std::size_t>(turn) % all.size());
    const auto answer = client.Get(question);
    note(question.substr(0, question.find("from=")), answer);
    if (answer && answer->status == 200 && answer->body != whole_.at(question)) {
      ADD_FAILURE() << question << ": an answer that is not whole, of " << answer->body.size()
                    << " bytes instead of " << whole_.at(question).size();
    }
    const std::vector<std::string> more{"/hosts", "/metrics", "/tokens", "/session", "/fleet?metric=cpu"};
    const std::string& changing = more.at(static_cast<std::size_t>(turn) % more.size());
    note(changing, client.Get(changing));
  }

  /// A large body; what is acknowledged of it is to be there afterwards.
  void send(int turn) {
    const std::string host = "bulk-" + std::to_string(turn % 4);
    // Before what is asked about, however many of these find the connection closed.
    constexpr int kArrays = 1000;
    const std::int64_t first = began_ - 3LL * 86400 + 200LL * (turn % kArrays);
    const std::string body = gzipped(array_of(host, first, 20).dump());
    const auto answer = server_->client().Post("/metrics", httplib::Headers{{"Content-Encoding", "gzip"}},
                                               body, "application/json");
    note("POST /metrics", answer);
    if (!answer || answer->status != 200) return;
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < 20; ++i) bulk_[host].insert(first + 10 * i);
  }

  void use_credentials(int turn) {
    httplib::Client client = server_->client();
    note("POST /tokens", client.Post("/tokens", R"({"name":"x","scope":"write"})", "application/json"));
    note("DELETE /tokens", client.Delete("/tokens/" + std::to_string(1 + turn)));
    note("POST /session",
         client.Post("/session", R"({"user":"anna","password":"correct horse"})", "application/json"));
    note("DELETE /hosts", client.Delete("/hosts/bulk-of-nobody"));
  }

  /// Everything at once, until `enough` says so.
  template <typename Enough>
  void storm(Enough enough) {
    std::vector<std::jthread> clients;
    std::atomic<bool> is_over{false};
    constexpr int kClients = 5;
    clients.reserve(kClients);
    for (int number = 0; number < kClients; ++number) {
      clients.emplace_back([this, number, &is_over] {
        for (int turn = number; !is_over; turn += 4) {
          if (number == 4) {
            use_credentials(turn);
          } else if (turn % 3 == 0) {
            send(turns_++);
          } else {
            ask(turn);
          }
        }
      });
    }
    eventually(enough, std::chrono::seconds(10));
    is_over = true;
  }

  std::unique_ptr<LedgerClient> ledger(const std::string& host) {
    LedgerSettings settings;
    settings.hostname = host;
    settings.first_timestamp = began_ - 40000;
    settings.endures = true;
    settings.expects_500 = true;
    settings.pause = milliseconds(5);
    return std::make_unique<LedgerClient>(server_->port(), settings);
  }

  /// That it is the same process, well, and has all that it said it has; now and after a restart.
  void expect_unharmed(const LedgerClient& client) {
    const auto health = server_->client().Get("/health");
    ASSERT_TRUE(health) << server_->process().output();
    ASSERT_TRUE(eventually([this] {
      const auto again = server_->client().Get("/health");
      return again && again->status == 200;
    })) << server_->client().Get("/health")->body;
    expect_kept(client);
    EXPECT_EQ(server_->post(reading("after", began_))->status, 200);
    EXPECT_EQ(server_->process().stop(), 0) << server_->process().output();
    expect_sound(folder_.file("metrics.db"));
    server_ = std::make_unique<Server>(folder_.file("metrics.db"));
    expect_kept(client);
    EXPECT_EQ(server_->get("/data?step=0&timeframe=1h&hostname=after")["count"], 1);
    // 400 would make an agent drop what it has.
    for (const auto& [outcome, count] : outcomes_) {
      const std::set<int> expected{0, 200, 401, 404, 429, 500, 503};
      EXPECT_TRUE(expected.contains(outcome.second)) << outcome.first << ": " << outcome.second;
    }
  }

  void expect_kept(const LedgerClient& client) {
    expect_ledger_kept(*server_, client);
    for (const auto& [question, answer] : whole_) {
      if (!question.starts_with("/data")) continue;
      EXPECT_TRUE(server_->client().Get(question)->body == answer) << question;
    }
    for (const auto& [host, times] : bulk_) {
      std::set<std::int64_t> stored;
      for (const auto& [time, value] : stored_readings(*server_, host, *times.begin(), *times.rbegin())) {
        stored.insert(time);
        EXPECT_EQ(value, value_at(time));
      }
      EXPECT_THAT(times, IsSubsetOf(stored)) << host;
    }
  }

  int count_of(int status) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& [outcome, times] : outcomes_) count += outcome.second == status ? times : 0;
    return count;
  }

  void print_outcomes() {
    for (const auto& [outcome, count] : outcomes_)
      std::cout << outcome.first << " " << outcome.second << ": " << count << "\n";
  }

  std::size_t address_space() const {
    std::ifstream status("/proc/" + std::to_string(server_->process().pid()) + "/status");
    std::string word;
    std::size_t kibibytes = 0;
    while (status >> word) {
      if (word == "VmSize:") status >> kibibytes;
    }
    return kibibytes * 1024;
  }

  void limit_address_space(rlim_t bytes) {
    rlimit limit{bytes, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(server_->process().pid(), RLIMIT_AS, &limit, nullptr), 0);
  }

  TemporaryFolder folder_;
  const std::int64_t began_ = unix_now();
  std::unique_ptr<Server> server_;
  std::map<std::string, std::string> whole_;
  std::mutex mutex_;
  Outcomes outcomes_;
  std::map<std::string, std::set<std::int64_t>> bulk_;  ///< acknowledged, by host
  std::atomic<int> turns_{0};
  const unsigned seed_ = std::random_device()();
};

/// From where nothing fits to where nearly all does: in between a body fits once and not twice.
TEST_F(ShortOfMemory, AnAddressLimitCostsRequestsAndNeverTheServer) {
  start();
  const auto client = ledger("honest");
  const std::size_t at_rest = address_space();
  for (const std::size_t room : {0UL, 1UL, 2UL, 4UL, 8UL, 16UL}) {
    limit_address_space(at_rest + room * kMebibyte);
    const auto begin = std::chrono::steady_clock::now();
    storm([begin] { return std::chrono::steady_clock::now() - begin > milliseconds(1200); });
    ASSERT_FALSE(HasFailure()) << room << " MiB of room: " << server_->process().output();
  }
  limit_address_space(RLIM_INFINITY);
  const std::size_t before = client->acknowledged_so_far();
  EXPECT_TRUE(eventually([&] { return client->acknowledged_so_far() > before; }));
  client->stop();
  print_outcomes();
  EXPECT_GT(count_of(200), 0);
  EXPECT_GT(count_of(500), 0) << "the limits were too wide for the test";
  EXPECT_NE(server_->process().output().find("std::bad_alloc"), std::string::npos);
  expect_unharmed(*client);
}

/// Each request for memory may be the one that fails, and the next one not.
TEST_F(ShortOfMemory, AnyOneRequestForMemoryMayFail) {
  for (const char* every : {"3000", "300", "50"}) {
    start({"env", std::string("LD_PRELOAD=") + HOSTWATCH_FAILING_MEMORY,
           std::string("HOSTWATCH_FAIL_EVERY=") + every, "HOSTWATCH_FAIL_SEED=" + std::to_string(seed_)});
    const auto client = ledger(std::string("honest-") + every);
    server_->process().signal(SIGUSR1);
    const int failed = count_of(500);
    storm([&] { return count_of(500) - failed > 40; });
    server_->process().signal(SIGUSR2);
    const std::size_t before = client->acknowledged_so_far();
    EXPECT_TRUE(eventually([&] { return client->acknowledged_so_far() > before; }));
    client->stop();
    EXPECT_GT(count_of(500), failed);
    expect_unharmed(*client);
    ASSERT_FALSE(HasFailure()) << "seed " << seed_ << ", every " << every;
  }
  print_outcomes();
}

}  // namespace
}  // namespace hostwatch::testing
