#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/unit/server/alerts/engine/engine_fixture.h"

namespace hostwatch::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(Engine, AnAlarmIsStoredAndToldWithItsReading) {
  watch({disk_full()});
  disk("web-1", 95);
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  const auto stored = alarms();
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].host, "web-1");
  EXPECT_EQ(stored[0].instance, "/");
  EXPECT_EQ(stored[0].started, kStart);
  EXPECT_EQ(stored[0].fired, kStart);
  EXPECT_EQ(stored[0].value_fired, 95);
  EXPECT_EQ(stored[0].limit, 90);
  EXPECT_EQ(stored[0].ended, 0);
}

TEST_F(Engine, ResolvedHasAProof) {
  watch({disk_full()});
  disk("web-1", 95);
  told();
  pass(10);
  disk("web-1", 50);
  pass(40);  // after the first message others wait half a minute
  EXPECT_THAT(told(), ElementsAre("ended warning disk-full web-1 /: cleared"));
  ASSERT_TRUE(sent_.notices.back().end_value);
  EXPECT_EQ(*sent_.notices.back().end_value, 50);
  EXPECT_EQ(sent_.notices.back().ended, kStart + 10);
}

TEST_F(Engine, AGapIsNotARecovery) {
  watch({disk_full()});
  disk("web-1", 95);
  told();
  pass(7200);
  EXPECT_THAT(told(), IsEmpty());
  const auto open = engine_->snapshot()->open;
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_NE(open.begin()->second.unknown_since, 0);
}

TEST_F(Engine, NotTwiceAfterAGap) {
  watch({disk_full(), host_down()});
  disk("web-1", 95);
  told();
  pass(600);
  EXPECT_THAT(told(), ElementsAre("fired critical host-down web-1"));
  disk("web-1", 95);
  send_for(300, "web-1", 95);
  EXPECT_THAT(told(), ElementsAre("ended critical host-down web-1: cleared"));
}

TEST_F(Engine, OneHostDownOneMessage) {
  watch({disk_full(), host_down()});
  std::vector<protocol::Sample> disks;
  for (int i = 0; i < 30; ++i) disks.push_back({"filesystem_used_percent", "/disk" + std::to_string(i), 50});
  send({{"web-1", now_, 1, 2, 3, disks, std::nullopt}});
  for (protocol::Sample& one : disks) one.value = 95;
  pass(10);
  send({{"web-1", now_, 1, 2, 3, disks, std::nullopt}});
  EXPECT_THAT(told(), SizeIs(30));
  pass(3600);
  EXPECT_THAT(told(), ElementsAre("fired critical host-down web-1"));
}

TEST_F(Engine, ComingBackIsQuiet) {
  watch({disk_full(), host_down()});
  disk("web-1", 50);
  pass(300);
  told();
  disk("web-1", 95);  // briefly
  pass(10);
  disk("web-1", 50);
  send_for(200, "web-1", 50);
  EXPECT_THAT(told(), ElementsAre("ended critical host-down web-1: cleared"));
}

TEST_F(Engine, WhatStaysBadAfterComingBackIsTold) {
  watch({disk_full(), host_down()});
  disk("web-1", 50);
  pass(300);
  told();
  send_for(200, "web-1", 95);
  EXPECT_THAT(told(), UnorderedElementsAre("ended critical host-down web-1: cleared",
                                           "fired warning disk-full web-1 /"));
}

TEST_F(Engine, RecoveryIsToldAcrossAHostDown) {
  watch({disk_full(), host_down()});
  disk("web-1", 95);
  told();
  pass(600);
  told();
  send_for(200, "web-1", 50);
  EXPECT_THAT(told(), UnorderedElementsAre("ended critical host-down web-1: cleared",
                                           "ended warning disk-full web-1 /: cleared"));
}

TEST_F(Engine, RestartTellsNothingNew) {
  Rule slow = disk_full();
  slow.id = "slow";
  slow.hold = 300;
  watch({disk_full(), slow});
  for (int i = 0; i <= 300; i += 10) {
    std::vector<protocol::Reading> all;
    for (int host = 0; host < 50; ++host) all.push_back(reading("web-" + std::to_string(host), now_, 95));
    send(all);
    pass(10);
  }
  pass(60);
  told();
  const auto before = alarms();
  ASSERT_THAT(before, SizeIs(100));
  start();
  pass(60);
  std::vector<protocol::Reading> all;
  for (int host = 0; host < 50; ++host) all.push_back(reading("web-" + std::to_string(host), now_, 95));
  send(all);
  pass(200);
  EXPECT_THAT(told(), IsEmpty());
  const auto after = alarms();
  ASSERT_THAT(after, SizeIs(100));
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(before[i].id, after[i].id);
    EXPECT_EQ(before[i].started, after[i].started);
  }
}

TEST_F(Engine, ARestartKeepsWhatIsHeld) {
  Rule rule = disk_full();
  rule.hold = 60;
  watch({rule});
  for (int i = 0; i < 4; ++i) {
    disk("web-1", 95);
    pass(10);
  }
  start();
  for (int i = 0; i < 3; ++i) {
    disk("web-1", 95);
    pass(10);
  }
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  EXPECT_EQ(alarms()[0].started, kStart);
  EXPECT_EQ(alarms()[0].fired, kStart + 60);
}

