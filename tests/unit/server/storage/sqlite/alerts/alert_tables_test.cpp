// What is written of alarms is there, whole and once, also after a restart; until it is to be forgotten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "server/storage/sqlite/admin/operations.h"
#include "server/storage/sqlite/alerts/alert_tables.h"
#include "tests/unit/server/storage/earlier_schema.h"
#include "tests/unit/server/storage/sqlite/alerts/alert_rows_fixture.h"

namespace hostwatch::storage::alert_tables_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = StoreFixture::kNow;

class AlertTables : public ::testing::Test {
 protected:
  AlertStore& alerts() { return fixture_.store().alerts(); }
  std::int64_t ask(const char* sql) {
    return SQLite::Database(fixture_.path(), SQLite::OPEN_READONLY).execAndGet(sql).getInt64();
  }
  std::string beside(const std::string& name) const {
    return (std::filesystem::path(fixture_.path()).parent_path() / name).string();
  }
  StoreFixture fixture_;
};

/// One row of each kind, no member as it is by itself.
AlertChanges one_of_each() {
  AlertChanges changes;
  changes.rules = {{"cpu-high", 3, "page", R"({"id":"cpu-high"})", kNow, "anna"}};
  AlarmRow alarm = open_alarm(7, "web-1", kNow);
  alarm.instance = "sda \xC3\xBC '\"";
  alarm.severity = "warning";
  alarm.highest = "critical";
  alarm.value_fired = 91.25;
  alarm.value_worst = 1e300;
  alarm.value_ended = 0.1;
  alarm.limit = -90;
  alarm.late = alarm.flapping = true;
  alarm.ack_by = "ben";
  alarm.ack_until = kNow + 3600;
  alarm.ack_note = "on it;\nDROP TABLE alarm";
  changes.alarms = {alarm};
  changes.states = {{"cpu-high", "web-1", alarm.instance, "clearing", "critical", kNow - 10, 120, 60, 30, 20,
                     7, kNow - 1, 88.5}};
  changes.events = {{7, kNow, kNow + 1, "fired", 91.25, "above 90"},
                    {7, kNow + 2, kNow + 2, "told", {}, "mail"}};
  changes.told = {{7, "mail", "critical", kNow + 2, "aa"}};
  changes.deliveries = {{"aa", "mail", "{}", kNow + 2, kNow + 3, 4, "waiting", 451, "try later"}};
  changes.silences = {{5, R"({"hosts":[]})", "ben", kNow, kNow + 600}};
  changes.routes = R"([{"channel":"mail"}])";
  return changes;
}

TEST_F(AlertTables, EverythingIsAsItWasWrittenAlsoAfterARestart) {
  const AlertChanges changes = one_of_each();
  alerts().write(changes);
  for (int restart = 0; restart < 2; ++restart) {
    const AlertState state = alerts().alert_state();
    EXPECT_EQ(state.rules, changes.rules);
    EXPECT_EQ(state.states, changes.states);
    EXPECT_EQ(state.open_alarms, changes.alarms);
    EXPECT_EQ(state.told, changes.told);
    EXPECT_EQ(state.waiting, changes.deliveries);
    EXPECT_EQ(state.silences, changes.silences);
    EXPECT_EQ(state.routes, *changes.routes);
    EXPECT_EQ(state.last_alarm, 7);
    EXPECT_EQ(state.last_silence, 5);
    const auto story = alerts().alarm(7);
    ASSERT_TRUE(story);
    EXPECT_EQ(story->alarm, changes.alarms.front());
    EXPECT_EQ(story->events, changes.events);
    EXPECT_EQ(story->told, changes.told);
    EXPECT_EQ(story->deliveries, changes.deliveries);
    fixture_.reopen();
  }
}

TEST_F(AlertTables, ANewStoreHasNothing) {
  const AlertState state = alerts().alert_state();
  EXPECT_THAT(state.rules, IsEmpty());
  EXPECT_THAT(state.open_alarms, IsEmpty());
  EXPECT_EQ(state.routes, "");
  EXPECT_EQ(state.last_alarm, 0);
  EXPECT_FALSE(alerts().alarm(1));
  EXPECT_THAT(alerts().alarms({}), IsEmpty());
  EXPECT_THAT(alerts().deliveries("", 10), IsEmpty());
}

