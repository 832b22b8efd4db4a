// What lies between agents and server fails: nothing is lost, nothing is stored twice, and everybody goes on
// by himself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/integration/agent_under_test.h"
#include "tests/integration/fault_proxy.h"
#include "tests/integration/ledger.h"

namespace hostwatch::testing {
namespace {

using std::chrono::seconds;

class BehindAProxy : public ::testing::Test {
 protected:
  AgentUnderTest agent(const FaultProxy& proxy, const std::string& name) const {
    return {proxy.url(), name, folder_.file(name)};
  }

  TemporaryFolder folder_;
  Server server_{folder_.file("metrics.db")};
  FaultProxy proxy_{server_.port()};
};

struct Trouble {
  const char* name;
  Fault fault;
  const char* said;  ///< what the agent's log says of it
};

std::vector<Trouble> all_troubles() {
  using Kind = Fault::Kind;
  return {
      {"refused", {.kind = Kind::refused}, "cannot connect"},
      {"silent", {.kind = Kind::silent}, "did not answer in time"},
      {"half-open", {.kind = Kind::half_open}, "did not answer in time"},
      {"reset-in-head", {.kind = Kind::reset_request, .bytes = 40}, "closed the connection"},
      {"reset-in-body", {.kind = Kind::reset_request, .bytes = 900}, "closed the connection"},
      {"answer-reset", {.kind = Kind::reset_answer, .bytes = 30}, "closed the connection"},
      {"answer-cut-in-head", {.kind = Kind::cut_answer, .bytes = 25}, "closed the connection"},
      {"answer-cut-in-body", {.kind = Kind::cut_answer, .bytes = 200}, "closed the connection"},
      {"html-page", Fault::answering("200 OK", "Content-Type: text/html\r\n", "<html>Please log in</html>"),
       "not a Hostwatch server's"},
      {"bad-gateway", Fault::answering("502 Bad Gateway", "", "<h1>502</h1>"), "HTTP 502"},
  };
}

// All at once, as each takes its time to be noticed.
TEST_F(BehindAProxy, EveryTroubleOfANetworkIsNoticedNamedAndOvercomeWithoutALoss) {
  struct Case {
    Trouble trouble;
    std::unique_ptr<FaultProxy> proxy;
    std::unique_ptr<AgentUnderTest> agent;
  };
  std::vector<Case> cases;
  for (const Trouble& trouble : all_troubles()) {
    auto proxy = std::make_unique<FaultProxy>(server_.port());
    auto agent = std::make_unique<AgentUnderTest>(proxy->url(), trouble.name, folder_.file(trouble.name));
    cases.push_back({trouble, std::move(proxy), std::move(agent)});
  }
  for (const Case& one : cases)
    ASSERT_TRUE(one.agent->process().wait_for_line("connected")) << one.agent->output();
  for (const Case& one : cases) one.proxy->set(one.trouble.fault);
  for (const Case& one : cases) {
    const auto line = one.agent->process().wait_for_line(" lost: ");
    EXPECT_TRUE(line) << one.trouble.name << "\n" << one.agent->output();
    EXPECT_THAT(line.value_or(""), ::testing::HasSubstr(one.trouble.said)) << one.trouble.name;
    EXPECT_GE(one.proxy->met(one.trouble.fault.kind), 1U) << one.trouble.name;
  }
  std::size_t sampled = 0;
  for (const Case& one : cases) one.proxy->heal();
  for (const Case& one : cases) {
    EXPECT_TRUE(one.agent->process().wait_for_line("recovered")) << one.trouble.name << one.agent->output();
    sampled += expect_sampled_stored(server_, *one.agent);
    ASSERT_FALSE(HasFailure());  // the others would take as long
  }
  std::cout << cases.size() << " troubles, " << sampled << " readings sampled, 0 lost\n";
}

TEST_F(BehindAProxy, AnAnswerThatIsLostAfterTheCommitIsCountedAsADuplicateExactly) {
  Fault fault{.kind = Fault::Kind::lost_answer, .every = 3};
  proxy_.set(fault);
  std::vector<std::unique_ptr<LedgerClient>> clients;
  std::vector<std::unique_ptr<FaultProxy>> proxies;
  constexpr std::size_t kEach = 7;
  for (int i = 0; i < 8; ++i) {
    proxies.push_back(std::make_unique<FaultProxy>(server_.port()));
    proxies.back()->set(fault);
    clients.push_back(std::make_unique<LedgerClient>(proxies.back()->port(),
                                                     LedgerSettings{.hostname = "host-" + std::to_string(i),
                                                                    .first_timestamp = unix_now() - 5 * 86400,
                                                                    .array_size = i % 2 == 0 ? 1 : kEach,
                                                                    .endures = true}));
  }
  for (const auto& client : clients)
    ASSERT_TRUE(eventually([&] { return client->acknowledged_so_far() >= 100; }));
  for (const auto& proxy : proxies) proxy->heal();
  const std::size_t now = clients[0]->acknowledged_so_far();
  ASSERT_TRUE(eventually([&] { return clients[0]->acknowledged_so_far() > now + 5; }));
  std::size_t sent_twice = 0;
  std::size_t acknowledged = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->stop();
    const std::size_t lost = proxies[i]->met(Fault::Kind::lost_answer) * (i % 2 == 0 ? 1 : kEach);
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(clients[i]->duplicates(), lost) << clients[i]->hostname();
    expect_ledger_kept(server_, *clients[i]);
    sent_twice += lost;
    acknowledged += clients[i]->acknowledged().size();
  }
  EXPECT_EQ(server_figure(server_, "readings_duplicate_total"), static_cast<double>(sent_twice));
  EXPECT_EQ(server_figure(server_, "readings_accepted_total"), static_cast<double>(acknowledged));
  EXPECT_EQ(server_figure(server_, "readings_conflicting_total"), 0);
  std::cout << acknowledged << " readings acknowledged, " << sent_twice << " sent again and counted\n";
}

TEST_F(BehindAProxy, ARequestThatArrivesTwiceAtOnceIsStoredOnce) {
  proxy_.set({.kind = Fault::Kind::twice});
  AgentUnderTest sender = agent(proxy_, "web-1");
  std::vector<std::unique_ptr<LedgerClient>> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<LedgerClient>(proxy_.port(),
                                                     LedgerSettings{.hostname = "host-" + std::to_string(i),
                                                                    .first_timestamp = unix_now() - 5 * 86400,
                                                                    .array_size = i % 2 == 0 ? 1U : 50U,
                                                                    .endures = true,
                                                                    .pause = std::chrono::milliseconds(2)}));
  }
  for (const auto& client : clients)
    ASSERT_TRUE(eventually([&] { return client->acknowledged_so_far() >= 200; }));
  std::size_t acknowledged = 0;
  proxy_.heal();
  const std::size_t now = sender.sampled().size();
  ASSERT_TRUE(eventually([&] { return sender.sampled().size() > now + 1; })) << sender.output();
  for (const auto& client : clients) {
    client->stop();
    expect_ledger_kept(server_, *client);
    acknowledged += client->acknowledged().size();
  }
  EXPECT_EQ(sender.stop(), 0);
  const std::size_t sampled = expect_sampled_stored(server_, sender);
  EXPECT_EQ(server_figure(server_, "readings_accepted_total"), static_cast<double>(acknowledged + sampled));
  EXPECT_EQ(server_figure(server_, "readings_conflicting_total"), 0);
  EXPECT_GT(server_figure(server_, "readings_duplicate_total"), 0);
}