TEST_F(Engine, TheServerWasAway) {
  watch({disk_full(), host_down()});
  disk("web-1", 50);
  pass(5);
  now_ += 1200;
  start();
  pass(89);
  EXPECT_THAT(told(), IsEmpty());
  disk("web-1", 50);
  send_for(200, "web-1", 50);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Engine, ALateReadingNeverPages) {
  watch({disk_full()});
  disk("web-1", 50);
  pass(7200);
  std::vector<protocol::Reading> backlog;
  for (int i = 7000; i > 0; i -= 100) backlog.push_back(reading("web-1", now_ - i, i > 3000 ? 95 : 50));
  send(backlog);
  disk("web-1", 50);
  pass(120);
  EXPECT_THAT(told(), IsEmpty());
  const auto stored = alarms();
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_TRUE(stored[0].late);
  EXPECT_NE(stored[0].ended, 0);
}

TEST_F(Engine, CatchingUpInOrderFires) {
  watch({disk_full()});
  disk("web-1", 50);
  pass(600);
  std::vector<protocol::Reading> backlog;
  for (int i = 590; i >= 0; i -= 10) backlog.push_back(reading("web-1", now_ - i, 95));
  send(backlog);
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  EXPECT_EQ(alarms()[0].started, kStart + 10);
}

TEST_F(Engine, AClockThatWasPutBackIsFollowedAfterThreeReadings) {
  watch({disk_full()});
  disk("web-1", 50, -3600);  // an hour ahead, and its Date as well
  for (int i = 0; i < 2; ++i) {
    pass(10);
    disk("web-1", 95);
  }
  EXPECT_THAT(told(), IsEmpty());
  pass(10);
  disk("web-1", 95);
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
}

TEST_F(Engine, TheServersClockJumps) {
  watch({disk_full(), host_down()});
  for (int i = 0; i < 10; ++i) {
    disk("web-1", 50);
    pass(10);
    if (i == 3) now_ += 3600;
    if (i == 6) now_ -= 3600;
  }
  pass(20);
  EXPECT_THAT(told(), IsEmpty());
  pass(300);
  EXPECT_THAT(told(), ElementsAre("fired critical host-down web-1"));
}

TEST_F(Engine, AFleetGoesSilent) {
  watch({host_down(), many_silent()});
  const auto all = [&](int first) {
    std::vector<protocol::Reading> readings;
    for (int host = first; host < 100; ++host)
      readings.push_back(reading("h" + std::to_string(host), now_, 1));
    send(readings);
  };
  for (int i = 0; i < 5; ++i) {
    all(0);
    pass(10);
  }
  for (int i = 0; i < 60; ++i) {
    all(90);
    pass(10);
  }
  EXPECT_THAT(told(), ElementsAre("fired critical many-silent "));
  for (int i = 0; i < 5; ++i) {
    all(1);
    pass(10);
  }
  EXPECT_THAT(told(), ElementsAre("ended critical many-silent : cleared"));
  for (int i = 0; i < 60; ++i) {
    all(1);
    pass(10);
  }
  EXPECT_THAT(told(), ElementsAre("fired critical host-down h0"));
}

TEST_F(Engine, AFleetThatDoesNotComeBackAfterARestartIsOneMessage) {
  watch({host_down(), many_silent()});
  for (int i = 0; i < 3; ++i) {
    std::vector<protocol::Reading> readings;
    for (int host = 0; host < 20; ++host) readings.push_back(reading("h" + std::to_string(host), now_, 1));
    send(readings);
    pass(10);
  }
  start();
  pass(400);
  EXPECT_THAT(told(), ElementsAre("fired critical many-silent "));
}

TEST_F(Engine, WhatWasAwayBeforeTheStartIsNoFleet) {
  watch({many_silent()});
  std::vector<protocol::Reading> readings;
  for (int host = 0; host < 20; ++host) readings.push_back(reading("h" + std::to_string(host), now_, 1));
  send(readings);
  now_ += 90000;
  for (int i = 0; i < 3; ++i) {
    disk("alone", 1);
    pass(10);
  }
  start();
  for (int i = 0; i < 30; ++i) {
    disk("alone", 1);
    pass(10);
  }
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Engine, AnInstanceThatClosesAndOpensInOneTransactionIsKept) {
  watch({disk_full()});
  disk("web-1", 95);
  pass(30);
  send({reading("web-1", now_ - 20, 95), reading("web-1", now_ - 10, 50), reading("web-1", now_, 95)});
  start();
  pass(60);
  const auto stored = alarms();
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_EQ(stored[0].ended, 0);
}

TEST_F(Engine, WhatIsNotSetRightByAFailedCommitIsReadAnew) {
  watch({disk_full()});
  disk("web-1", 50);
  pass(10);
  {
    SQLite::Database other(store_.path(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_THROW(disk("web-1", 95), storage::StoreError);
  }
  EXPECT_THAT(alarms(), IsEmpty());
  EXPECT_THAT(told(), IsEmpty());
  disk("web-1", 95);
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  EXPECT_THAT(alarms(), SizeIs(1));
}

}  // namespace
}  // namespace hostwatch::alerts