TEST_F(AlertTables, WhatIsWrittenTwiceIsThereOnce) {
  alerts().write(one_of_each());
  alerts().write(one_of_each());
  EXPECT_EQ(alerts().alarms({}).size(), 1U);
  EXPECT_EQ(alerts().alarm(7)->events.size(), 2U);
  EXPECT_EQ(alerts().deliveries("", 10).size(), 1U);
}

TEST_F(AlertTables, WhatChangesIsAsItWasWrittenLast) {
  alerts().write(one_of_each());
  AlertChanges changes = one_of_each();
  changes.rules.front().revision = 4;
  changes.alarms.front().ended = kNow + 100;
  changes.states.front().state = "firing";
  changes.told.front() = {7, "mail", "ended", kNow + 100, "bb"};
  changes.deliveries.front().state = "sent";
  changes.deliveries.push_back(delivery("bb", "waiting", kNow + 100));
  changes.silences.front().until = 0;
  changes.routes = "[]";
  alerts().write(changes);
  const AlertState state = alerts().alert_state();
  EXPECT_EQ(state.rules, changes.rules);
  EXPECT_EQ(state.states, changes.states);
  EXPECT_THAT(state.open_alarms, IsEmpty());
  EXPECT_THAT(state.told, IsEmpty()) << "of open alarms alone";
  EXPECT_THAT(state.waiting, ElementsAre(changes.deliveries.back()));
  EXPECT_EQ(state.silences, changes.silences);
  EXPECT_EQ(state.routes, "[]");
  EXPECT_EQ(alerts().alarm(7)->told, changes.told);
  EXPECT_EQ(alerts().alarm(7)->deliveries, changes.deliveries) << "all that told of it";
}

TEST_F(AlertTables, WhatIsRemovedIsGoneAndItsNumberIsNotGivenAgain) {
  alerts().write(one_of_each());
  AlertChanges changes;
  changes.removed_rules = {"cpu-high"};
  changes.removed_states = one_of_each().states;
  changes.removed_silences = {5};
  alerts().write(changes);
  const AlertState state = alerts().alert_state();
  EXPECT_THAT(state.rules, IsEmpty());
  EXPECT_THAT(state.states, IsEmpty());
  EXPECT_THAT(state.silences, IsEmpty());
  EXPECT_EQ(state.last_silence, 5);
}

TEST_F(AlertTables, AnAlarmOfTheSameBeginningIsAnotherOne) {
  AlertChanges changes;
  changes.alarms = {ended_alarm(1, "web-1", kNow, kNow + 10), open_alarm(2, "web-1", kNow)};
  alerts().write(changes);  // as of a host that was deleted, and whose readings came again
  EXPECT_EQ(alerts().alarms({}).size(), 2U);
}

TEST_F(AlertTables, WhatIsNoNumberIsReadBackAsNone) {
  AlertChanges changes;
  changes.alarms = {open_alarm(1, "web-1", kNow)};
  changes.alarms.front().value_worst = std::numeric_limits<double>::quiet_NaN();
  changes.alarms.front().limit = std::numeric_limits<double>::infinity();
  alerts().write(changes);
  const AlarmRow alarm = alerts().alarms({}).front();
  EXPECT_TRUE(std::isnan(alarm.value_worst));
  EXPECT_TRUE(std::isinf(alarm.limit));
  EXPECT_FALSE(alarm.value_ended);
}

