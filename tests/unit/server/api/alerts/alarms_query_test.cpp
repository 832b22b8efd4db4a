#include "server/api/alerts/alarms_query.h"

#include <gtest/gtest.h>

#include "server/http/requests/query_text.h"

namespace hostwatch::api {
namespace {

AlarmsQuery asked(const std::string& query) {
  auto parsed = parse_alarms_query(http::query_parameters("/alerts?" + query));
  EXPECT_TRUE(std::holds_alternative<AlarmsQuery>(parsed)) << query;
  return std::holds_alternative<AlarmsQuery>(parsed) ? std::get<AlarmsQuery>(parsed) : AlarmsQuery{};
}

storage::AlarmRow alarm(std::int64_t fired, std::int64_t ended = 0) {
  storage::AlarmRow row;
  row.rule = "disk";
  row.host = "web-1";
  row.severity = "warning";
  row.fired = fired;
  row.ended = ended;
  return row;
}

TEST(AlarmsQuery, WithoutParametersAllAreAskedForUpTo200) {
  const AlarmsQuery query = asked("");
  EXPECT_TRUE(query.open);
  EXPECT_TRUE(query.ended);
  EXPECT_EQ(query.limit, 200U);
  EXPECT_TRUE(asks_for(query, nullptr, alarm(5)));
  EXPECT_TRUE(asks_for(query, nullptr, alarm(5, 6)));
}

TEST(AlarmsQuery, EmptyParametersAskForNothing) {
  const AlarmsQuery query = asked("state=&host=&tag=&rule=&severity=&from=&to=&limit=");
  EXPECT_TRUE(query.hosts.empty());
  EXPECT_TRUE(query.rules.empty());
  EXPECT_EQ(query.limit, 200U);
}

TEST(AlarmsQuery, ARangeAsksForWhatWasOpenInIt) {
  const AlarmsQuery query = asked("from=100&to=200");
  EXPECT_FALSE(asks_for(query, nullptr, alarm(50, 99)));
  EXPECT_TRUE(asks_for(query, nullptr, alarm(50, 100)));
  EXPECT_TRUE(asks_for(query, nullptr, alarm(50)));
  EXPECT_TRUE(asks_for(query, nullptr, alarm(200)));
  EXPECT_FALSE(asks_for(query, nullptr, alarm(201)));
}

TEST(AlarmsQuery, HostsAreThoseThatAreGiven) {
  const std::set<std::string> hosts{"web-2"};
  EXPECT_FALSE(asks_for(asked(""), &hosts, alarm(5)));
}

TEST(AlarmsQuery, TagsAreReadAsKeyAndValue) {
  const AlarmsQuery query = asked("tag=role%3Ddb&tag=site=fra");
  ASSERT_EQ(query.tags.size(), 2U);
  EXPECT_EQ(query.tags[0].key, "role");
  EXPECT_EQ(query.tags[1].value, "fra");
}

}  // namespace
}  // namespace hostwatch::api
