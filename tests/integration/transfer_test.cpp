// Readings out of a running server's database and into another one, by the commands that an operator uses.
#include <gtest/gtest.h>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

Finished command(std::vector<std::string> words, const std::string& database) {
  words.insert(words.begin(), HOSTWATCH_SERVER_PROGRAM);
  words.insert(words.end(), {"--database", database});
  return run_to_end(words);
}

class Transfer : public ::testing::Test {
 protected:
  static constexpr const char* kQuery = "/data?timeframe=1h&step=0&metrics=*&format=columns&hostname=";

  void fill(const Server& server) {
    for (const char* host : {"web-1", "db, \"1\""}) {
      nlohmann::json readings = nlohmann::json::array();
      for (int i = 0; i < 600; ++i) {
        readings.push_back(reading(host, now_ - 600 + i, i % 100 + 0.1));
        readings.back()["metrics"] = {{"load1", i / 7.0},
                                      {"network_receive_bytes_per_second", {{"eth0", i * 1000}}}};
      }
      ASSERT_EQ(server.post(readings)->status, 200);
    }
  }
  nlohmann::json history(const Server& server) const {
    return {server.get(kQuery + std::string("web-1"))["series"],
            server.get(kQuery + std::string("db%2C%20%221%22"))["series"]};
  }

  const std::int64_t now_ = unix_now();
  TemporaryFolder folder_;
};

TEST_F(Transfer, AnExportOfARunningServerComesBackAsItWas) {
  const Server server(folder_.file("one.db"));
  fill(server);
  const std::string file = folder_.file("readings.csv");
  const Finished exported = command({"export", file}, folder_.file("one.db"));
  ASSERT_EQ(exported.status, 0) << exported.output;
  EXPECT_NE(exported.output.find("exported 1200 readings"), std::string::npos) << exported.output;
  const Finished imported = command({"import", file}, folder_.file("two.db"));
  ASSERT_EQ(imported.status, 0) << imported.output;
  EXPECT_NE(imported.output.find("imported 1200 readings"), std::string::npos) << imported.output;
  const Server other(folder_.file("two.db"));
  EXPECT_EQ(history(other), history(server));
  EXPECT_EQ(other.get("/hosts")["count"], 2);
}

TEST_F(Transfer, ABackupOfARunningServerIsSoundAndComesBack) {
  auto server = std::make_unique<Server>(folder_.file("one.db"));
  fill(*server);
  const std::string copy = folder_.file("copy.db");
  const Finished backed_up = command({"backup", copy}, folder_.file("one.db"));
  ASSERT_EQ(backed_up.status, 0) << backed_up.output;
  const Finished checked = command({"check"}, copy);
  EXPECT_EQ(checked.status, 0) << checked.output;
  const nlohmann::json before = history(*server);
  ASSERT_EQ(server->client().Delete("/hosts/web-1")->status, 200);
  ASSERT_EQ(server->process().stop(), 0);
  const Finished restored = command({"restore", copy}, folder_.file("one.db"));
  ASSERT_EQ(restored.status, 0) << restored.output;
  server = std::make_unique<Server>(folder_.file("one.db"));
  EXPECT_EQ(history(*server), before);
}

TEST_F(Transfer, ASecondProgramThatWouldWriteIsRefusedAndNamesTheFirst) {
  Server server(folder_.file("one.db"));
  const std::string first = std::to_string(server.process().pid());
  for (const Finished& refused : {command({"--port", "0"}, folder_.file("one.db")),
                                  command({"import", "/dev/null"}, folder_.file("one.db"))}) {
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.output.find(first), std::string::npos) << refused.output;
  }
}

}  // namespace
}  // namespace hostwatch::testing