TEST_F(AlertTables, OldAlarmsAreForgottenWithAllThatBelongsToThem) {
  AlertChanges changes = one_of_each();
  changes.alarms.front().ended = kNow;
  changes.alarms.push_back(ended_alarm(8, "web-1", kNow, kNow + 10));
  changes.alarms.push_back(open_alarm(9, "web-1", kNow - 1000));
  changes.events.push_back({8, kNow, kNow, "fired", {}, ""});
  alerts().write(changes);
  AlertChanges forget;
  forget.forget_alarms_before = kNow + 10;
  EXPECT_FALSE(forget.empty());
  alerts().write(forget);
  EXPECT_FALSE(alerts().alarm(7));
  EXPECT_EQ(alerts().alarm(8)->events.size(), 1U) << "it ended just then";
  EXPECT_TRUE(alerts().alarm(9)) << "it is open";
  EXPECT_EQ(
      ask("SELECT (SELECT count(*) FROM alarm_event WHERE alarm = 7) + (SELECT count(*) FROM alarm_told) "
          "+ (SELECT count(*) FROM alarm_delivery)"),
      0);
  forget.forget_alarms_before = kNow * 2;
  alerts().write(forget);
  EXPECT_EQ(alerts().alarms({}).size(), 1U);
  EXPECT_EQ(alerts().alert_state().last_alarm, 9);
}

TEST_F(AlertTables, ManyOldAlarmsAreForgottenInPieces) {
  const std::int64_t count = sqlite::AlertTables::kForgottenAtOnce + 10;
  AlertChanges changes;
  for (std::int64_t id = 1; id <= count; ++id) {
    changes.alarms.push_back(ended_alarm(id, "web-1", id, id + 1));
    changes.events.push_back({id, id, id, "fired", {}, ""});
  }
  alerts().write(changes);
  AlertChanges forget;
  forget.forget_alarms_before = kNow;
  alerts().write(forget);
  EXPECT_EQ(alerts().alarms({}).size(), 10U);
  EXPECT_EQ(ask("SELECT count(*) FROM alarm_event"), 10) << "those of the alarms that are left";
  EXPECT_EQ(ask("SELECT min(alarm) FROM alarm_event"), sqlite::AlertTables::kForgottenAtOnce + 1);
  alerts().write(forget);
  EXPECT_THAT(alerts().alarms({}), IsEmpty());
}

TEST_F(AlertTables, OldMessagesAreForgottenWhereNothingIsToBeDoneAboutThem) {
  AlertChanges changes;
  changes.deliveries = {delivery("a", "sent", kNow), delivery("b", "merged", kNow),
                        delivery("c", "dead", kNow), delivery("d", "waiting", kNow),
                        delivery("e", "sent", kNow + 1)};
  alerts().write(changes);
  AlertChanges forget;
  forget.forget_deliveries_before = kNow + 1;
  EXPECT_FALSE(forget.empty());
  alerts().write(forget);
  std::string left;
  for (const DeliveryRow& row : alerts().deliveries("", 10)) left += row.id;
  EXPECT_EQ(left, "ed") << "newest first";
}

TEST_F(AlertTables, MessagesAreReadByChannelAndByWhatBecameOfThem) {
  AlertChanges changes;
  changes.deliveries = {delivery("a", "dead", kNow), delivery("b", "sent", kNow, "ops"),
                        delivery("c", "dead", kNow, "ops"), delivery("d", "waiting", kNow)};
  alerts().write(changes);
  EXPECT_THAT(alerts().deliveries("ops", 10), ElementsAre(changes.deliveries[2], changes.deliveries[1]));
  EXPECT_THAT(alerts().deliveries("ops", 1), ElementsAre(changes.deliveries[2]));
  EXPECT_THAT(alerts().deliveries("", 2), ElementsAre(changes.deliveries[3], changes.deliveries[2]));
  const auto found = [&](const std::string& id, const std::string& channel, const std::string& state,
                         std::int64_t limit = 10) {
    DeliveryQuery query;
    query.id = id;
    query.channel = channel;
    query.state = state;
    query.limit = limit;
    std::string ids;
    for (const DeliveryRow& row : alerts().deliveries(query)) ids += row.id;
    return ids;
  };
  EXPECT_EQ(found("", "", ""), "dcba");
  EXPECT_EQ(found("c", "", ""), "c");
  EXPECT_EQ(found("", "", "dead"), "ca");
  EXPECT_EQ(found("", "", "waiting"), "d");
  EXPECT_EQ(found("", "ops", "sent"), "b");
  EXPECT_EQ(found("", "", "dead", 1), "c");
  EXPECT_EQ(found("", "", "merged"), "");
  EXPECT_THAT(alerts().deliveries("none", 10), IsEmpty());
  EXPECT_THAT(alerts().dead_letters(10), ElementsAre(changes.deliveries[2], changes.deliveries[0]));
  EXPECT_THAT(alerts().dead_letters(1), ElementsAre(changes.deliveries[2]));
  EXPECT_THAT(alerts().dead_letters(-1), IsEmpty());
  // A message that is tried again keeps its place.
  changes.deliveries[0].state = "waiting";
  alerts().write(changes);
  EXPECT_THAT(alerts().alert_state().waiting, ElementsAre(changes.deliveries[0], changes.deliveries[3]));
}

