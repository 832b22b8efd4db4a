// Which alarms are found, and in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/server/storage/sqlite/alerts/alert_rows_fixture.h"

namespace hostwatch::storage::alarm_query_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = StoreFixture::kNow;

class AlarmQueries : public ::testing::Test {
 protected:
  AlertStore& alerts() { return fixture_.store().alerts(); }
  void write(std::vector<AlarmRow> alarms) {
    AlertChanges changes;
    changes.alarms = std::move(alarms);
    alerts().write(changes);
  }
  std::vector<std::int64_t> found(const AlarmQuery& query) {
    std::vector<std::int64_t> ids;
    for (const AlarmRow& alarm : alerts().alarms(query)) ids.push_back(alarm.id);
    return ids;
  }
  StoreFixture fixture_;
};

TEST_F(AlarmQueries, OpenOnesComeFirstThenTheNewest) {
  write({open_alarm(1, "a", kNow), ended_alarm(2, "a", kNow + 50, kNow + 60), open_alarm(3, "b", kNow + 10),
         ended_alarm(4, "b", kNow + 40, kNow + 90)});
  EXPECT_THAT(found({}), ElementsAre(3, 1, 2, 4));
  AlarmQuery query;
  query.ended = false;
  EXPECT_THAT(found(query), ElementsAre(3, 1));
  query = {};
  query.open = false;
  EXPECT_THAT(found(query), ElementsAre(2, 4));
  query.ended = false;
  EXPECT_THAT(found(query), IsEmpty());
}

TEST_F(AlarmQueries, HostsAndRulesAreTakenByTheirNames) {
  const std::string strange = "h\xC3\xBCt \"[1]' --\\";
  AlarmRow of_disk = open_alarm(4, "c", kNow);
  of_disk.rule = "disk-full";
  of_disk.highest = "critical";
  write({open_alarm(1, "a", kNow + 3), open_alarm(2, "b", kNow + 2), open_alarm(3, strange, kNow + 1),
         of_disk});
  AlarmQuery query;
  query.hosts = {"a", strange, "nobody"};
  EXPECT_THAT(found(query), ElementsAre(1, 3));
  query = {};
  query.rules = {"disk-full"};
  EXPECT_THAT(found(query), ElementsAre(4));
  query.hosts = {"a"};
  EXPECT_THAT(found(query), IsEmpty());
  query = {};
  query.severity = "critical";
  EXPECT_THAT(found(query), ElementsAre(4));
  query = {};
  query.hosts = {""};
  EXPECT_THAT(found(query), IsEmpty()) << "of the server itself there are none";
}

TEST_F(AlarmQueries, OfARangeAreThoseThatWereOpenInIt) {
  write({ended_alarm(1, "a", 100, 200), ended_alarm(2, "a", 150, 300), open_alarm(3, "a", 250)});
  const auto between = [&](std::int64_t from, std::int64_t to) {
    AlarmQuery query;
    query.from = from;
    query.to = to;
    return found(query);
  };
  EXPECT_THAT(between(0, 99), IsEmpty());
  EXPECT_THAT(between(0, 100), ElementsAre(1));
  EXPECT_THAT(between(200, 200), ElementsAre(2, 1));
  EXPECT_THAT(between(201, 249), ElementsAre(2));
  EXPECT_THAT(between(301, 400), ElementsAre(3));
}

/// The same by looking at each.
std::vector<std::int64_t> expected(std::vector<AlarmRow> alarms, const AlarmQuery& query) {
  std::erase_if(alarms, [&](const AlarmRow& alarm) {
    const auto lacks = [](const std::vector<std::string>& names, const std::string& name) {
      return !names.empty() && std::find(names.begin(), names.end(), name) == names.end();
    };
    const bool is_open = alarm.ended == 0;
    return !(is_open ? query.open : query.ended) || lacks(query.hosts, alarm.host) ||
           lacks(query.rules, alarm.rule) || (!query.severity.empty() && alarm.highest != query.severity) ||
           alarm.fired > query.to || (!is_open && alarm.ended < query.from);
  });
  std::sort(alarms.begin(), alarms.end(), [](const AlarmRow& a, const AlarmRow& b) {
    return std::tuple(a.ended == 0, a.fired, a.id) > std::tuple(b.ended == 0, b.fired, b.id);
  });
  std::vector<std::int64_t> ids;
  for (const AlarmRow& alarm : alarms) ids.push_back(alarm.id);
  ids.resize(std::min(ids.size(), static_cast<std::size_t>(query.limit)));
  return ids;
}

TEST_F(AlarmQueries, OfThousandsAreThoseThatLookingAtEachFinds) {
  std::mt19937 random(18);
  const auto up_to = [&](std::int64_t most) { return static_cast<std::int64_t>(random() % (most + 1)); };
  std::vector<AlarmRow> alarms;
  for (std::int64_t id = 1; id <= 3000; ++id) {
    const std::int64_t fired = up_to(2000);
    AlarmRow alarm = ended_alarm(id, "host-" + std::to_string(up_to(20)), fired, fired + up_to(300) + 1);
    alarm.rule = "rule-" + std::to_string(up_to(5));
    if (up_to(2) == 0) alarm.highest = "critical";
    if (up_to(4) == 0) alarm.ended = 0;
    alarms.push_back(alarm);
  }
  write(alarms);
  for (int round = 0; round < 300; ++round) {
    AlarmQuery query;
    query.open = up_to(5) != 0;
    query.ended = up_to(5) != 0;
    for (std::int64_t i = up_to(3); i > 0; --i) query.hosts.push_back("host-" + std::to_string(up_to(25)));
    for (std::int64_t i = up_to(2); i > 0; --i) query.rules.push_back("rule-" + std::to_string(up_to(6)));
    if (up_to(3) == 0) query.severity = "critical";
    if (up_to(1) == 0) {
      query.from = up_to(2500);
      query.to = query.from + up_to(300);
    }
    query.limit = up_to(1) == 0 ? 1000 : up_to(50);
    ASSERT_EQ(found(query), expected(alarms, query)) << "round " << round;
  }
}

}  // namespace
}  // namespace hostwatch::storage::alarm_query_test
