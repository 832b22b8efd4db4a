// How an agent comes to its token, and what it does when that one is not taken.
#include <filesystem>
#include <fstream>
#include <mutex>

#include "tests/support/temporary_folder.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"

namespace hostwatch::agent::test {
namespace {

using Received = StandInServer::Received;

std::string bearer(const Received& received) {
  const auto found = received.headers.find("Authorization");
  return found == received.headers.end() ? "" : found->second;
}

class EnrollmentTest : public DeliveryTest {
 protected:
  EnrollmentTest() {
    settings.credential.kept_file = folder.path() + "/token";
    settings.credential.server = "http://a/metrics";
    settings.credential.hostname = "web-1";
    settings.identity = std::string(32, 'a');
  }

  /// Exchanges "hwe_good" for a token that it takes from then on, until revoke() was called.
  StandInServer& hostwatch() {
    return serve([this](const Received& received, std::size_t, httplib::Response& response) {
      const std::scoped_lock lock(mutex);
      if (received.path == "/enroll") {
        if (bearer(received) != "Bearer hwe_good")
          return say_error(401, "the enrolment token is not valid", response);
        good = "hw_" + std::to_string(++enrolled);
        response.set_content(nlohmann::json{{"status", "ok"}, {"token", good}}.dump(), "application/json");
        return;
      }
      if (good.empty() || bearer(received) != "Bearer " + good)
        return say_error(401, "unknown token", response);
      say_ok(received, response);
    });
  }
  void revoke() {
    const std::scoped_lock lock(mutex);
    good.clear();
  }

  hostwatch::test::TemporaryFolder folder;
  std::mutex mutex;
  std::string good;
  int enrolled = 0;
};

TEST_F(EnrollmentTest, AnEnrolmentTokenIsExchangedOnceAndReadingsGoWithTheHostsOwn) {
  settings.credential.token = "hwe_good";
  StandInServer& server = hostwatch();
  push(3);
  start(server.url());
  ASSERT_TRUE(emptied());
  push(1);
  ASSERT_TRUE(emptied());
  const auto received = server.received();
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(received[0].path, "/enroll");
  EXPECT_EQ(received[0].json(), (nlohmann::json{{"hostname", "web-1"}}));
  EXPECT_EQ(received[0].headers.find("Hostwatch-Agent")->second, std::string(32, 'a'));
  EXPECT_EQ(bearer(received[1]), "Bearer hw_1");
  EXPECT_EQ(bearer(received[2]), "Bearer hw_1");
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/token"));
}

TEST_F(EnrollmentTest, TheNextLifeEnrolsNoMore) {
  settings.credential.token = "hwe_good";
  StandInServer& server = hostwatch();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery.reset();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.requests(), 3U);
}

TEST_F(EnrollmentTest, NothingIsPostedAndNothingLostUntilTheTokensFileIsThere) {
  settings.credential.token_file = folder.path() + "/given";
  StandInServer& server = hostwatch();
  push(2);
  start(server.url());
  ASSERT_TRUE(eventually([this] { return counts().failures > 3; }));
  EXPECT_EQ(server.requests(), 0U);
  std::ofstream(folder.path() + "/given") << "hwe_good\n" << std::flush;
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().delivered, 2U);
}

TEST_F(EnrollmentTest, ATokensFileMayHaveAByteOrderMark) {
  settings.credential.token_file = folder.path() + "/given";
  std::ofstream(folder.path() + "/given") << "\xEF\xBB\xBFhwe_good\r\n" << std::flush;
  StandInServer& server = hostwatch();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().delivered, 1U);
}

TEST_F(EnrollmentTest, ARevokedTokenIsExchangedAgain) {
  settings.credential.token = "hwe_good";
  StandInServer& server = hostwatch();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  revoke();
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(bearer(server.received().back()), "Bearer hw_2");
  EXPECT_EQ(counts().dropped, 0U);
}

TEST_F(EnrollmentTest, AnEnrolmentTokenThatIsOverKeepsTheReadings) {
  settings.credential.token = "hwe_over";
  StandInServer& server = hostwatch();
  push(2);
  start(server.url());
  ASSERT_TRUE(eventually([this] { return counts().failures > 3; }));
  EXPECT_EQ(waiting(), 2U);
  for (const Received& one : server.received())
    EXPECT_EQ(one.path, "/enroll") << "no reading without a token";
}

TEST_F(EnrollmentTest, WhoIsShutOutKeepsItsReadingsAsksSlowlyAndDeliversOnceItIsAllowed) {
  settings.credential.token = "hwe_good";
  std::atomic<bool> is_shut_out = true;
  StandInServer& server = serve([&](const Received& received, std::size_t, httplib::Response& response) {
    if (received.path != "/enroll") return say_ok(received, response);
    if (is_shut_out) return say_error(403, "this host is shut out", response);
    response.set_content(R"({"status":"ok","token":"hw_1"})", "application/json");
  });
  push(2);
  start(server.url());
  ASSERT_TRUE(eventually([this] { return counts().failures > 3; }));
  EXPECT_EQ(waiting(), 2U);
  for (const Received& one : server.received()) EXPECT_EQ(one.path, "/enroll");
  is_shut_out = false;
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().delivered, 2U);
  EXPECT_EQ(counts().dropped, 0U);
}

TEST_F(EnrollmentTest, BeingAskedToReadTheFilesEndsASlowWait) {
  settings.credential.token_file = folder.path() + "/given";
  settings.retry.slow = std::chrono::hours(1);
  std::ofstream(folder.path() + "/given") << "hwe_over\n" << std::flush;
  StandInServer& server = hostwatch();
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([this] { return counts().failures == 1; }));
  std::ofstream(folder.path() + "/given") << "hwe_good\n" << std::flush;
  delivery->read_files_again();
  ASSERT_TRUE(emptied());
}

TEST_F(EnrollmentTest, ANewTokenInTheFileIsTakenWhenTheOldOneIsRefused) {
  settings.credential.token_file = folder.path() + "/given";
  std::ofstream(folder.path() + "/given") << "hw_old\n" << std::flush;
  good = "hw_new";
  StandInServer& server = hostwatch();
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([this] { return counts().failures > 1; }));
  std::ofstream(folder.path() + "/given") << "hw_new\n" << std::flush;
  ASSERT_TRUE(emptied());
}

TEST_F(EnrollmentTest, ANewTokenInTheFileIsTakenWhenAskedTo) {
  settings.credential.token_file = folder.path() + "/given";
  std::ofstream(folder.path() + "/given") << "hw_old\n" << std::flush;
  StandInServer& server = serve(
      [](const Received& received, std::size_t, httplib::Response& response) { say_ok(received, response); });
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  std::ofstream(folder.path() + "/given") << "hw_new\n" << std::flush;
  delivery->read_files_again();
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(bearer(server.received().back()), "Bearer hw_new");
}

}  // namespace
}  // namespace hostwatch::agent::test
