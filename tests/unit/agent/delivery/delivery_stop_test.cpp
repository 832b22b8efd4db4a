#include "agent/delivery/delivery.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"

// Stopping is quick and tries to leave nothing behind.
namespace hostwatch::agent::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// Far below what any of the waits that a stop must break off would take.
constexpr seconds kQuick{20};

TEST_F(DeliveryTest, StoppingWithNothingToSendIsImmediate) {
  DumbListener listener(DumbListener::Manner::silent);
  EXPECT_TRUE(start(listener.url()).stop(seconds(5)));
}

TEST_F(DeliveryTest, WhatWaitsForTheHostsTurnIsSentAtTheStop) {
  StandInServer& server = serve(
      [](const auto& received, std::size_t, httplib::Response& response) { say_ok(received, response); });
  settings.send_offset = std::chrono::hours(1);
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  push(2);
  EXPECT_TRUE(delivery->stop(seconds(5)));
  EXPECT_EQ(counts().delivered, 3U);
}

TEST_F(DeliveryTest, ABackOffIsBrokenOffForALastTry) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number == 1) return say_error(503, "starting", response);
    say_ok(received, response);
  });
  settings.retry.base = settings.retry.cap = std::chrono::hours(1);
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([&] { return counts().failures == 1; }));
  EXPECT_TRUE(delivery->stop(seconds(5)));
  EXPECT_EQ(counts().delivered, 1U);
}

TEST_F(DeliveryTest, TheLastTryIsOneTry) {
  StandInServer& server = serve(
      [](const auto&, std::size_t, httplib::Response& response) { say_error(503, "for ever", response); });
  settings.retry.base = settings.retry.cap = std::chrono::hours(1);
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([&] { return counts().failures == 1; }));
  EXPECT_TRUE(delivery->stop(seconds(5)));
  EXPECT_EQ(server.requests(), 2U);
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(DeliveryTest, ARequestThatIsNotAnsweredIsBrokenOff) {
  DumbListener listener(DumbListener::Manner::silent);
  settings.timeouts.read = std::chrono::minutes(10);
  push(1);
  const auto began = Clock::now();
  start(listener.url());
  EXPECT_TRUE(delivery->stop(seconds(2)));
  delivery.reset();
  EXPECT_LT(Clock::now() - began, kQuick);
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(DeliveryTest, ARequestUnderWayMayEndBeforeTheStop) {
  std::atomic<bool> go = false;
  StandInServer& server = serve([&go](const auto& received, std::size_t, httplib::Response& response) {
    EXPECT_TRUE(eventually([&go] { return go.load(); }));
    say_ok(received, response);
  });
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([&] { return server.requests() == 1; }));
  std::jthread stopper([this] { EXPECT_TRUE(delivery->stop(seconds(30))); });
  go = true;
  stopper.join();
  EXPECT_EQ(counts().delivered, 1U);
  EXPECT_EQ(server.requests(), 1U);
}

}  // namespace
}  // namespace hostwatch::agent::test
