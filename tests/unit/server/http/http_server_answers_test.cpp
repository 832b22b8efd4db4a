// Answers that come later, from other threads, twice, or not at all; and the end.
#include <gmock/gmock.h>
#include <httplib.h>

#include <mutex>
#include <stdexcept>
#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

Response text(const std::string& body) {
  Response response;
  response.body = body;
  return response;
}

/// Keeps the responders of requests until the test answers them.
class LateAnswers : public ServerTest {
 protected:
  void start_late() {
    start([this](const Request& request, const Responder& responder) -> std::optional<Response> {
      if (!request.path.starts_with("/late")) return echo(request, responder);
      const std::lock_guard lock(mutex_);
      waiting_.push_back(responder);
      return std::nullopt;
    });
  }
  void TearDown() override {
    if (server_) server_->stop(std::chrono::milliseconds(0));
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  Responder late(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return waiting_.at(index);
  }
  bool wait_for(std::size_t count) {
    return eventually([&] { return waiting() == count; });
  }

 private:
  std::mutex mutex_;
  std::vector<Responder> waiting_;
};

TEST_F(LateAnswers, FromAnotherThread) {
  start_late();
  RawClient client(server_->port());
  client.send(get("/late"));
  ASSERT_TRUE(wait_for(1));
  std::jthread([responder = late(0)] { responder.answer(text("at last")); }).join();
  EXPECT_THAT(client.answer(), EndsWith("at last"));
  client.send(get("/next"));
  EXPECT_THAT(client.answer(), EndsWith("GET /next "));
}

TEST_F(LateAnswers, PipelinedOnesStayInOrder) {
  start_late();
  RawClient client(server_->port());
  client.send(get("/late1") + get("/soon") + get("/late2") + get("/end"));
  ASSERT_TRUE(wait_for(1));
  late(0).answer(text("one"));
  ASSERT_TRUE(wait_for(2)) << "the next is looked at when the one before it is answered";
  late(1).answer(text("two"));
  EXPECT_THAT(client.answer(), EndsWith("one"));
  EXPECT_THAT(client.answer(), EndsWith("GET /soon "));
  EXPECT_THAT(client.answer(), EndsWith("two"));
  EXPECT_THAT(client.answer(), EndsWith("GET /end "));
}

TEST_F(LateAnswers, ManyAtOnceInAnyOrder) {
  start_late();
  constexpr std::size_t kMany = 200;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(get("/late"));
    ASSERT_TRUE(wait_for(i + 1));
  }
  for (std::size_t i = kMany; i-- > 0;) late(i).answer(text("answer " + std::to_string(i)));
  for (std::size_t i = 0; i < kMany; ++i) {
    EXPECT_THAT(clients[i]->answer(), EndsWith("answer " + std::to_string(i)));
  }
}

TEST_F(ServerTest, AnAnswerBeforeTheHandlerReturns) {
  start([](const Request& request, const Responder& responder) -> std::optional<Response> {
    std::jthread([&] { responder.answer(text("early " + request.path)); }).join();
    return std::nullopt;
  });
  RawClient client(server_->port());
  for (int i = 0; i < 50; ++i) {
    client.send(get("/" + std::to_string(i)));
    EXPECT_THAT(client.answer(), EndsWith("early /" + std::to_string(i)));
  }
}

TEST_F(LateAnswers, AfterTheClientHasGoneIsDropped) {
  start_late();
  {
    RawClient client(server_->port());
    client.send(get("/late"));
    ASSERT_TRUE(wait_for(1));
  }
  late(0).answer(text("for nobody"));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
  // A new connection, likely on the same descriptor, never sees it.
  RawClient client(server_->port());
  client.send(get("/late"));
  ASSERT_TRUE(wait_for(2));
  late(0).answer(text("still for nobody"));
  late(1).answer(text("for me"));
  EXPECT_THAT(client.answer(), EndsWith("for me"));
}

TEST_F(LateAnswers, ASecondAnswerIsNotTheNextRequests) {
  start_late();
  RawClient client(server_->port());
  client.send(get("/late"));
  ASSERT_TRUE(wait_for(1));
  late(0).answer(text("first"));
  EXPECT_THAT(client.answer(), EndsWith("first"));
  client.send(get("/late"));
  ASSERT_TRUE(wait_for(2));
  late(0).answer(text("first again"));
  late(1).answer(text("second"));
  EXPECT_THAT(client.answer(), EndsWith("second"));
}

TEST_F(ServerTest, AnAnswerOfAHandlerThatThrewIsNotTheNextRequests) {
  std::mutex mutex;
  std::vector<Responder> kept;
  start([&](const Request& request, const Responder& responder) -> std::optional<Response> {
    const std::lock_guard lock(mutex);
    kept.push_back(responder);
    if (request.path == "/throws") throw std::runtime_error("after handing the request on");
    return std::nullopt;
  });
  RawClient client(server_->port());
  client.send(get("/throws") + get("/waits"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 "));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return kept.size() == 2;
  }));
  kept[0].answer(text("of the first"));
  kept[1].answer(text("of the second"));
  EXPECT_THAT(client.answer(), EndsWith("of the second"));
}

TEST_F(LateAnswers, StoppingWaitsForThem) {
  start_late();
  RawClient waiting_client(server_->port());
  RawClient idle_client(server_->port());
  waiting_client.send(get("/late"));
  ASSERT_TRUE(wait_for(1));
  server_->stop_accepting();
  EXPECT_EQ(idle_client.rest(), "") << "idle connections are closed";
  std::jthread answering([responder = late(0)] { responder.answer(text("just in time")); });
  server_->stop(std::chrono::duration_cast<std::chrono::milliseconds>(kPatience));
  const std::string answer = waiting_client.rest();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("just in time"));
}

TEST_F(LateAnswers, StoppingDoesNotWaitForEver) {
  start_late();
  RawClient client(server_->port());
  client.send(get("/late"));
  ASSERT_TRUE(wait_for(1));
  server_->stop(std::chrono::milliseconds(1));
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(server_->connections(), 0U);
  late(0).answer(text("too late"));
}

TEST_F(ServerTest, StoppedServersTakeNobody) {
  start();
  const int port = server_->port();
  server_->stop(std::chrono::milliseconds(100));
  server_->stop(std::chrono::milliseconds(100));
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/"));
}

}  // namespace
}  // namespace hostwatch::http::test
