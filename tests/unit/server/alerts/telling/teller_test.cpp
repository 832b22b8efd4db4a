// Who is told what: hushes, silences, acknowledgements, repeats, flapping, escalations.
#include "tests/unit/server/alerts/telling/telling_fixture.h"

namespace hostwatch::alerts {
namespace {

TEST_F(Telling, WhatFiresIsToldAtOnceAndItsEndToo) {
  fire(1);
  commit();
  EXPECT_EQ(arrived(), "fired 1");
  pass(600);
  end(1);
  commit();
  EXPECT_EQ(arrived(), "ended 1");
  pass(3600);
  EXPECT_EQ(arrived(), "");
}

TEST_F(Telling, ResolvedHasAProof) {
  fire(1);
  pass(60);
  end(1, "no longer measured");
  commit();
  const auto notice = received["ops"].back().alarms.at(0);
  EXPECT_EQ(notice.ended, alarms[1].ended);
  EXPECT_EQ(notice.end_reason, "no longer measured");
  EXPECT_EQ(notice.end_value, 80);
}

TEST_F(Telling, InfoIsToldToNobody) {
  fire(1, "info");
  pass(90'000);
  end(1);
  pass(60);
  EXPECT_EQ(arrived(), "");
}

TEST_F(Telling, ARiseIsToldAFallIsNot) {
  fire(1);
  pass(60);
  rise(1);
  pass(60);
  fall(1);
  pass(60);
  rise(1);
  pass(60);
  EXPECT_EQ(arrived(), "fired 1; raised 1");
}

TEST_F(Telling, AnEndGoesToThoseWhoWereToldTheBeginning) {
  set_channels({{"ops"}, {"boss"}});
  teller->set_routes(routes_from_json(R"([{"to": ["ops"]}])"));
  fire(1);
  pass(60);
  teller->set_routes(routes_from_json(R"([{"to": ["boss"]}])"));
  end(1);
  pass(60);
  EXPECT_EQ(arrived("ops"), "fired 1; ended 1");
  EXPECT_EQ(arrived("boss"), "");
}

TEST_F(Telling, ANewChannelIsToldWhatIsOpen) {
  fire(1);
  commit();
  set_channels({{"ops"}, {"mail", delivery::ChannelKind::mail}});
  EXPECT_EQ(arrived("mail"), "fired 1");
  EXPECT_EQ(arrived("ops"), "fired 1");
}

TEST_F(Telling, NotTwiceAfterAGap) {
  fire(1);
  commit();
  hush(1, Hush::frozen);
  pass(90'000);
  hush(1, Hush::settling);
  pass(60);
  hush(1, Hush::none);
  pass(60);
  EXPECT_EQ(arrived(), "fired 1");
}

TEST_F(Telling, OneHostDownOneMessage) {
  for (int id = 1; id <= 30; id++) fire(id, "warning", "web-1", Hush::frozen);
  fire(99, "critical");
  pass(3600);
  for (int id = 1; id <= 30; id++) end(id);
  pass(60);
  EXPECT_EQ(arrived(), "fired 99");
}

TEST_F(Telling, ComingBackIsQuiet) {
  fire(1, "critical", "web-1", Hush::settling);
  pass(30);
  end(1);
  hush(1, Hush::none);
  pass(60);
  EXPECT_EQ(arrived(), "");
}

TEST_F(Telling, RecoveryIsToldAcrossAHostDown) {
  fire(1);
  commit();
  hush(1, Hush::frozen);
  pass(600);
  hushes[1] = Hush::settling;
  end(1);
  pass(60);
  EXPECT_EQ(arrived(), "fired 1");
  hush(1, Hush::none);
  commit();
  EXPECT_EQ(arrived(), "ended 1");
}

TEST_F(Telling, WhatIsLateIsToldWhenItIsNoMore) {
  fire(1, "warning", "web-1", Hush::late);
  pass(100);
  EXPECT_EQ(arrived(), "");
  hush(1, Hush::none);
  commit();
  EXPECT_EQ(arrived(), "fired 1");
}

TEST_F(Telling, EndOfSilenceTells) {
  fire(1);
  commit();
  EXPECT_EQ(arrived(), "fired 1");
  silence(8 * 3600);
  fire(2, "critical");
  fire(3);
  pass(100);
  end(3);
  pass(8 * 3600 - 101);
  EXPECT_EQ(arrived(), "");
  pass(1);
  ASSERT_EQ(received["ops"].size(), 1U);
  EXPECT_EQ(received["ops"][0].alarms.at(0).note, "silenced until now");
  EXPECT_EQ(arrived(), "fired 2") << "3 came and went, 1 was told before";
}

TEST_F(Telling, AnEndWithinASilenceIsToldAfterIt) {
  fire(1);
  commit();
  const auto id = silence(3600);
  end(1);
  pass(100);
  EXPECT_EQ(arrived(), "fired 1");
  EXPECT_TRUE(teller->remove_silence(id));
  commit();
  EXPECT_EQ(arrived(), "ended 1");
  EXPECT_TRUE(store.silences.empty());
}

TEST_F(Telling, QuietHoursEndByTheWallClock) {
  silence(30 * 86'400, {"daily 22:00-07:00"});  // it is 02:10:03
  fire(1);
  pass(utc(2026, 11, 30, 7, 0) - now - 1);
  EXPECT_EQ(arrived(), "");
  pass(1);
  EXPECT_EQ(arrived(), "fired 1");
}

TEST_F(Telling, AcknowledgingStopsRepeatsButNotARiseWhichBreaksIt) {
  fire(1);
  commit();
  acknowledge(1);
  pass(3 * 86'400);
  EXPECT_EQ(arrived(), "fired 1");
  rise(1);
  commit();
  EXPECT_EQ(arrived(), "raised 1");
  EXPECT_EQ(alarms[1].ack_by, "");
  EXPECT_EQ(store.alarms[1].ack_by, "") << "the row is written as the rise made it";
  EXPECT_EQ(events_of(1, "unacknowledged"), 1);
  pass(4 * 3600);
  EXPECT_EQ(arrived(), "repeat 1");
}

TEST_F(Telling, AnAcknowledgementThatRunsOutIsOver) {
  fire(1);
  commit();
  acknowledge(1, now + 2 * 86'400);
  pass(2 * 86'400 - 1);
  EXPECT_EQ(arrived(), "fired 1");
  pass(1);
  EXPECT_EQ(arrived(), "repeat 1");
}

TEST_F(Telling, CriticalRepeatsEachFourHoursForADayThenDaily) {
  fire(1, "critical");
  commit();
  EXPECT_EQ(arrived(), "fired 1");
  pass(86'400);
  EXPECT_EQ(received["ops"].size(), 6U);
  EXPECT_EQ(received["ops"].back().alarms.at(0).repeat, 6);
  arrived();
  pass(3 * 86'400);
  EXPECT_EQ(arrived(), "repeat 1; repeat 1; repeat 1");
}

TEST_F(Telling, WarningRepeatsDailyOrAsItsRuleSays) {
  fire(1);
  commit();
  pass(2 * 86'400);
  EXPECT_EQ(arrived(), "fired 1; repeat 1; repeat 1");
  rules["disk-full"].id = "disk-full";
  rules["disk-full"].repeat = 600;
  change(1);
  pass(100);
  arrived();
  pass(1200);
  EXPECT_EQ(arrived(), "repeat 1; repeat 1");
  rules["disk-full"].repeat = 0;
  change(1);
  pass(3 * 86'400);
  EXPECT_EQ(arrived(), "");
}

TEST_F(Telling, AFlapperIsToldOnceAndThenTheEnd) {
  fire(1);
  pass(60);
  alarms[1].flapping = true;
  change(1);
  pass(2 * 86'400);
  rise(1);
  pass(60);
  end(1);
  pass(60);
  EXPECT_EQ(arrived(), "fired 1; flapping 1; ended 1");
}

TEST_F(Telling, EscalatesWhatIsOpenAndNotAcknowledgedSoLong) {
  set_channels({{"ops"}, {"boss"}});
  teller->set_routes(routes_from_json(R"([{"to": ["ops"]}, {"to": ["boss"], "after": "15m"}])"));
  fire(1);
  fire(2);
  fire(3);
  pass(100);
  acknowledge(2);
  end(3);
  pass(799);
  EXPECT_EQ(arrived("boss"), "");
  pass(1);
  EXPECT_EQ(arrived("boss"), "fired 1");
  end(1);
  end(2);
  pass(40);
  EXPECT_EQ(arrived("boss"), "ended 1");
}

TEST_F(Telling, ADisabledChannelIsToldWhenItIsEnabledAgain) {
  set_channels({{"ops", delivery::ChannelKind::webhook, true, false}});
  fire(1);
  pass(100);
  EXPECT_EQ(arrived(), "");
  EXPECT_EQ(why(1), "held: held, the channel is disabled");
  set_channels({{"ops"}});
  EXPECT_EQ(arrived(), "fired 1");
}

TEST_F(Telling, AnEndWaitsADayForADisabledChannelAndIsToldOnceToTheOthers) {
  set_channels({{"ops"}, {"mail", delivery::ChannelKind::mail}});
  fire(1);
  commit();
  set_channels({{"ops"}, {"mail", delivery::ChannelKind::mail, true, false}});
  end(1);
  pass(86'399);
  EXPECT_EQ(arrived("ops"), "fired 1; ended 1");
  EXPECT_EQ(store.state().open_alarms.size(), 1U);
  pass(2);
  EXPECT_EQ(store.state().open_alarms.size(), 0U);
  EXPECT_EQ(arrived("mail"), "fired 1");
}

TEST_F(Telling, TheServersClockJumps) {
  fire(1, "critical");
  commit();
  arrived();
  now -= 3600;
  fire(2);
  commit();
  EXPECT_EQ(arrived(), "fired 2");
  pass(5 * 3600);
  EXPECT_EQ(arrived(), "repeat 1");
  silence(600);
  fire(3);
  commit();
  leap(3600);
  EXPECT_EQ(arrived(), "fired 3");
}

}  // namespace
}  // namespace hostwatch::alerts
