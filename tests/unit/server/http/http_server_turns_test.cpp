// No connection holds a thread: whoever has much to do does it in turns with all others.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::EndsWith;
using testing::StartsWith;

class HttpServerTurns : public ServerTest {
 protected:
  static HttpServerOptions one_thread() {
    HttpServerOptions options = ServerTest::options();
    options.threads = 1;
    return options;
  }

  /// Takes some milliseconds for /slow, as real work would.
  std::optional<Response> slow(const Request& request, const Responder& responder) {
    if (request.path == "/slow") {
      ++slow_;
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
      while (std::chrono::steady_clock::now() < end) {
      }
    }
    return echo(request, responder);
  }

  static std::string many(const std::string& request, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += request;
    return all;
  }

  std::atomic<int> slow_{0};
};

TEST_F(HttpServerTurns, RequestsAheadOnOneConnectionLetOthersIn) {
  start([this](const Request& request, const Responder& responder) { return slow(request, responder); },
        one_thread());
  constexpr int kAhead = 1000;
  std::vector<std::unique_ptr<RawClient>> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(std::make_unique<RawClient>(server_->port()));
    busy.back()->send(many("HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\n", kAhead));
  }
  ASSERT_TRUE(eventually([this] { return slow_ > 0; }));
  RawClient other(server_->port());
  for (int i = 0; i < 10; ++i) {
    const int before = slow_;
    other.send(get("/other"));
    EXPECT_THAT(other.answer(), EndsWith("GET /other "));
    // A turn of each of the four, and of each once more where the request came just behind it, are 16; and
    // what comes while this thread waits for a core.
    EXPECT_LE(slow_ - before, kAhead / 10) << "others wait for a whole buffer of one connection";
  }
}

TEST_F(HttpServerTurns, ConnectionsOfOneClientShareItsTurn) {
  constexpr int kConnections = 50;
  std::atomic<bool> has_begun{false};
  std::promise<void> all_are_there;
  std::vector<std::string> order;  // of the one thread of the server
  start(
      [&](const Request& request, const Responder& responder) {
        if (request.path == "/first") {
          has_begun = true;
          all_are_there.get_future().wait();
        }
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
        while (std::chrono::steady_clock::now() < end) {
        }
        order.push_back(request.path);
        return echo(request, responder);
      },
      one_thread());
  std::vector<std::unique_ptr<RawClient>> busy;
  for (int i = 0; i < kConnections; ++i) busy.push_back(std::make_unique<RawClient>(server_->port()));
  ASSERT_TRUE(eventually([this] { return server_->connections() == kConnections; }));
  RawClient first(server_->port());
  first.send(get("/first"));
  ASSERT_TRUE(eventually([&] { return has_begun.load(); }));
  for (int i = 0; i < kConnections; ++i) busy[i]->send(many(get("/" + std::to_string(i)), 20));
  all_are_there.set_value();
  EXPECT_THAT(first.answer(), EndsWith("GET /first "));
  for (auto& client : busy) {
    for (int i = 0; i < 20; ++i) EXPECT_THAT(client->answer(), StartsWith("HTTP/1.1 200 "));
  }
  server_->stop(std::chrono::milliseconds(0));
  for (int i = 1; i <= kConnections; ++i) {
    EXPECT_NE(order.at(i), order.at(i + 1)) << "one request, where a client of one connection has ten";
  }
}

TEST_F(HttpServerTurns, AllOfThemAreAnsweredInOrder) {
  start([this](const Request& request, const Responder& responder) { return slow(request, responder); },
        one_thread());
  RawClient client(server_->port());
  std::string ahead;
  for (int i = 0; i < 40; ++i) ahead += get("/slow") + post("/" + std::to_string(i), "b");
  std::jthread sending([&] { client.send(ahead); });
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(client.answer(), EndsWith("GET /slow "));
    EXPECT_THAT(client.answer(), EndsWith("POST /" + std::to_string(i) + " b"));
  }
}

TEST_F(HttpServerTurns, WhatIsSentAheadIsCountedWhileOthersHaveTheirTurn) {
  HttpServerOptions small = one_thread();
  small.unfinished.bytes = 1000;
  start([this](const Request& request, const Responder& responder) { return slow(request, responder); },
        small);
  RawClient client(server_->port());
  client.send(many(get("/slow"), 1000));
  client.finish_sending();
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(slow_, 1000) << "requests ahead end where the room does";
  EXPECT_EQ(server_->unfinished_bytes(), 0U);
}

TEST_F(HttpServerTurns, ALargeAnswerIsSentInTurns) {
  const std::string large(64UL << 20U, 'x');
  start(
      [&](const Request& request, const Responder& responder) {
        auto response = echo(request, responder);
        if (request.path == "/large") response->fixed_body = large;
        return response;
      },
      one_thread());
  std::atomic<bool> is_over{false};
  std::jthread reading([&] {
    RawClient reader(server_->port());
    reader.send(get("/large"));
    EXPECT_EQ(reader.answer().size() > large.size(), true);
    is_over = true;
  });
  ASSERT_TRUE(eventually([this] { return server_->requests() == 1; }));
  int meanwhile = 0;
  while (!is_over) {
    RawClient other(server_->port());
    other.send(get("/other"));
    EXPECT_THAT(other.answer(), EndsWith("GET /other "));
    if (!is_over) ++meanwhile;
  }
  EXPECT_GE(meanwhile, 3);
  reading.join();
  server_.reset();  // a fixed body stays for as long as the server runs
}

TEST_F(HttpServerTurns, AnAnswerThatNeverComesEndsTheConnection) {
  start([](const Request&, const Responder&) -> std::optional<Response> { return std::nullopt; });
  RawClient client(server_->port());
  client.send(get("/dropped"));
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(eventually([this] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTurns, TheFirstOfTwoAnswersCounts) {
  start([](const Request&, const Responder& responder) -> std::optional<Response> {
    responder.answer(Response::json("1"));
    responder.answer(Response::json("2"));
    return Response::json("3");
  });
  RawClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/"));
    EXPECT_THAT(client.answer(), EndsWith("\r\n\r\n1"));
  }
}

TEST_F(HttpServerTurns, AnAnswerIsWantedForAsLongAsTheClientIsThere) {
  std::mutex mutex;
  std::vector<Responder> waiting;
  start([&](const Request&, const Responder& responder) -> std::optional<Response> {
    const std::lock_guard lock(mutex);
    waiting.push_back(responder);
    return std::nullopt;
  });
  const auto waiting_count = [&] {
    const std::lock_guard lock(mutex);
    return waiting.size();
  };
  auto gone = std::make_unique<RawClient>(server_->port());
  gone->send(get("/gone") + "GET /ahead");  // what is sent ahead hides the end from who would read
  ASSERT_TRUE(eventually([&] { return waiting_count() == 1; }));
  RawClient there(server_->port());
  there.send(get("/there"));
  ASSERT_TRUE(eventually([&] { return waiting_count() == 2; }));
  EXPECT_TRUE(waiting[0].is_wanted());
  gone.reset();
  EXPECT_TRUE(eventually([&] { return !waiting[0].is_wanted(); }));
  EXPECT_TRUE(waiting[1].is_wanted());
  waiting[1].answer(Response::json("{}"));
  EXPECT_THAT(there.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_FALSE(waiting[1].is_wanted()) << "it has its answer";
  waiting[0].answer(
      Response::json("{}"));  // nobody gets it, and the next of its requests goes nowhere either
  EXPECT_TRUE(eventually([this] { return server_->connections() == 1; }));
}

}  // namespace
}  // namespace hostwatch::http::test
