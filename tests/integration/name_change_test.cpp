// The server's name leads somewhere else: the agent asks again whenever it connects.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

/// Words before a program that sees `file` as /etc/hosts; none where mounts are not allowed.
std::vector<std::string> with_hosts_file(const std::string& file) {
  for (const char* how : {"-m", "-rm"}) {
    std::vector<std::string> in_front{
        "unshare", how, "sh", "-c", R"(mount --bind "$0" /etc/hosts && exec "$@")", file};
    std::vector<std::string> probe = in_front;
    probe.push_back("true");
    if (run_to_end(probe).status == 0) return in_front;
  }
  return {};
}

TEST(NameChange, AServerThatMovesToAnotherAddressIsFoundByItsName) {
  TemporaryFolder folder;
  const std::string hosts = folder.file("hosts");
  const auto point_to = [&hosts](const std::string& address) {
    std::ofstream(hosts) << address << " hostwatch.test\n";
  };
  point_to("127.0.0.1");
  const auto in_front = with_hosts_file(hosts);
  if (in_front.empty()) GTEST_SKIP() << "mounts need root or user namespaces";

  // It is asked by a name that is not its own.
  const std::vector<std::string> open{"--insecure", "--allow-host", "hostwatch.test"};
  const std::string database = folder.file("metrics.db");
  auto server = std::make_unique<Server>(database, 0, open);
  const int port = server->port();
  AgentUnderTest agent("http://hostwatch.test:" + std::to_string(port) + "/metrics", "web-1",
                       folder.file("spool"), {}, in_front);
  ASSERT_TRUE(agent.process().wait_for_line("connected")) << agent.output();
  server->process().stop();
  std::vector<std::string> elsewhere = open;
  elsewhere.insert(elsewhere.end(), {"--listen", "127.0.0.2"});
  server = std::make_unique<Server>(database, port, elsewhere);
  ASSERT_TRUE(agent.process().wait_for_line("lost")) << agent.output();
  point_to("127.0.0.2");
  ASSERT_TRUE(agent.process().wait_for_line("recovered")) << agent.output();

  server->process().stop();
  server = std::make_unique<Server>(database, port, open);
  point_to("127.0.0.1");
  expect_sampled_stored(*server, agent);
}

}  // namespace
}  // namespace hostwatch::testing