TEST_F(AlertTables, AlarmsOutliveTheirHost) {
  fixture_.append({StoreFixture::reading("web-1", kNow)});
  alerts().write(one_of_each());
  fixture_.store().delete_host("web-1");
  fixture_.maintain();
  EXPECT_TRUE(alerts().alarm(7));
  EXPECT_EQ(alerts().alert_state().states.size(), 1U) << "who evaluates them ends them";
}

TEST_F(AlertTables, EachChangeAloneIsOne) {
  EXPECT_TRUE(AlertChanges().empty());
  const AlertChanges all = one_of_each();
  std::vector<AlertChanges> each(12);
  each[0].rules = all.rules;
  each[1].removed_rules = {"a"};
  each[2].alarms = all.alarms;
  each[3].states = all.states;
  each[4].removed_states = all.states;
  each[5].events = all.events;
  each[6].told = all.told;
  each[7].deliveries = all.deliveries;
  each[8].silences = all.silences;
  each[9].removed_silences = {1};
  each[10].routes = "";
  each[11].forget_deliveries_before = 1;
  for (AlertChanges& changes : each) {
    EXPECT_FALSE(changes.empty()) << &changes - each.data();
    changes.clear();
    EXPECT_TRUE(changes.empty());
  }
}

TEST_F(AlertTables, ADatabaseOfTheFourthVersionIsBroughtAlong) {
  fixture_.append({StoreFixture::reading("web-1", kNow, 1)});
  fixture_.close();
  SQLite::Database(fixture_.path(), SQLite::OPEN_READWRITE).exec(kWithoutAlarms + "PRAGMA user_version = 4");
  EXPECT_THAT(sqlite::check_database(fixture_.path()).problems, IsEmpty());
  sqlite::backup_database(fixture_.path(), beside("of-version-4.db"));
  fixture_.reopen();
  EXPECT_EQ(ask("PRAGMA user_version"), 5);
  EXPECT_EQ(ask("SELECT count(*) FROM roll_up_check"), 0) << "which is for what is older";
  EXPECT_EQ(fixture_.cpu_of("web-1").size(), 1U);
  alerts().write(one_of_each());
  EXPECT_TRUE(alerts().alarm(7));
}

TEST_F(AlertTables, ABackupHasThemAndIsSound) {
  alerts().write(one_of_each());
  sqlite::backup_database(fixture_.path(), beside("copy.db"));
  EXPECT_THAT(sqlite::check_database(beside("copy.db")).problems, IsEmpty());
  fixture_.close();
  sqlite::restore_database(beside("copy.db"), fixture_.path());
  fixture_.reopen();
  EXPECT_EQ(alerts().alarm(7)->alarm, one_of_each().alarms.front());
  EXPECT_EQ(alerts().alert_state().last_silence, 5);
}

TEST_F(AlertTables, WhatWasToldOfSomeAlarmsIsReadAtOnce) {
  AlertChanges changes;
  changes.alarms = {open_alarm(1, "a", kNow), ended_alarm(2, "b", kNow, kNow + 1), open_alarm(3, "c", kNow)};
  changes.told = {
      {1, "mail", "warning", kNow, "x"}, {2, "mail", "ended", kNow, "x"}, {2, "ops", "ended", kNow, "y"}};
  alerts().write(changes);
  EXPECT_THAT(alerts().told_of(std::vector<std::int64_t>{2, 3, 9}),
              ElementsAre(changes.told[1], changes.told[2]));
  EXPECT_THAT(alerts().told_of({}), IsEmpty());
}

}  // namespace
}  // namespace hostwatch::storage::alert_tables_test
