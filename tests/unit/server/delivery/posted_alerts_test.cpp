// What an Alertmanager is told where an alarm becomes another alert for it.
#include "server/delivery/posted_alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/delivery/notices.h"

namespace hostwatch::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1763885000;

AlarmNotice with_severity(const std::string& severity) {
  AlarmNotice notice = disk_notice();
  notice.severity = severity;
  return notice;
}

/// "warning", "critical over": what is posted, in order.
std::vector<std::string> posted(const std::vector<AlarmNotice>& alarms) {
  std::vector<std::string> texts;
  for (const AlarmNotice& alarm : alarms) texts.push_back(alarm.severity + (alarm.ended ? " over" : ""));
  return texts;
}

TEST(PostedAlerts, AreTheAlarmsAsLongAsNothingChanges) {
  PostedAlerts alerts;
  const std::vector<AlarmNotice> alarms{with_severity("warning")};
  EXPECT_EQ(alerts.complete(alarms, kNow), alarms);
  EXPECT_EQ(alerts.complete(alarms, kNow + 60), alarms);
  EXPECT_THAT(alerts.complete({}, kNow + 120), testing::SizeIs(1));
}

TEST(PostedAlerts, EndTheWarningThatBecomesCritical) {
  PostedAlerts alerts;
  alerts.complete({with_severity("warning")}, kNow);
  const auto risen = alerts.complete({with_severity("critical")}, kNow + 60);
  EXPECT_THAT(posted(risen), ElementsAre("critical", "warning over"));
  EXPECT_EQ(risen[1].ended, kNow + 60);
  EXPECT_EQ(risen[1].event, "ended");
  EXPECT_EQ(alerts.complete({with_severity("critical")}, kNow + 120), risen)
      << "told again, should a post fail";
  EXPECT_THAT(posted(alerts.complete({with_severity("critical")}, kNow + 61 + PostedAlerts::kTold)),
              ElementsAre("critical"));
}

TEST(PostedAlerts, BecomeAgainWhatTheyWere) {
  PostedAlerts alerts;
  alerts.complete({with_severity("warning")}, kNow);
  alerts.complete({with_severity("critical")}, kNow + 60);
  EXPECT_THAT(posted(alerts.complete({with_severity("warning")}, kNow + 120)),
              ElementsAre("warning", "critical over"));
}

TEST(PostedAlerts, EndWithTheSeverityThatWasPostedLast) {
  PostedAlerts alerts;
  alerts.complete({with_severity("warning")}, kNow);
  AlarmNotice ended = with_severity("critical");  // the highest, as ends are told
  ended.ended = kNow + 50;
  EXPECT_THAT(posted(alerts.complete({ended}, kNow + 60)), ElementsAre("critical over", "warning over"));
  ended.severity = "warning";
  EXPECT_THAT(posted(alerts.complete({ended}, kNow + 120)), ElementsAre("warning over"));
}

TEST(PostedAlerts, EndWhereATagChanges) {
  PostedAlerts alerts;
  alerts.complete({disk_notice()}, kNow);
  AlarmNotice moved = disk_notice();
  moved.tags["role"] = "web";
  const auto both = alerts.complete({moved}, kNow + 60);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].tags, disk_notice().tags);
  EXPECT_EQ(both[1].ended, kNow + 60);
}

TEST(PostedAlerts, EndWhereNothingIsKnownOfThemAnyMore) {
  PostedAlerts alerts;
  alerts.complete({with_severity("warning")}, kNow);
  EXPECT_THAT(posted(alerts.complete({}, kNow + 60)), ElementsAre("warning over"));
  EXPECT_THAT(alerts.complete({}, kNow + 61 + PostedAlerts::kTold), IsEmpty());
}

}  // namespace
}  // namespace hostwatch::delivery
