#include "tests/unit/server/alerts/engine/engine_fixture.h"

namespace hostwatch::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(Engine, ADeletedHostsAlarmsEndInThatWord) {
  watch({disk_full()});
  disk("web-1", 95);
  told();
  store_.store().delete_host("web-1");
  engine_->host_deleted("web-1");
  pass(40);
  EXPECT_THAT(told(), ElementsAre("ended warning disk-full web-1 /: host deleted"));
  start();
  pass(40);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Engine, ARuleThatIsRemovedEndsItsAlarms) {
  watch({});
  Rule rule = disk_full();
  EXPECT_EQ(engine_->put_rule(rule, std::nullopt, "anna").result, AlertEngine::RuleChange::Result::made);
  disk("web-1", 95);
  told();
  EXPECT_EQ(engine_->remove_rule("disk-full"), AlertEngine::RuleRemoval::removed);
  pass(40);
  EXPECT_THAT(told(), ElementsAre("ended warning disk-full web-1 /: rule removed"));
}

TEST_F(Engine, ARuleEditKeepsOpenAlarms) {
  watch({});
  engine_->put_rule(disk_full(), std::nullopt, "anna");
  disk("web-1", 95);
  told();
  Rule changed = disk_full();
  changed.name = "Full";
  changed.when[0].limits[static_cast<std::size_t>(Severity::warning)] = Limit{80, 70};
  EXPECT_EQ(engine_->put_rule(changed, 7, "anna").result, AlertEngine::RuleChange::Result::wrong_revision);
  EXPECT_EQ(engine_->put_rule(changed, 1, "anna").result, AlertEngine::RuleChange::Result::changed);
  start();
  pass(10);
  disk("web-1", 85);
  pass(40);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(alarms(), SizeIs(1));
}

TEST_F(Engine, ATagThatGoesEndsTheAlarm) {
  Rule rule = disk_full();
  rule.hosts.tags = {{"role", {"db"}}};
  watch({rule});
  protocol::Reading tagged = reading("web-1", now_, 95);
  tagged.facts = protocol::HostFacts();
  tagged.facts->tags = {{"role", "db"}};
  send({tagged});
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  pass(40);
  protocol::Reading untagged = reading("web-1", now_, 95);
  untagged.facts = protocol::HostFacts();
  send({untagged});
  EXPECT_THAT(told(), ElementsAre("ended warning disk-full web-1 /: tag removed"));
}

TEST_F(Engine, ASilenceOutlivesARestartAndItsEndTells) {
  watch({disk_full()});
  Silence silence;
  silence.hosts = {"web-*"};
  silence.until = now_ + 600;
  silence.reason = "work";
  engine_->add_silence(silence);
  disk("web-1", 95);
  start();
  send_for(590, "web-1", 95);
  EXPECT_THAT(told(), IsEmpty());
  pass(12);
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
}

TEST_F(Engine, AcknowledgedIsNotRepeatedButRaised) {
  watch({disk_full()});
  disk("web-1", 95);
  told();
  EXPECT_TRUE(engine_->acknowledge(1, "anna", "on it", 0));
  EXPECT_EQ(alarms()[0].ack_by, "anna");
  start();
  send_for(100, "web-1", 95);
  EXPECT_THAT(told(), IsEmpty());
  disk("web-1", 99, -1);
  EXPECT_THAT(told(), ElementsAre("raised critical disk-full web-1 /"));
  EXPECT_EQ(alarms()[0].ack_by, "");
}

TEST_F(Engine, UndeliveredIsReadAgainAfterAStart) {
  watch({disk_full()});
  disk("web-1", 95);
  EXPECT_THAT(sent_.take(), SizeIs(1));
  sent_.ids.clear();
  start();
  EXPECT_THAT(told(), ElementsAre("fired warning disk-full web-1 /"));
  sent_.ids.clear();
  start();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Engine, TheSnapshotCountsByHost) {
  watch({disk_full()});
  disk("web-1", 95);
  disk("web-2", 99);
  pass(1);
  const auto snapshot = engine_->snapshot();
  EXPECT_EQ(snapshot->all, (AlarmCounts{.critical = 1, .warning = 1}));
  EXPECT_EQ(snapshot->by_host.at("web-2"), (AlarmCounts{.critical = 1}));
}

}  // namespace
}  // namespace hostwatch::alerts
