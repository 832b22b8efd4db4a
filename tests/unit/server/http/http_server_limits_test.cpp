// Clients that are slow, many, too large or wrong, over real sockets.
#include <gmock/gmock.h>

#include <mutex>
#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using HttpServerLimits = ServerTest;

TEST_F(HttpServerLimits, ABodyThatIsTooLargeIsRefusedAndTheClientReadsWhy) {
  start();
  RawClient client(server_->port());
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n";
  ASSERT_TRUE(client.send(head));
  // More than the system buffers: a reset in between would take the answer away.
  const std::string piece(1UL << 20U, 'x');
  for (int i = 0; i < 16; ++i) client.send(piece);
  client.finish_sending();
  EXPECT_THAT(client.rest(),
              AllOf(StartsWith("HTTP/1.1 413 Content Too Large\r\n"),
                    EndsWith("\"the body is larger than 8388608 bytes; send less at a time\"}")));
}

TEST_F(HttpServerLimits, NothingBehindARefusalIsHandled) {
  std::atomic<int> handled{0};
  start([&](const Request& request, const Responder& responder) {
    ++handled;
    return echo(request, responder);
  });
  for (const char* request :
       {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n", "GET / HTTP/1.1\nHost: a\r\n\r\n"}) {
    RawClient client(server_->port());
    client.send(request + get("/smuggled"));
    client.finish_sending();
    const std::string all = client.rest();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 400 ")) << request;
    EXPECT_EQ(all.find("HTTP/1.1 ", 1), std::string::npos) << "one answer, then the end";
  }
  EXPECT_EQ(handled, 0);
}

TEST_F(HttpServerLimits, ASlowHeadIsA408) {
  HttpServerOptions hasty = options();
  hasty.head_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  RawClient client(server_->port());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(client.rest(), AllOf(StartsWith("HTTP/1.1 408 Request Timeout\r\n"),
                                   EndsWith("{\"error\":\"the request took too long to arrive\"}")));
}

TEST_F(HttpServerLimits, ASlowBodyIsA408) {
  HttpServerOptions hasty = options();
  hasty.head_timeout = std::chrono::seconds(1);
  hasty.body_timeout = std::chrono::seconds(0);
  start(echo, hasty);
  RawClient client(server_->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerLimits, AnIdleConnectionIsClosedWithoutAWord) {
  HttpServerOptions hasty = options();
  hasty.idle_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  RawClient fresh(server_->port());
  RawClient used(server_->port());
  used.send(get("/"));
  EXPECT_THAT(used.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(fresh.rest(), IsEmpty());
  EXPECT_THAT(used.rest(), IsEmpty());
}

TEST_F(HttpServerLimits, ASlowReaderBlocksNobodyAndGetsAll) {
  HttpServerOptions one_thread = options();
  one_thread.threads = 1;
  const std::string big(32UL << 20U, 'b');
  start(
      [&](const Request& request, const Responder& responder) -> std::optional<Response> {
        if (request.path != "/big") return echo(request, responder);
        Response response;
        response.body = big;
        return response;
      },
      one_thread);
  RawClient slow(server_->port(), 4096);
  slow.send(get("/big"));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  for (int i = 0; i < 10; ++i) {
    RawClient other(server_->port());
    other.send(get("/other"));
    EXPECT_THAT(other.answer(), EndsWith("GET /other "));
  }
  const std::string answer = slow.answer();
  EXPECT_GT(answer.size(), big.size());
  EXPECT_TRUE(answer.ends_with("bbb"));
  server_.reset();  // before what its handler refers to
}

TEST_F(HttpServerLimits, AReaderThatStopsIsClosed) {
  HttpServerOptions hasty = options();
  hasty.write_timeout = std::chrono::seconds(1);
  start(
      [](const Request&, const Responder&) -> std::optional<Response> {
        Response response;
        response.body = std::string(32UL << 20U, 'b');
        return response;
      },
      hasty);
  RawClient client(server_->port(), 4096);
  client.send(get("/big"));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerLimits, AThousandIdleConnectionsHoldNoThread) {
  start();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(std::make_unique<RawClient>(server_->port()));
    if (i % 2 == 0) idle.back()->send("GET / HTTP/1.1\r\nHo");
  }
  ASSERT_TRUE(eventually([&] { return server_->connections() == 1000; }));
  RawClient client(server_->port());
  client.send(get("/fast"));
  EXPECT_THAT(client.answer(), EndsWith("GET /fast "));
  idle.front()->send("st: a\r\n\r\n");
  EXPECT_THAT(idle.front()->answer(), EndsWith("GET / "));
}

TEST_F(HttpServerLimits, ConnectionsBeyondTheLimitAreClosed) {
  HttpServerOptions few = options();
  few.max_connections = 2;
  start(echo, few);
  auto first = std::make_unique<RawClient>(server_->port());
  RawClient second(server_->port());
  ASSERT_TRUE(eventually([&] { return server_->connections() == 2; }));
  EXPECT_THAT(RawClient(server_->port()).rest(), IsEmpty());
  second.send(get("/still"));
  EXPECT_THAT(second.answer(), EndsWith("GET /still "));
  first.reset();
  ASSERT_TRUE(eventually([&] { return server_->connections() == 1; }));
  RawClient third(server_->port());
  third.send(get("/now"));
  EXPECT_THAT(third.answer(), EndsWith("GET /now "));
}

TEST_F(HttpServerLimits, SmallRequestsGetThroughWhenLargeUploadsFillTheRoom) {
  HttpServerOptions small = options();
  small.unfinished.bytes = 400000;
  small.unfinished.small_bytes = 20000;
  start(echo, small);
  std::vector<std::unique_ptr<RawClient>> hogs;
  for (int i = 0; i < 4; ++i) {
    hogs.push_back(std::make_unique<RawClient>(server_->port()));
    hogs.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n" +
                      std::string(95000, 'x'));
  }
  // One hog more than fit is told to go; until then none is.
  RawClient last(server_->port());
  last.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n" + std::string(95000, 'x'));
  last.finish_sending();
  EXPECT_THAT(last.rest(), StartsWith("HTTP/1.1 503 "));
  // In two pieces, so that it is unfinished for a while.
  RawClient honest(server_->port());
  const std::string request = post("/small", std::string(10000, 'y'));
  honest.send(request.substr(0, 5000));
  ASSERT_TRUE(eventually([&] { return server_->connections() >= 5; }));
  honest.send(request.substr(5000));
  EXPECT_THAT(honest.answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerLimits, RequestsSentAheadOfTheirAnswersEndWhereTheRoomDoes) {
  HttpServerOptions small = options();
  small.unfinished.bytes = 1000;
  std::mutex mutex;
  std::optional<Responder> waiting;
  start(
      [&](const Request&, const Responder& responder) -> std::optional<Response> {
        const std::lock_guard lock(mutex);
        waiting = responder;
        return std::nullopt;
      },
      small);
  RawClient client(server_->port());
  client.send(get("/first") + post("/ahead", std::string(5000, 'x')));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return waiting.has_value();
  }));
  waiting->answer(Response::json("{}"));
  client.finish_sending();
  const std::string all = client.rest();
  EXPECT_THAT(all, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\r\nConnection: close\r\n")));
  EXPECT_EQ(all.find("HTTP/1.1 ", 1), std::string::npos)
      << "the second may be sent again: it was not answered";
}

TEST_F(HttpServerLimits, UnfinishedBodiesTogetherAreBounded) {
  HttpServerOptions small = options();
  small.unfinished.bytes = 50000;
  start(echo, small);
  RawClient client(server_->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90001\r\n\r\n" + std::string(90000, 'x'));
  client.finish_sending();
  EXPECT_THAT(client.rest(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5\r\n")));
  // What was given up is not counted any longer.
  RawClient next(server_->port());
  next.send(post("/next", std::string(40000, 'y')));
  EXPECT_THAT(next.answer(), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace hostwatch::http::test
