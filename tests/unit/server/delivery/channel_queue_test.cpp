#include "server/delivery/channel_queue.h"

#include <gtest/gtest.h>

#include "tests/unit/server/delivery/notices.h"

namespace hostwatch::delivery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kNoJitter = 0.5;  // in the middle

class QueueTest : public testing::Test {
 protected:
  Message message(const std::string& id, std::int64_t alarm) const {
    Message made = disk_message("ops");
    made.id = id;
    made.created = made.due = now_.unix_time;
    made.alarms[0].id = alarm;
    return made;
  }
  void pass(seconds time) {
    now_.unix_time += time.count();
    now_.steady += time;
  }
  std::string next() {
    const auto* item = queue_.next(now_);
    return item == nullptr ? "" : item->message.id;
  }
  DeliveryResult end(Outcome outcome, std::int64_t status = 0) {
    return queue_.finish({outcome, status, outcome == Outcome::sent ? "" : "why", std::nullopt}, now_,
                         kNoJitter);
  }

  Moment now_{1763884803, SteadyTime(seconds(1'000))};
  ChannelQueue queue_;
};

TEST_F(QueueTest, GivesMessagesInOrderOneAtATime) {
  queue_.add(message("a", 1), false, now_);
  queue_.add(message("b", 2), false, now_);
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(end(Outcome::sent, 200).outcome, Outcome::sent);
  EXPECT_EQ(next(), "b");
}

TEST_F(QueueTest, ANewMessageIsTakenOnce) {
  EXPECT_TRUE(queue_.add(message("a", 1), false, now_));
  EXPECT_FALSE(queue_.add(message("a", 1), false, now_));
  EXPECT_EQ(queue_.size(), 1U);
}

TEST_F(QueueTest, WaitsUntilItIsDue) {
  Message later = message("a", 1);
  later.due += 30;
  queue_.add(later, false, now_);
  EXPECT_EQ(next(), "");
  EXPECT_EQ(queue_.wake(), now_.steady + seconds(30));
  pass(seconds(30));
  EXPECT_EQ(next(), "a");
}

TEST_F(QueueTest, TriesAgainAfter1And2And4To300Seconds) {
  queue_.add(message("a", 1), false, now_);
  for (const std::int64_t wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    ASSERT_EQ(next(), "a");
    const DeliveryResult result = end(Outcome::unsent);
    EXPECT_EQ(result.next_due, now_.unix_time + wait);
    pass(seconds(wait - 1));
    EXPECT_EQ(next(), "");
    pass(seconds(1));
  }
}

TEST_F(QueueTest, AnEndNeverComesBeforeItsBeginning) {
  queue_.add(message("down", 1), false, now_);
  queue_.add(message("up", 1), false, now_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(next(), "down");
    end(Outcome::unknown, 500);
    EXPECT_EQ(next(), "");
    pass(seconds(300));
  }
  ASSERT_EQ(next(), "down");
  end(Outcome::sent, 200);
  EXPECT_EQ(next(), "up");
}

TEST_F(QueueTest, WhatTheReceiverRefusesAgainAndAgainStopsNoOtherAlarms) {
  queue_.add(message("poison", 1), false, now_);
  queue_.add(message("of-the-same", 1), false, now_);
  queue_.add(message("other", 2), false, now_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(next(), "poison");
    end(Outcome::unknown, 500);
    pass(seconds(4));
  }
  ASSERT_EQ(next(), "poison");
  end(Outcome::unknown, 500);
  EXPECT_EQ(next(), "");  // the channel rests
  queue_.note(Outcome::sent, now_, kNoJitter);
  pass(seconds(4));
  ASSERT_EQ(next(), "poison");
  end(Outcome::unknown, 500);
  pass(seconds(1));
  EXPECT_EQ(next(), "other");
}

TEST_F(QueueTest, ALineThatIsDownStopsAllOfTheChannel) {
  queue_.add(message("a", 1), false, now_);
  queue_.add(message("b", 2), false, now_);
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(next(), "a");
    end(Outcome::unsent);
    pass(seconds(300));
  }
  EXPECT_EQ(next(), "a");
}

TEST_F(QueueTest, WhatIsDueLaterLetsOthersPassButNotItsOwnAlarm) {
  Message digest = message("digest", 1);
  digest.due += 60;
  queue_.add(digest, false, now_);
  queue_.add(message("same", 1), false, now_);
  queue_.add(message("other", 2), false, now_);
  EXPECT_EQ(next(), "other");
  end(Outcome::sent, 200);
  EXPECT_EQ(next(), "");
  pass(seconds(60));
  EXPECT_EQ(next(), "digest");
}

TEST_F(QueueTest, IsGivenUpAfter24HoursWithALastAttempt) {
  queue_.add(message("a", 1), false, now_);
  ASSERT_EQ(next(), "a");
  end(Outcome::unsent);
  pass(std::chrono::hours(24));
  ASSERT_EQ(next(), "a");
  const DeliveryResult result = end(Outcome::unsent);
  EXPECT_EQ(result.outcome, Outcome::dead);
  EXPECT_EQ(result.error, "given up after 24 hours: why");
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(QueueTest, OneThatIsOlderAtTheStartIsTriedOnce) {
  Message old = message("a", 1);
  old.created = old.due = now_.unix_time - 3 * 86'400;
  old.attempts = 40;
  queue_.add(old, true, now_);
  ASSERT_EQ(next(), "a");
  const DeliveryResult result = end(Outcome::unsent);
  EXPECT_EQ(result.outcome, Outcome::dead);
  EXPECT_EQ(result.attempts, 41);
}

TEST_F(QueueTest, AWallClockThatJumpsChangesNothing) {
  queue_.add(message("a", 1), false, now_);
  ASSERT_EQ(next(), "a");
  end(Outcome::unsent);
  now_.unix_time += 7 * 86'400;
  EXPECT_EQ(next(), "");
  now_.steady += seconds(1);
  ASSERT_EQ(next(), "a");
  EXPECT_EQ(end(Outcome::unsent).outcome, Outcome::unsent);
  now_.unix_time -= 14 * 86'400;
  now_.steady += seconds(2);
  EXPECT_EQ(next(), "a");
}

TEST_F(QueueTest, MayBeTakenBackOnlyWhileNothingOfItCanHaveArrived) {
  queue_.add(message("new", 1), false, now_);
  EXPECT_FALSE(queue_.withdraw("none"));
  ASSERT_EQ(next(), "new");
  EXPECT_FALSE(queue_.withdraw("new"));  // in flight
  end(Outcome::unsent);
  EXPECT_TRUE(queue_.withdraw("new"));
  EXPECT_FALSE(queue_.withdraw("new"));

  queue_.add(message("maybe", 1), false, now_);
  pass(seconds(10));
  ASSERT_EQ(next(), "maybe");
  end(Outcome::unknown);
  EXPECT_FALSE(queue_.withdraw("maybe"));

  queue_.add(message("from-before", 1), true, now_);
  EXPECT_FALSE(queue_.withdraw("from-before"));
}

TEST_F(QueueTest, AskedToWaitLongerItDoes) {
  queue_.add(message("a", 1), false, now_);
  ASSERT_EQ(next(), "a");
  const DeliveryResult result = queue_.finish({Outcome::unknown, 429, "why", seconds(120)}, now_, kNoJitter);
  EXPECT_EQ(result.next_due, now_.unix_time + 120);
}

TEST_F(QueueTest, ADeadLetterMakesRoomForTheNext) {
  queue_.add(message("a", 1), false, now_);
  queue_.add(message("b", 1), false, now_);
  ASSERT_EQ(next(), "a");
  EXPECT_EQ(end(Outcome::dead, 404).outcome, Outcome::dead);
  EXPECT_EQ(next(), "b");
}

TEST_F(QueueTest, GivesUpAllButWhatIsInFlight) {
  queue_.add(message("a", 1), false, now_);
  queue_.add(message("b", 2), false, now_);
  ASSERT_EQ(next(), "a");
  const auto results = queue_.give_up("gone");
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].id, "b");
  EXPECT_EQ(results[0].outcome, Outcome::dead);
  EXPECT_EQ(queue_.size(), 1U);
}

TEST(RetryDelay, IsSpreadAndBounded) {
  EXPECT_EQ(retry_delay(1, 0, {}), milliseconds(750));
  EXPECT_EQ(retry_delay(1, 1, {}), milliseconds(1'250));
  EXPECT_EQ(retry_delay(1'000, 0.5, {}), seconds(300));
  EXPECT_EQ(retry_delay(1, 0.5, seconds(7 * 86'400)), kMostRetryAfter);
  EXPECT_EQ(retry_delay(5, 0.5, seconds(1)), seconds(16));
  EXPECT_EQ(retry_delay(1, 0.5, seconds(-5)), seconds(1));
}

TEST(HttpOutcome, IsDeadForWhatWillNeverBeTaken) {
  for (const int status : {200, 201, 202, 204, 299}) EXPECT_EQ(http_outcome(status), Outcome::sent) << status;
  for (const int status : {400, 401, 403, 404, 410, 413, 422})
    EXPECT_EQ(http_outcome(status), Outcome::dead) << status;
  for (const int status : {301, 302, 307, 408, 425, 429, 500, 502, 503, 504, 600}) {
    EXPECT_EQ(http_outcome(status), Outcome::unknown) << status;
  }
}

}  // namespace
}  // namespace hostwatch::delivery
