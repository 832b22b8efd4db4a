// Many who guess passwords at once, with real hashing: they keep nobody else out, and nobody else waits.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

constexpr const char* kPassword = "correct horse battery";
constexpr int kTries = 200;  // of each who guesses

int sign_in(const Server& server, const std::string& from, const std::string& password) {
  httplib::Client client = server.client();
  const auto result =
      client.Post("/session", httplib::Headers{{"X-Forwarded-For", from}},
                  nlohmann::json{{"user", "anna"}, {"password", password}}.dump(), "application/json");
  return result ? result->status : 0;
}

TEST(Guessing, FromOneNetworkKeepsNobodyElseOut) {
  const TemporaryFolder folder;
  const std::string database = folder.file("metrics.db");
  const Finished added =
      run_to_end({"bash", "-c", "printf '%s\\n' \"$1\" | \"$0\" user add anna --database \"$2\"",
                  HOSTWATCH_SERVER_PROGRAM, kPassword, database});
  ASSERT_EQ(added.status, 0) << added.output;
  const Server server(database, 0, {"--trusted-proxy", "127.0.0.1"});

  std::mutex mutex;
  std::map<int, int> answers;  // of those who guess
  std::atomic<int> asked{0};
  std::vector<std::jthread> guessers;
  for (int i = 0; i < 20; ++i) {
    guessers.emplace_back([&, i] {
      for (int n = 0; n < kTries; ++n) {
        const std::string from = "2001:db8::" + std::to_string(i) + ":" + std::to_string(n);
        const int status = sign_in(server, from, "wrong");
        ++asked;
        const std::lock_guard lock(mutex);
        ++answers[status];
      }
    });
  }
  ASSERT_TRUE(eventually([&] { return asked > 100; }));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(sign_in(server, "192.0.2." + std::to_string(i), kPassword), 200) << "at the first try";
    const auto health = server.client().Get("/health");
    ASSERT_TRUE(health);
    EXPECT_EQ(health->status, 200);
  }
  guessers.clear();  // waits for them
  EXPECT_LE(answers[401], 30) << "of all tries of one /64 in a minute";
  EXPECT_GT(answers[429] + answers[503], 0);
  EXPECT_EQ(answers[200] + answers[0], 0);
}

}  // namespace
}  // namespace hostwatch::testing
