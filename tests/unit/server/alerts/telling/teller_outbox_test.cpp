// Messages: grouping, digests, channels that cannot be reached, restarts, and why.
#include "tests/unit/server/alerts/telling/telling_fixture.h"

namespace hostwatch::alerts {
namespace {

TEST_F(Telling, TheFirstIsToldAtOnceWhatFollowsTogether) {
  fire(1);
  commit();
  EXPECT_EQ(arrived(), "fired 1");
  fire(2);
  pass(10);
  fire(3);
  pass(19);
  EXPECT_EQ(arrived(), "");
  pass(1);
  EXPECT_EQ(arrived(), "fired 2, fired 3") << "and not 1, which was told before";
}

TEST_F(Telling, WildcardInstancesOver500DisksAreOneMessage) {
  set_channels({{"mail", delivery::ChannelKind::mail}, {"hook"}});
  for (int id = 1; id <= 500; id++) fire(id);
  alarms[400].severity = alarms[400].highest = "critical";
  change(400);
  commit();
  ASSERT_EQ(received["mail"].size(), 1U);
  EXPECT_EQ(received["mail"][0].alarms.size(), 20U);
  EXPECT_EQ(received["mail"][0].left_out, 480U);
  EXPECT_EQ(received["mail"][0].alarms[0].id, 400) << "critical first";
  ASSERT_EQ(received["hook"].size(), 1U);
  EXPECT_EQ(received["hook"][0].alarms.size(), 500U);
  pass(3600);
  EXPECT_EQ(received["mail"].size(), 1U);
}

TEST_F(Telling, ManyMessagesBecomeADigestAMinute) {
  int id = 0;
  for (int second = 0; second < 1200; second++) {
    fire(++id);
    pass(1);
  }
  EXPECT_LE(received["ops"].size(), 10U + 15U + 2U);
  std::vector<std::int64_t> times;
  for (const auto& message : received["ops"]) times.push_back(message.created);
  EXPECT_EQ(times[1] - times[0], 30);
  EXPECT_EQ(times.back() - times[times.size() - 2], 60);
}

TEST_F(Telling, UndeliveredIsNotLost) {
  lines["ops"] = delivery::Outcome::unsent;
  fire(1);
  commit();
  pass(600);
  fire(2);
  pass(600);
  end(1);
  pass(600);
  EXPECT_EQ(store.state().waiting.size(), 1U) << "they meet in the outbox";
  lines.clear();
  pass(400);
  ASSERT_EQ(received["ops"].size(), 1U);
  EXPECT_EQ(received["ops"][0].alarms.at(0).note, "fired at 02:10, not told until now");
  EXPECT_EQ(arrived(), "ended 1, fired 2");
}

TEST_F(Telling, WhatMayHaveArrivedIsNotChanged) {
  lines["ops"] = delivery::Outcome::unknown;
  fire(1);
  commit();
  const auto id = store.order.at(0);
  pass(600);
  end(1);
  pass(600);
  lines.clear();
  pass(400);
  EXPECT_EQ(received["ops"].at(0).id, id);
  EXPECT_EQ(arrived(), "fired 1; ended 1");
}

TEST_F(Telling, OneBadChannelStopsNoOther) {
  set_channels({{"ops"}, {"mail", delivery::ChannelKind::mail}});
  lines["ops"] = delivery::Outcome::unknown;
  for (int id = 1; id <= 3; id++) {
    fire(id);
    pass(100);
  }
  EXPECT_EQ(arrived("mail"), "fired 1; fired 2; fired 3");
}

TEST_F(Telling, ADeadLetterIsVisibleAndCanBeSentAgain) {
  lines["ops"] = delivery::Outcome::dead;
  fire(1);
  commit();
  pass(1);
  EXPECT_EQ(why(1), "dead: 02:10:03 could not be delivered: no connection");
  EXPECT_EQ(events_of(1, "undelivered"), 1);
  lines.clear();
  const auto row = store.deliveries.at(store.order.at(0));
  EXPECT_TRUE(teller->retry(row, now));
  commit();
  EXPECT_EQ(received["ops"].at(0).id, row.id);
  EXPECT_EQ(arrived(), "fired 1");
  pass(1);
  EXPECT_EQ(why(1), "sent: 02:10:03 sent");
}

TEST_F(Telling, WhatWaitsForADeletedChannelIsDead) {
  lines["ops"] = delivery::Outcome::unsent;
  fire(1);
  pass(10);
  set_channels({});
  EXPECT_EQ(store.deliveries.at(store.order.at(0)).state, "dead");
  EXPECT_EQ(store.deliveries.at(store.order.at(0)).error, "channel removed");
  EXPECT_TRUE(queues["ops"].empty());
  end(1);
  commit();
  EXPECT_TRUE(store.state().open_alarms.empty()) << "nothing waits for who is not there";
}

TEST_F(Telling, AlertmanagerAndHeartbeatGetNoMessages) {
  set_channels({{"state", delivery::ChannelKind::alertmanager}, {"alive", delivery::ChannelKind::heartbeat}});
  fire(1);
  pass(100);
  EXPECT_TRUE(store.order.empty());
}

TEST_F(Telling, RestartTellsNothingNew) {
  for (int id = 1; id <= 1000; id++) fire(id, id % 2 == 0 ? "critical" : "warning");
  pass(100);
  const auto messages = store.order.size();
  const auto events = store.events.size();
  restart();
  pass(100);
  EXPECT_EQ(store.order.size(), messages);
  EXPECT_EQ(store.events.size(), events);
}

TEST_F(Telling, ARestartLosesNeitherAnEndNorASilenceNorAMessage) {
  fire(1);
  commit();
  EXPECT_EQ(arrived(), "fired 1");
  silence(600);
  fire(2);
  end(1);
  commit();
  restart();
  EXPECT_EQ(arrived(), "");
  lines["ops"] = delivery::Outcome::unsent;
  pass(600);
  restart();
  lines.clear();
  pass(3);
  EXPECT_EQ(arrived(), "ended 1, fired 2");
}

TEST_F(Telling, TheServerWasAway) {
  fire(1, "warning", "web-1", Hush::late);
  end(1);
  commit();
  now += 1200;
  restart();
  pass(100);
  EXPECT_EQ(arrived(), "");
}

TEST_F(Telling, SaysWhy) {
  set_channels({{"ops"}, {"boss"}, {"mail", delivery::ChannelKind::mail}});
  teller->set_routes(routes_from_json(R"([{"to": ["ops"]}, {"to": ["boss"], "after": "15m"}])"));
  fire(1);
  commit();
  EXPECT_EQ(why(1), "waiting: 02:10:03 waiting") << "its result is not known yet";
  pass(1);
  EXPECT_EQ(why(1), "sent: 02:10:03 sent");
  EXPECT_EQ(why(1, "boss"), "held: held, goes there at 02:25 if nobody acknowledges it");
  EXPECT_EQ(why(1, "mail"), "not routed: not routed");
  fire(2);
  pass(1);
  EXPECT_EQ(why(2), "waiting: waiting until 02:10:33, goes with what comes till then");
  silence(3600);
  fire(3);
  pass(1);
  EXPECT_EQ(why(3), "held: held, silence 1 until 03:10");
  EXPECT_EQ(events_of(3, "held"), 1);
  end(1);
  pass(1);
  EXPECT_EQ(why(1), "held: 02:10:03 sent; ended: held, silence 1 until 03:10");
}

TEST_F(Telling, FiftyThousandOpenAlarmsCostNextToNothing) {
  for (int id = 1; id <= 50'000; id++) fire(id);
  commit();
  pass(100);
  const auto begin = std::clock();
  for (int i = 0; i < 10'000; i++) teller->tick(++now);
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 0.5);
}

}  // namespace
}  // namespace hostwatch::alerts
