#include "agent/delivery/delivery.h"

#include "tests/unit/agent/delivery/delivery_fixture.h"

namespace hostwatch::agent::test::delivery_test {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;

void always_ok(const StandInServer::Received& received, std::size_t, httplib::Response& response) {
  say_ok(received, response);
}

std::vector<std::int64_t> timestamps_of(const StandInServer::Received& received) {
  const auto json = received.json();
  std::vector<std::int64_t> timestamps;
  if (json.is_object()) return {json["timestamp"].get<std::int64_t>()};
  for (const auto& reading : json) timestamps.push_back(reading["timestamp"].get<std::int64_t>());
  return timestamps;
}

TEST_F(DeliveryTest, ASinglePendingReadingGoesAsAnObject) {
  StandInServer& server = serve(always_ok);
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  const auto sent = server.received().front().json();
  EXPECT_EQ(sent["hostname"], "web-1");
  EXPECT_EQ(sent["timestamp"], 1);
  EXPECT_EQ(counts().delivered, 1U);
}

TEST_F(DeliveryTest, SeveralGoAsOneArrayOldestFirst) {
  StandInServer& server = serve(always_ok);
  push(3);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_THAT(timestamps_of(server.received().front()), ElementsAre(1, 2, 3));
  EXPECT_EQ(counts().delivered, 3U);
}

TEST_F(DeliveryTest, ABacklogGoesInRequestsOfAtMostSoManyReadings) {
  StandInServer& server = serve(always_ok);
  settings.max_readings = 1'000;
  push(2'500);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_THAT(server.sizes(), ElementsAre(1'000, 1'000, 500));
}

TEST_F(DeliveryTest, ABacklogGoesInRequestsOfAtMostSoManyBytes) {
  StandInServer& server = serve(always_ok);
  settings.max_bytes = 100;
  push(20);
  start(server.url());
  ASSERT_TRUE(emptied());
  for (const auto& request : server.received()) EXPECT_LE(request.body.size(), 100U);
}

TEST_F(DeliveryTest, RequestsAreJsonOverOneConnectionThatStaysOpen) {
  StandInServer& server = serve(always_ok);
  start(server.url());
  for (int i = 0; i < 5; ++i) {
    push(1);
    ASSERT_TRUE(emptied());
  }
  const auto received = server.received();
  ASSERT_EQ(received.size(), 5U);
  for (const auto& request : received) {
    EXPECT_EQ(request.from_port, received.front().from_port);
    EXPECT_EQ(request.headers.find("Content-Type")->second, "application/json");
    EXPECT_EQ(request.headers.find("Host")->second, "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(request.headers.count("Authorization"), 0U);
  }
}

TEST_F(DeliveryTest, RequestsSayWhoSendsThemAndWhatTheClockShows) {
  StandInServer& server = serve(always_ok);
  settings.identity = "00112233445566778899aabbccddeeff";
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  const auto headers = server.received().front().headers;
  EXPECT_EQ(headers.find("Hostwatch-Agent")->second, "00112233445566778899aabbccddeeff");
  EXPECT_EQ(headers.find("Date")->second, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(headers.count("Content-Encoding"), 0U) << "not worth it";
}

TEST_F(DeliveryTest, TheServersClockIsTakenFromItsAnswer) {
  StandInServer& server = serve([](const auto& received, std::size_t, httplib::Response& response) {
    say_ok(received, response);
    response.set_header("Date", "Sun, 06 Nov 1994 08:50:00 GMT");
  });
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_TRUE(eventually([this] { return server_time == 784'111'800; }));
}

TEST_F(DeliveryTest, AProxysClockIsNotTheServers) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number == 2) return say_ok(received, response);
    response.set_content("<h1>Welcome to our network</h1>", "text/html");
    response.set_header("Date", "Sun, 06 Nov 1994 08:50:00 GMT");
  });
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery.reset();
  EXPECT_EQ(server_time, 0);
}

TEST_F(DeliveryTest, LargeArraysAreCompressed) {
  StandInServer& server = serve(always_ok);
  push(500);
  start(server.url());
  ASSERT_TRUE(emptied());
  const auto received = server.received().front();
  EXPECT_EQ(received.headers.find("Content-Encoding")->second, "gzip");
  EXPECT_LT(std::stoul(received.headers.find("Content-Length")->second), 4'000U);
  EXPECT_EQ(timestamps_of(received).size(), 500U);
}

TEST_F(DeliveryTest, FreshReadingsGoBeforeTheBacklogAndBetweenItsArrays) {
  SpoolSettings few_fresh;
  few_fresh.fresh_readings = 2;
  make_spool(few_fresh);
  settings.max_readings = 10;
  StandInServer& server =
      serve([this](const auto& received, std::size_t number, httplib::Response& response) {
        if (number % 2 == 0) push(1);  // while an array of the backlog is on its way
        say_ok(received, response);
      });
  push(32);
  start(server.url());
  ASSERT_TRUE(emptied());
  const auto received = server.received();
  EXPECT_THAT(timestamps_of(received[0]), ElementsAre(31, 32));
  EXPECT_EQ(timestamps_of(received[1]).front(), 1);
  EXPECT_THAT(timestamps_of(received[2]), ElementsAre(33));
  EXPECT_EQ(timestamps_of(received[3]).front(), 11);
  EXPECT_THAT(timestamps_of(received[4]), ElementsAre(34));
}

TEST_F(DeliveryTest, ABacklogThatFailsDoesNotHoldUpFreshReadings) {
  SpoolSettings few_fresh;
  few_fresh.fresh_readings = 1;
  make_spool(few_fresh);
  StandInServer& server = serve([](const auto& received, std::size_t, httplib::Response& response) {
    if (received.readings() > 1) return say_error(503, "not now", response);
    say_ok(received, response);
  });
  push(5);
  start(server.url());
  for (int i = 0; i < 5; ++i) {
    push(1);
    EXPECT_TRUE(eventually([&] { return counts().delivered > static_cast<std::uint64_t>(i); }));
  }
  EXPECT_GE(waiting(), 4U);
}

TEST_F(DeliveryTest, ATokenIsSentAsABearer) {
  StandInServer& server = serve(always_ok);
  settings.credential.token = "s3cret";
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.received().front().headers.find("Authorization")->second, "Bearer s3cret");
}

