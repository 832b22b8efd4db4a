// A host that is renamed while its agent runs: when its readings may carry the new name, and what becomes of
// those that still have the former one.
#include <map>
#include <mutex>

#include "tests/support/temporary_folder.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"

namespace hostwatch::agent::test {
namespace {

using Received = StandInServer::Received;

class DeliveryNameTest : public DeliveryTest {
 protected:
  DeliveryNameTest() {
    settings.credential.kept_file = folder.path() + "/token";
    settings.credential.server = "http://a/metrics";
    settings.credential.hostname = "web-1";
    settings.identity = std::string(32, 'a');
  }

  /// Lets agents enrol as any host but `shut_out`; takes the readings of a host with that host's token alone.
  StandInServer& with_tokens() {
    return serve([this](const Received& received, std::size_t, httplib::Response& response) {
      const std::scoped_lock lock(mutex);
      if (received.path == "/enroll") {
        const std::string name = received.json()["hostname"];
        if (name == shut_out) return say_error(409, "this host has another agent", response);
        response.set_content(nlohmann::json{{"status", "ok"}, {"token", "hw_" + name}}.dump(),
                             "application/json");
        return;
      }
      const auto body = received.json();
      for (const auto& reading : body.is_array() ? body : nlohmann::json::array({body})) {
        const std::string name = reading["hostname"];
        if (received.headers.find("Authorization")->second != "Bearer hw_" + name)
          return say_error(403, "the token is for another host", response);
        ++stored[name];
      }
      say_ok(received, response);
    });
  }

  std::map<std::string, int> all_stored() {
    const std::scoped_lock lock(mutex);
    return stored;
  }

  hostwatch::test::TemporaryFolder folder;
  std::mutex mutex;
  std::string shut_out;
  std::map<std::string, int> stored;
};

TEST_F(DeliveryNameTest, WithoutATokenANewNameIsTakenAtOnce) {
  StandInServer& server = serve(
      [](const Received& received, std::size_t, httplib::Response& response) { say_ok(received, response); });
  start(server.url());
  delivery->take_name("web-7");
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(taken(), "web-7");
}

TEST_F(DeliveryNameTest, AnEnrolledAgentEnrolsUnderTheNewNameBeforeItTakesIt) {
  settings.credential.token = "hwe_x";
  StandInServer& server = with_tokens();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery->take_name("web-7");
  push(1);
  ASSERT_TRUE(eventually([this] { return taken() == "web-7"; }));
  push(1, "web-1");  // it was taken while the name was asked for
  push(2, "web-7");
  ASSERT_TRUE(emptied());
  EXPECT_EQ(all_stored(), (std::map<std::string, int>{{"web-1", 3}, {"web-7", 2}}));
  EXPECT_EQ(counts().dropped, 0U);
}

TEST_F(DeliveryNameTest, AnAgentThatMayNotEnrolUnderTheNewNameKeepsItsFormerOne) {
  settings.credential.token = "hwe_x";
  shut_out = "web-7";
  StandInServer& server = with_tokens();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery->take_name("web-7");
  for (int i = 0; i < 3; ++i) {
    push(1);
    ASSERT_TRUE(emptied());
  }
  EXPECT_EQ(taken(), "");
  EXPECT_EQ(all_stored(), (std::map<std::string, int>{{"web-1", 4}}));
  int asked = 0;
  for (const Received& one : server.received()) asked += one.path == "/enroll" ? 1 : 0;
  EXPECT_EQ(asked, 2) << "once as web-1, and not at every reading as web-7";
}

TEST_F(DeliveryNameTest, ReadingsOfANameThatWasNoneWhichTheServerRefusesKeepNobodyWaiting) {
  settings.credential.hostname = "localhost";
  settings.credential.token = "hwe_x";
  shut_out = "localhost";
  StandInServer& server = with_tokens();
  push(3, "localhost");
  push(2, "web-7");
  start(server.url());
  delivery->take_name("web-7");
  ASSERT_TRUE(emptied());
  EXPECT_EQ(taken(), "web-7");
  EXPECT_EQ(all_stored(), (std::map<std::string, int>{{"web-7", 2}}));
  EXPECT_EQ(counts().dropped, 3U) << "nobody may ever bring them, and they keep nobody waiting";
}

TEST_F(DeliveryNameTest, AnAgentWhoseTokenToEnrolWithIsGoneKeepsItsFormerName) {
  settings.credential.token = "hwe_x";
  StandInServer& server = with_tokens();
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery.reset();
  settings.credential.token.clear();
  start(server.url());
  delivery->take_name("web-7");
  push(2);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(taken(), "");
  EXPECT_EQ(all_stored(), (std::map<std::string, int>{{"web-1", 3}}));
}

TEST_F(DeliveryNameTest, WithATokenThatWasGivenARealNameStaysUntilARestart) {
  settings.credential.token = "hw_web-1";
  StandInServer& server = with_tokens();
  start(server.url());
  delivery->take_name("web-7");
  push(2);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(taken(), "");
  EXPECT_EQ(all_stored(), (std::map<std::string, int>{{"web-1", 2}}));
}

TEST_F(DeliveryNameTest, AFormerNameThatIsTheHostsAgainIsAsGoodAsNeverLost) {
  settings.credential.token = "hwe_x";
  shut_out = "web-7";
  StandInServer& server = with_tokens();
  start(server.url());
  delivery->take_name("web-7");
  push(1);
  ASSERT_TRUE(emptied());
  delivery->take_name("web-1");
  push(1);
  ASSERT_TRUE(eventually([this] { return taken() == "web-1"; }));
  EXPECT_TRUE(emptied());
}

}  // namespace
}  // namespace hostwatch::agent::test
