// The database fails while the server runs: nothing is acknowledged that is not stored, and it recovers by
// itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
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
    EXPECT_EQ(server.get("/data?step=0&hostname=web-1")["count"], 1) << "reading goes on";
    other.exec("ROLLBACK");
  }
  EXPECT_TRUE(eventually([&] { return health(server) == 200; }));
  EXPECT_EQ(server.post(reading("web-1", now - 9))->status, 200);
  EXPECT_EQ(server.get("/data?step=0&hostname=web-1")["count"], 2);
}

/// A file system of two megabytes, for as long as it lives. Needs root, as the project's test machines have
/// it.
class TinyDisk {
 public:
  explicit TinyDisk(const std::string& path) : path_(path) {
    std::filesystem::create_directories(path);
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=2m") == 0;
    if (!mounted_) why_ = std::strerror(errno);
  }
  ~TinyDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  bool is_mounted() const { return mounted_; }
  const std::string& why() const { return why_; }

 private:
  std::string path_;
  bool mounted_ = false;
  std::string why_;
};

TEST(StorageFaults, AFullDiskIsA503ThatNamesItAndIsWellAgainWhenThereIsSpace) {
  TemporaryFolder folder;
  const TinyDisk disk(folder.file("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root: " << disk.why();
  std::ofstream(folder.file("disk/ballast")) << std::string(1000000, 'x');
  Server server(folder.file("disk/metrics.db"));

  std::vector<std::int64_t> acknowledged{unix_now() - 500000};
  std::int64_t next = acknowledged.front();
  httplib::Result refused = server.post(reading("web-1", next++));
  for (int i = 0; i < 2000 && refused && refused->status == 200; ++i) {
    nlohmann::json body = nlohmann::json::array();
    for (int j = 0; j < 100; ++j) {
      body.push_back(reading("web-1", next + j));
      body.back()["metrics"] = {{"noise", 0.1234567 * static_cast<double>(i * 100 + j)}};
    }
    refused = server.post(body);
    ASSERT_TRUE(refused);
    if (refused->status == 200) {
      for (int j = 0; j < 100; ++j) acknowledged.push_back(next + j);
      next += 100;
    }
  }
  ASSERT_EQ(refused->status, 503) << "the disk never got full";
  EXPECT_TRUE(refused->has_header("Retry-After"));
  EXPECT_THAT(refused->body, HasSubstr("disk"));
  std::string body;
  EXPECT_EQ(health(server, &body), 503);
  EXPECT_THAT(body, HasSubstr("disk"));
  EXPECT_GT(server.get("/data?hostname=web-1&timeframe=7d")["count"], 0) << "reading goes on";

  std::filesystem::remove(folder.file("disk/ballast"));
  EXPECT_TRUE(eventually([&] { return health(server) == 200; })) << server.process().output();
  EXPECT_EQ(server.post(reading("web-1", next))->status, 200) << server.process().output();
  std::size_t stored = 0;
  for (std::int64_t from = acknowledged.front(); from <= next; from += 20000) {
    stored += server
                  .get("/data?step=0&hostname=web-1&from=" + std::to_string(from) +
                       "&to=" + std::to_string(std::min(next, from + 19999)))["count"]
                  .get<std::size_t>();
  }
  EXPECT_EQ(stored, acknowledged.size() + 1);
}

}  // namespace
}  // namespace hostwatch::testing
