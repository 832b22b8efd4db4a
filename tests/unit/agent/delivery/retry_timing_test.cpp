#include "agent/delivery/retry_timing.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hostwatch::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kMost = 1.0;
constexpr double kLeast = 0.0;
constexpr std::int64_t kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(BackOffTest, TheLongestWaitDoublesUpToAMinute) {
  const RetryTiming timing;
  EXPECT_EQ(back_off(timing, 1, kMost), seconds(1));
  EXPECT_EQ(back_off(timing, 2, kMost), seconds(2));
  EXPECT_EQ(back_off(timing, 6, kMost), seconds(32));
  EXPECT_EQ(back_off(timing, 7, kMost), seconds(60));
  EXPECT_EQ(back_off(timing, 8, kMost), seconds(60));
  EXPECT_EQ(back_off(timing, 4'000'000'000U, kMost), seconds(60));
}

TEST(BackOffTest, TheJitterIsFull) {
  const RetryTiming timing;
  EXPECT_EQ(back_off(timing, 7, kLeast), seconds(0));
  EXPECT_EQ(back_off(timing, 7, 0.5), seconds(30));
  EXPECT_EQ(back_off(timing, 7, 17.0), seconds(60)) << "a bad random source does no harm";
}

TEST(RetryAfterTest, SecondsAreTaken) {
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("120", kNow), seconds(120));
}

TEST(RetryAfterTest, ADateIsTakenFromTheClock) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:51:37 GMT", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after("Mon, 07 Nov 1994 08:49:37 GMT", kNow), seconds(86'400));
  EXPECT_EQ(parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", kNow), seconds(0)) << "past: at once";
}

TEST(RetryAfterTest, AnythingElseIsNothing) {
  for (const char* text :
       {"", "-1", "1.5", "soon", "1 ", " 1", "0x10", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun. 06 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

TEST(RetryAfterTest, NumbersBeyondAnyRangeAreJustLong) {
  EXPECT_GT(parse_retry_after("99999999999999999999999999", kNow), minutes(10));
  EXPECT_GT(parse_retry_after("9223372036854775807", kNow), minutes(10));
  EXPECT_GT(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), minutes(10));
}

TEST(RetryAfterTest, ItIsObeyedWithJitterOnTop) {
  const RetryTiming timing;
  EXPECT_EQ(obey_retry_after(timing, seconds(5), 1, kLeast), seconds(5));
  EXPECT_EQ(obey_retry_after(timing, seconds(5), 1, kMost), seconds(6));
}

TEST(RetryAfterTest, ItIsBelievedUpToTenMinutes) {
  const RetryTiming timing;
  EXPECT_EQ(obey_retry_after(timing, seconds(86'400), 1, kLeast), minutes(10));
}

TEST(SlowRetryTest, ItTakesAMinuteAndALittle) {
  const RetryTiming timing;
  EXPECT_EQ(slow_retry(timing, kLeast), seconds(60));
  EXPECT_EQ(slow_retry(timing, kMost), seconds(66));
}

TEST(SendOffsetTest, ItIsFixedByTheNameAndBelowAThirdOfTheInterval) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = "host-" + std::to_string(i);
    const auto offset = send_offset(name, seconds(10));
    EXPECT_EQ(offset, send_offset(name, seconds(10)));
    EXPECT_GE(offset, milliseconds(0));
    EXPECT_LT(offset, milliseconds(3'334));
  }
}

TEST(SendOffsetTest, ThousandHostsSpreadEvenly) {
  std::array<int, 10> tenths{};
  for (int i = 0; i < 1'000; ++i) {
    const auto offset = send_offset("host-" + std::to_string(i), seconds(30));
    ++tenths.at(static_cast<std::size_t>(offset.count() / 1'000));
  }
  for (const int in_one : tenths) {
    EXPECT_GT(in_one, 60);
    EXPECT_LT(in_one, 140);
  }
}

TEST(SendOffsetTest, ShortIntervalsHaveNone) {
  EXPECT_EQ(send_offset("host", seconds(1)), milliseconds(0));
  EXPECT_EQ(send_offset("host", seconds(4)), milliseconds(0));
}

TEST(SendOffsetTest, LongIntervalsDoNotMakeFreshReadingsOld) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_LT(send_offset("host-" + std::to_string(i), seconds(3'600)), seconds(30));
  }
}

}  // namespace
}  // namespace hostwatch::agent
