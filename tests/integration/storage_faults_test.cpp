// The database fails while the server runs: nothing is acknowledged that is not stored, and it recovers by
// itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

using ::testing::HasSubstr;

int health(const Server& server, std::string* body = nullptr) {
  const auto result = server.client().Get("/health");
  if (!result) return 0;
  if (body != nullptr) *body = result->body;
  return result->status;
}

TEST(StorageFaults, ADatabaseThatAnotherProgramLocksIsA503AndIsWellAgainWhenItIsFree) {
  TemporaryFolder folder;
  Server server(folder.file("metrics.db"));
  const std::int64_t now = unix_now();
  ASSERT_EQ(server.post(reading("web-1", now - 10))->status, 200);
  {
    SQLite::Database other(folder.file("metrics.db"), SQLite::OPEN_READWRITE, 5000);
    other.exec("BEGIN IMMEDIATE");
    const auto refused = server.post(reading("web-1", now - 9));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_TRUE(refused->has_header("Retry-After"));
    EXPECT_THAT(refused->body, HasSubstr("another program has the database locked"));
    std::string body;
    EXPECT_EQ(health(server, &body), 503);
    EXPECT_THAT(body, HasSubstr("locked"));
    const auto check =
        run_to_end({HOSTWATCH_SERVER_PROGRAM, "--check-health", "--port", std::to_string(server.port())});
    EXPECT_EQ(check.status, 1);
    EXPECT_THAT(check.output, HasSubstr("locked"));
    EXPECT_EQ(server.get("/data?step=0&hostname=web-1")["count"], 1) << "reading goes on";
    other.exec("ROLLBACK");
  }
  EXPECT_TRUE(eventually([&] { return health(server) == 200; }));
  EXPECT_EQ(server.post(reading("web-1", now - 9))->status, 200);
  EXPECT_EQ(server.get("/data?step=0&hostname=web-1")["count"], 2);
}

/// Posts arrays without end to a server whose disk has an end, and knows what was acknowledged.
class Filler {
 public:
  explicit Filler(const Server& server) : server_(server), first_(unix_now() - 500000), next_(first_) {}

  /// The answer that was not a 200.
  httplib::Result fill() {
    for (int i = 0; i < 3000; ++i) {
      httplib::Result result = post();
      if (!result || result->status != 200) return result;
    }
    return {nullptr, httplib::Error::Unknown};
  }

  httplib::Result post() {
    nlohmann::json body = nlohmann::json::array();
    for (std::int64_t i = 0; i < kEach; ++i) {
      body.push_back(reading("web-1", next_ + i));
      body.back()["metrics"] = {{"noise", 0.1234567 * static_cast<double>(next_ + i - first_)}};
    }
    httplib::Result result = server_.post(body);
    if (result && result->status == 200) next_ += kEach;
    return result;
  }

  std::size_t acknowledged() const { return static_cast<std::size_t>(next_ - first_); }

  std::size_t stored() const {
    std::size_t count = 0;
    for (std::int64_t from = first_; from <= next_ + kEach; from += 20000) {
      count += server_
                   .get("/data?step=0&hostname=web-1&from=" + std::to_string(from) +
                        "&to=" + std::to_string(from + 19999))["count"]
                   .get<std::size_t>();
    }
    return count;
  }

 private:
  static constexpr std::int64_t kEach = 100;
  const Server& server_;
  std::int64_t first_;
  std::int64_t next_;
};

/// From the first refusal to the recovery; `make_room` is called in between.
void expect_refusal_and_recovery(Server& server, const std::string& reason,
                                 const std::function<void()>& make_room) {
  Filler filler(server);
  const auto refused = filler.fill();
  ASSERT_TRUE(refused) << "no answer, or the disk never got full\n" << server.process().output();
  ASSERT_EQ(refused->status, 503) << refused->body;
  EXPECT_TRUE(refused->has_header("Retry-After"));
  EXPECT_THAT(refused->body, HasSubstr(reason));
  std::string body;
  EXPECT_EQ(health(server, &body), 503);
  EXPECT_THAT(body, HasSubstr(reason));
  EXPECT_EQ(filler.stored(), filler.acknowledged()) << "reading goes on, and shows what was acknowledged";

  make_room();
  EXPECT_TRUE(eventually([&] { return health(server) == 200; }, std::chrono::seconds(15)))
      << server.process().output();
  EXPECT_TRUE(eventually(
      [&] {
        const auto again = filler.post();
        return again && again->status == 200;
      },
      std::chrono::seconds(15)))
      << server.process().output();
  EXPECT_EQ(filler.stored(), filler.acknowledged());
}

TEST(StorageFaults, AFullDiskIsA503ThatNamesItAndIsWellAgainWhenThereIsSpace) {
  TemporaryFolder folder;
  const auto in_front = on_own_file_system(folder.path(), "size=2m");
  if (in_front.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  Server server(folder.file("metrics.db"), 0, {}, in_front);
  // The file system is the server's alone; from here it is seen through the server's root.
  const std::string ballast =
      "/proc/" + std::to_string(server.process().pid()) + "/root" + folder.file("ballast");
  ASSERT_TRUE((std::ofstream(ballast) << std::string(1000000, 'x')).flush());
  expect_refusal_and_recovery(server, "disk", [&] { std::filesystem::remove(ballast); });
}

TEST(StorageFaults, AFileThatMayNotGrowIsA503AndNotTheEndOfTheServer) {
  TemporaryFolder folder;
  Server server(folder.file("metrics.db"));
  rlimit limit{};
  ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  const rlimit small{512 * 1024, limit.rlim_max};
  ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_FSIZE, &small, nullptr), 0);
  expect_refusal_and_recovery(server, "disk", [&] {
    ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  });
}

}  // namespace
}  // namespace hostwatch::testing