TEST_F(BehindAProxy, AnAgentWhoseAnswersAreLostGoesOnAndItsReadingsAreStoredOnce) {
  proxy_.set({.kind = Fault::Kind::lost_answer, .every = 2});
  AgentUnderTest sender = agent(proxy_, "web-1");
  ASSERT_TRUE(eventually([&] { return proxy_.met(Fault::Kind::lost_answer) >= 3; })) << sender.output();
  proxy_.heal();
  const std::size_t sampled = expect_sampled_stored(server_, sender);
  EXPECT_GE(server_figure(server_, "readings_duplicate_total"), 3);
  EXPECT_EQ(server_figure(server_, "readings_conflicting_total"), 0);
  EXPECT_GE(sampled, 2U);
}

TEST_F(BehindAProxy, AnAgentWaitsAsLongAsRetryAfterSays) {
  AgentUnderTest sender = agent(proxy_, "web-1");
  ASSERT_TRUE(sender.process().wait_for_line("connected")) << sender.output();
  proxy_.set(Fault::answering("503 Service Unavailable", "Retry-After: 8\r\n", R"({"error":"busy"})"));
  ASSERT_TRUE(sender.process().wait_for_line("lost: HTTP 503: busy")) << sender.output();
  const auto told = std::chrono::steady_clock::now();
  proxy_.heal();
  const auto passed = proxy_.met(Fault::Kind::none);
  ASSERT_TRUE(eventually([&] { return proxy_.met(Fault::Kind::none) > passed; })) << sender.output();
  EXPECT_GE(std::chrono::steady_clock::now() - told, seconds(7)) << "it was told to wait for 8 s";
  EXPECT_EQ(proxy_.met(Fault::Kind::canned_answer), 1U) << "asked again before its time";
  expect_sampled_stored(server_, sender);
}

TEST_F(BehindAProxy, ASingleReadingThatIsRefusedIsDroppedAndCountedAndTheNextOnesGoOn) {
  AgentUnderTest sender = agent(proxy_, "web-1");
  ASSERT_TRUE(sender.process().wait_for_line("connected")) << sender.output();
  proxy_.set(Fault::answering("400 Bad Request", "", R"({"error":"cpu must be a number"})"));
  ASSERT_TRUE(
      sender.process().wait_for_line("refused by the server and dropped: HTTP 400: cpu must be a number"))
      << sender.output();
  proxy_.heal();
  const std::size_t before = stored_readings(server_, "web-1", unix_now() - 600, unix_now() + 60).size();
  EXPECT_TRUE(eventually([&] {
    return stored_readings(server_, "web-1", unix_now() - 600, unix_now() + 60).size() > before + 1;
  })) << sender.output();
  const auto counted = server_.client().Get("/metrics");
  EXPECT_THAT(counted->body,
              ::testing::ContainsRegex("agent_refused_readings\\{hostname=\"web-1\"\\} [1-9]"));
}

TEST_F(BehindAProxy, AServerThatHasMovedIsFoundAgainWithEverythingInBetween) {
  AgentUnderTest sender = agent(proxy_, "web-1");
  LedgerClient client(proxy_.port(), {.hostname = "host-1",
                                      .first_timestamp = unix_now() - 86400,
                                      .endures = true,
                                      .pause = std::chrono::milliseconds(5)});
  ASSERT_TRUE(sender.process().wait_for_line("connected")) << sender.output();
  ASSERT_EQ(server_.process().stop(), 0);
  ASSERT_TRUE(sender.process().wait_for_line(" lost: ")) << sender.output();
  Server moved(folder_.file("metrics.db"));
  ASSERT_NE(moved.port(), server_.port());
  proxy_.retarget(moved.port());
  ASSERT_TRUE(sender.process().wait_for_line("recovered")) << sender.output();
  expect_sampled_stored(moved, sender);
  client.stop();
  expect_ledger_kept(moved, client);
}

}  // namespace
}  // namespace hostwatch::testing
