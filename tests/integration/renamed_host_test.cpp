// The host gets another name while its agent runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/agent_under_test.h"

namespace hostwatch::testing {
namespace {

using ::testing::UnorderedElementsAre;

class RenamedHost : public ::testing::Test {
 protected:
  RenamedHost() {
    write("stat", "cpu  1 0 1 98\n");
    write("meminfo", "MemTotal: 1000 kB\nMemAvailable: 600 kB\n");
  }

  void write(const std::string& file, const std::string& text) {
    const std::string path = folder_.file("proc/" + file);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text << std::flush;
  }

  std::vector<std::string> hosts() const {
    std::vector<std::string> names;
    const nlohmann::json answer = server_.get("/hosts");
    for (const auto& host : answer["hosts"]) names.push_back(host["hostname"]);
    return names;
  }

  /// An agent of the machine that write() makes.
  AgentUnderTest agent(const std::string& hostname = "") const {
    return {server_.url(), hostname, folder_.file("spool"), {"--proc-root", folder_.file("proc")}};
  }

  TemporaryFolder folder_;
  Server server_{folder_.file("metrics.db")};
};

TEST_F(RenamedHost, ThatHadNoNameOfItsOwnIsShownByItsNewOne) {
  write("sys/kernel/hostname", "localhost\n");
  AgentUnderTest running = agent();
  ASSERT_TRUE(eventually([&] { return hosts() == std::vector<std::string>{"localhost"}; }));
  write("sys/kernel/hostname", "web-7\n");
  ASSERT_TRUE(eventually([&] { return hosts().size() == 2; })) << running.output();
  EXPECT_THAT(hosts(), UnorderedElementsAre("localhost", "web-7"));
  EXPECT_EQ(running.stop(), 0);
}

TEST_F(RenamedHost, OfAKernelThatHasNoNameIsNeverCalledNone) {
  write("sys/kernel/hostname", "(none)\n");
  AgentUnderTest running = agent();
  ASSERT_TRUE(running.process().wait_for_line("no name of its own")) << running.output();
  ASSERT_TRUE(eventually([&] { return !hosts().empty(); }));
  EXPECT_THAT(hosts(), UnorderedElementsAre("localhost"));
}

TEST_F(RenamedHost, WhoseNameWasGivenKeepsIt) {
  write("sys/kernel/hostname", "localhost\n");
  AgentUnderTest running = agent("localhost");
  ASSERT_TRUE(eventually([&] { return !hosts().empty(); }));
  write("sys/kernel/hostname", "web-7\n");
  const std::size_t before = running.sampled().size();
  ASSERT_TRUE(eventually([&] { return running.sampled().size() >= before + 3; })) << running.output();
  EXPECT_THAT(hosts(), UnorderedElementsAre("localhost"));
}

}  // namespace
}  // namespace hostwatch::testing
