#include "server/delivery/message.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/delivery/channel.h"
#include "tests/unit/server/delivery/notices.h"

namespace hostwatch::delivery {
namespace {

TEST(MessageBody, KeepsEveryFieldOfAMessage) {
  Message message = disk_message("ops");
  message.left_out = 31;
  AlarmNotice over = disk_notice();
  over.event = "ended";
  over.ended = 1763885000;
  over.end_reason = "cleared";
  over.end_value = 80.5;
  over.late = true;
  over.repeat = 3;
  over.runbook = "https://wiki.example/disks";
  over.note = "while away: 2 alarms, over";
  message.alarms.push_back(over);
  const auto again = message_from_body(message_body(message));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, message);
}

TEST(MessageBody, IsDueWhenItWasCreatedAndNotAttempted) {
  Message message = disk_message("ops");
  message.due = message.created + 300;
  message.attempts = 7;
  const auto again = message_from_body(message_body(message));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->due, message.created);
  EXPECT_EQ(again->attempts, 0);
}

TEST(MessageBody, TakesNamesThatAreNoUtf8) {
  Message message = disk_message("ops");
  message.alarms[0].instance = "/mnt/\xff\xfe";
  const auto again = message_from_body(message_body(message));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->alarms[0].instance, "/mnt/\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(MessageBody, AValueThatIsNotFiniteComesBackAsNone) {
  Message message = disk_message("ops");
  message.alarms[0].value = INFINITY;
  const auto again = message_from_body(message_body(message));
  ASSERT_TRUE(again);
  EXPECT_TRUE(std::isnan(again->alarms[0].value));
}

TEST(MessageBody, OfWhatIsNoneIsNothing) {
  for (const char* body : {"", "{}", "[]", "null", "{\"id\":1}", R"({"id":"a","channel":"b","created":1})",
                           R"({"id":"a","channel":"b","created":1,"alarms":[{}]})",
                           R"({"id":"a","channel":"b","created":1,"alarms":[1]})"}) {
    EXPECT_FALSE(message_from_body(body)) << body;
  }
}

TEST(ChannelKinds, HaveNamesAndBack) {
  for (const ChannelKind kind : {ChannelKind::webhook, ChannelKind::mail, ChannelKind::ntfy,
                                 ChannelKind::slack, ChannelKind::alertmanager, ChannelKind::heartbeat}) {
    EXPECT_EQ(channel_kind_named(to_string(kind)), kind);
  }
  EXPECT_EQ(channel_kind_named("sms"), std::nullopt);
  EXPECT_EQ(channel_kind_named(""), std::nullopt);
}

}  // namespace
}  // namespace hostwatch::delivery
