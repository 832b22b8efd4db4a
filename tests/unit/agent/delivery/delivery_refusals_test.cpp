#include "agent/delivery/delivery.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"

// What the server will never take is dropped and counted, and does not hold up the rest.
namespace hostwatch::agent::test {
namespace {

using ::testing::ElementsAre;

TEST_F(DeliveryTest, AReadingAnswered400Or415IsDroppedAndCounted) {
  for (const int status : {400, 415}) {
    StandInServer& server =
        serve([status](const auto& received, std::size_t number, httplib::Response& response) {
          if (number == 1) return say_error(status, "cpu: must be a number", response);
          say_ok(received, response);
        });
    push(1);
    start(server.url());
    ASSERT_TRUE(emptied());
    push(1);
    EXPECT_TRUE(eventually([&] { return counts().delivered == 1; }));
    EXPECT_EQ(counts().dropped, 1U);
    EXPECT_EQ(counts().failures, 0U);
    EXPECT_THAT(server.sizes(), ElementsAre(1, 1));
    delivery.reset();
  }
}

TEST_F(DeliveryTest, AnArrayOfNothingButNamedBadReadingsIsDroppedWhole) {
  StandInServer& server = serve([](const auto&, std::size_t, httplib::Response& response) {
    response.status = 400;
    response.set_content(
        R"({"error":"none can be accepted","rejected":[{"index":0,"error":"a"},{"index":1,"error":"b"}]})",
        "application/json");
  });
  push(2);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().dropped, 2U);
  EXPECT_EQ(server.requests(), 1U);
}

TEST_F(DeliveryTest, AServerThatRefusesArraysWholeForOneBadReadingGetsTheGoodOnes) {
  for (const int status : {400, 415}) {
    StandInServer& server = serve([status](const auto& received, std::size_t, httplib::Response& response) {
      if (received.body.find(R"("timestamp":2,)") != std::string::npos)
        return say_error(status, "bad", response);
      say_ok(received, response);
    });
    last_timestamp = 0;
    push(5);
    start(server.url());
    ASSERT_TRUE(emptied());
    EXPECT_TRUE(eventually([&] { return counts().delivered == 4; }));
    EXPECT_EQ(counts().dropped, 1U);
    delivery.reset();
  }
}

TEST_F(DeliveryTest, FactsAreWantedAgainWhenReadingsWereDropped) {
  StandInServer& server =
      serve([](const auto&, std::size_t, httplib::Response& response) { say_error(400, "no", response); });
  push(1);
  start(server.url());
  EXPECT_TRUE(eventually([&] { return facts_wanted == 1; }));
}

TEST_F(DeliveryTest, AnArrayThatIsTooLargeIsHalvedUntilItFits) {
  StandInServer& server = serve([](const auto& received, std::size_t, httplib::Response& response) {
    if (received.readings() > 3) return say_error(413, "too large", response);
    say_ok(received, response);
  });
  push(10);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_THAT(server.sizes(), ElementsAre(10, 5, 2, 2, 2, 2, 2));
  EXPECT_EQ(counts().delivered, 10U);
  EXPECT_EQ(counts().dropped, 0U);
}

TEST_F(DeliveryTest, RequestsGrowAgainWhenTheBacklogIsGone) {
  StandInServer& server = serve([](const auto& received, std::size_t number, httplib::Response& response) {
    if (number == 1) return say_error(413, "too large", response);
    say_ok(received, response);
  });
  push(4);
  start(server.url());
  ASSERT_TRUE(emptied());
  delivery->stop(std::chrono::seconds(5));
  EXPECT_THAT(server.sizes(), ElementsAre(4, 2, 2));
}

TEST_F(DeliveryTest, ASingleReadingThatIsTooLargeIsDropped) {
  StandInServer& server = serve([](const auto& received, std::size_t, httplib::Response& response) {
    if (received.body.find(R"("timestamp":2,)") != std::string::npos)
      return say_error(413, "too large", response);
    say_ok(received, response);
  });
  push(3);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_TRUE(eventually([&] { return counts().delivered == 2; }));
  EXPECT_EQ(counts().dropped, 1U);
}

TEST_F(DeliveryTest, RejectedReadingsOfAnArrayAreCountedAndNotSentAgain) {
  StandInServer& server = serve([](const auto&, std::size_t, httplib::Response& response) {
    response.set_content(
        R"({"status":"ok","accepted":2,"duplicates":1,"rejected":[{"index":1,"error":"timestamp: too old"}]})",
        "application/json");
  });
  push(3);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_TRUE(eventually([&] { return counts().rejected == 1; }));
  EXPECT_EQ(counts().delivered, 2U);
  EXPECT_EQ(counts().duplicates, 1U);
  EXPECT_EQ(server.requests(), 1U);
}

TEST_F(DeliveryTest, AnAnswerThatRejectsMoreThanWasSentDoesNoHarm) {
  StandInServer& server = serve([](const auto&, std::size_t, httplib::Response& response) {
    response.set_content(R"({"status":"ok","rejected":[{"error":1},2,null,{"error":"x"}]})",
                         "application/json");
  });
  push(2);
  start(server.url());
  ASSERT_TRUE(emptied());
  EXPECT_TRUE(eventually([&] { return counts().rejected == 2; }));
  EXPECT_EQ(counts().delivered, 0U);
}

}  // namespace
}  // namespace hostwatch::agent::test