TEST_F(DeliveryTest, A503IsTriedAgainUntilItIsTaken) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number <= 3) return say_error(503, "the queue is full", response);
    say_ok(received, response);
  });
  push(2);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_THAT(server.sizes(), ElementsAre(2, 2, 2, 2));
  EXPECT_EQ(counts().failures, 3U);
  EXPECT_EQ(counts().delivered, 2U);
}

TEST_F(DeliveryTest, RetryAfterIsWaitedFor) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number > 1) return say_ok(received, response);
    say_error(503, "the queue is full", response);
    response.set_header("Retry-After", "1");
  });
  push(1);
  const auto began = std::chrono::steady_clock::now();
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

TEST_F(DeliveryTest, RetryAfterAsADateIsReadByTheClockGiven) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number > 1) return say_ok(received, response);
    say_error(429, "slower", response);
    response.set_header("Retry-After", "Sun, 06 Nov 1994 08:49:38 GMT");  // a second ahead
  });
  push(1);
  const auto began = std::chrono::steady_clock::now();
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

TEST_F(DeliveryTest, ARetryAfterOfAYearIsNotBelieved) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number > 1) return say_ok(received, response);
    say_error(503, "come back next year", response);
    response.set_header("Retry-After", "31536000");
  });
  settings.retry.retry_after_cap = milliseconds(10);
  push(1);
  start(server.url());
  EXPECT_TRUE(emptied());
}

TEST_F(DeliveryTest, AProxysPageIsNoSuccess) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number > 2) return say_ok(received, response);
    response.set_content("<html><body>Please log in</body></html>", "text/html");
  });
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.requests(), 3U);
  EXPECT_EQ(counts().failures, 2U);
}

TEST_F(DeliveryTest, AnAnswerWithoutAnEndIsCutOff) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number > 1) return say_ok(received, response);
    response.set_content(std::string(4U << 20U, ' '), "application/json");
  });
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().failures, 1U);
}

TEST_F(DeliveryTest, WrongTokensAndWrongPathsAreTriedAgain) {
  for (const int status : {302, 401, 403, 404, 405}) {
    StandInServer& server =
        serve([status](const auto& received, std::size_t number, httplib::Response& response) {
          if (number > 2) return say_ok(received, response);
          say_error(status, "no", response);
          response.set_header("Location", "http://127.0.0.1:1/elsewhere");
        });
    push(1);
    start(server.url());
    EXPECT_TRUE(emptied()) << status;
    EXPECT_EQ(counts().delivered, 1U) << status;
    delivery.reset();
  }
}

TEST_F(DeliveryTest, AServerThatClosesConnectionsIsTriedAgain) {
  DumbListener listener(DumbListener::Manner::closing);
  push(1);
  start(listener.url());
  EXPECT_TRUE(eventually([&] { return listener.closed() >= 3 && counts().failures >= 3; }));
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(DeliveryTest, AServerThatNeverAnswersIsGivenUpAndTriedAgain) {
  DumbListener listener(DumbListener::Manner::silent);
  settings.timeouts.read = milliseconds(20);
  push(1);
  start(listener.url());
  EXPECT_TRUE(eventually([&] { return counts().failures >= 2; }));
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(DeliveryTest, ReadingsWaitForAServerThatIsNotThereYet) {
  int port = 0;
  {
    StandInServer server(always_ok);  // to learn a port that is free
    port = server.port();
  }
  push(3);
  start({"127.0.0.1", port, "/metrics"});
  ASSERT_TRUE(eventually([&] { return counts().failures >= 2; }));
  EXPECT_EQ(facts_wanted, 0);
  serve(always_ok, port);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().delivered, 3U);
  delivery.reset();
}

TEST_F(DeliveryTest, FactsAreWantedAgainAfterARecovery) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number == 2) return say_error(503, "starting", response);
    say_ok(received, response);
  });
  start(server.url());
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(facts_wanted, 0) << "the first success is no recovery";
  push(1);
  EXPECT_TRUE(eventually([&] { return counts().delivered == 2 && facts_wanted == 1; }));
}

TEST_F(DeliveryTest, AConnectionThatTheServerClosedWhileIdleIsNoFailure) {
  auto first = std::make_unique<StandInServer>(always_ok);
  const int port = first->port();
  push(1);
  start(first->url());
  ASSERT_TRUE(emptied());
  first.reset();
  serve(always_ok, port);
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().failures, 0U);
  delivery.reset();
}

TEST_F(DeliveryTest, TheFirstReadingGoesAtOnceAndLaterOnesWaitForTheHostsTurn) {
  StandInServer& server = serve(always_ok);
  settings.send_offset = milliseconds(200);
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  ASSERT_TRUE(eventually([&] { return counts().delivered == 1; }));
  const auto pushed = std::chrono::steady_clock::now();
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_GE(std::chrono::steady_clock::now() - pushed, milliseconds(200));
}

}  // namespace
}  // namespace hostwatch::agent::test::delivery_test
