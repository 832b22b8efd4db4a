// What an answer of GET /hosts?since= takes of its budget while it is gathered.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/server/api/answer_fixture.h"

namespace hostwatch::api::changed_hosts_budget_test {
namespace {

constexpr std::int64_t kNow = 1763884800;

/// Hosts of which each has instances that no other has: so many names of so many bytes.
std::vector<storage::HostState> hosts_with_names(std::size_t count, std::size_t names, std::size_t bytes,
                                                 std::int64_t timestamp) {
  std::vector<storage::HostState> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    storage::HostState& one = hosts.emplace_back();
    one.name = "host-" + std::to_string(i);
    one.first_seen = kNow - 100;
    one.last_seen = one.last_heard = timestamp;
    one.interval = 10;
    one.latest = protocol::Reading{};
    one.latest->hostname = one.name;
    one.latest->timestamp = timestamp;
    for (std::size_t k = 0; k < names; ++k) {
      std::string instance = std::to_string(i) + "-" + std::to_string(k) + "-";
      instance.resize(bytes, 'x');
      one.latest->samples.push_back({"queue_length", instance, 1});
    }
  }
  return hosts;
}

/// The hosts are told in full; then of each a new reading is there.
class ChangedHostsBudget : public testing::Test {
 protected:
  std::string ask(const std::vector<storage::HostState>& hosts, query::AnswerBudget& budget) {
    AnswerText text(budget, false);
    format_changed_hosts(test::each_of(hosts), {}, kNow, query_, told_, text);
    http::Response response;
    text.finish(response);
    query_.since = told_.token();
    return response.body;
  }

  HostsQuery query_{.metrics = std::nullopt, .facts = std::nullopt, .whole = {}, .since = ""};
  ToldHosts told_{7};
};

TEST_F(ChangedHostsBudget, NamesThatEachHostHasAloneAreCounted) {
  query::HistoryLimits limits;
  query::AnswerBudget plenty(limits);
  ask(hosts_with_names(50, 400, 200, kNow - 10), plenty);
  limits.max_gathered = 1UL * 1024 * 1024;
  query::AnswerBudget budget(limits);
  EXPECT_THROW(ask(hosts_with_names(50, 400, 200, kNow), budget), query::HistoryTooLarge) << "4 MB of names";
}

TEST_F(ChangedHostsBudget, WhatEachHostTakesBesideItsRowIsCounted) {
  query::AnswerBudget plenty({});
  ask(hosts_with_names(2000, 1, 10, kNow - 10), plenty);
  query::HistoryLimits limits;
  limits.max_gathered = 256UL * 1024;  // rows and names take half of it
  query::AnswerBudget budget(limits);
  EXPECT_THROW(ask(hosts_with_names(2000, 1, 10, kNow), budget), query::HistoryTooLarge);
}

TEST_F(ChangedHostsBudget, WhatHasBeenToldIsGivenBack) {
  query::AnswerBudget budget({});
  ask(hosts_with_names(50, 400, 200, kNow - 10), budget);
  const auto answer = nlohmann::json::parse(ask(hosts_with_names(50, 400, 200, kNow), budget));
  EXPECT_EQ(answer["values"].size(), 50) << "each of another kind";
  EXPECT_EQ(budget.gathered(), 0);
}

TEST_F(ChangedHostsBudget, RowsOfManyHostsAreCountedAtAboutTheirSize) {
  query::AnswerBudget plenty({});
  ask(hosts_with_names(20000, 0, 0, kNow - 10), plenty);
  query::HistoryLimits limits;
  limits.max_gathered = 1500UL * 1024;
  query::AnswerBudget budget(limits);
  const auto answer = nlohmann::json::parse(ask(hosts_with_names(20000, 0, 0, kNow), budget));
  ASSERT_EQ(answer["values"].size(), 1) << "one kind";
  ASSERT_EQ(answer["values"][0]["rows"].size(), 20000);
  EXPECT_EQ(answer["values"][0]["rows"][19999][0], "host-19999");
  EXPECT_GT(answer["values"].dump().size(), 600UL * 1024);
  EXPECT_EQ(budget.gathered(), 0);
}

}  // namespace
}  // namespace hostwatch::api::changed_hosts_budget_test
