// Many connections from one address, and clients that do not take their answers.
#include <gmock/gmock.h>
#include <malloc.h>

#include <mutex>
#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class HttpServerFlood : public ServerTest {
 protected:
  /// Vouches for whoever asks for /known (or another name that begins so) as a client of that name; answers
  /// /large with 4 MiB.
  static std::optional<Response> some_known(const Request& request, const Responder& responder) {
    auto response = echo(request, responder);
    if (request.path.starts_with("/known")) response->authenticated_client = request.path;
    if (request.path == "/large") response->body = std::string(4UL << 20U, 'x');
    return response;
  }
};

TEST_F(HttpServerFlood, IdlersGiveWayAndWhoHasProvedItselfStays) {
  HttpServerOptions few = options();
  few.unauthenticated = {20, std::chrono::milliseconds(0)};
  start(some_known, few);
  RawClient agent(server_->port());
  agent.send(get("/known"));
  EXPECT_THAT(agent.answer(), StartsWith("HTTP/1.1 200 "));
  std::vector<std::unique_ptr<RawClient>> idlers;
  for (int i = 0; i < 200; ++i) {
    idlers.push_back(std::make_unique<RawClient>(server_->port()));
    idlers.back()->send("GET / HT");
  }
  EXPECT_TRUE(eventually([this] { return server_->connections() == 21; }));
  RawClient other(server_->port());
  other.send(get("/"));
  EXPECT_THAT(other.answer(), StartsWith("HTTP/1.1 200 "));
  agent.send(get("/known"));
  EXPECT_THAT(agent.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(idlers.front()->rest(), "") << "the first was ended";
}

TEST_F(HttpServerFlood, WhereThereIsNoRoomIdlersGiveWayToo) {
  HttpServerOptions few = options();
  few.max_connections = 10;
  few.unauthenticated = {1000, std::chrono::milliseconds(0)};
  start(some_known, few);
  std::vector<std::unique_ptr<RawClient>> idlers;
  for (int i = 0; i < 30; ++i) idlers.push_back(std::make_unique<RawClient>(server_->port()));
  RawClient agent(server_->port());
  agent.send(get("/known"));
  EXPECT_THAT(agent.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_LE(server_->connections(), 10U);
}

TEST_F(HttpServerFlood, WhoIsAtWorkIsNoIdler) {
  HttpServerOptions few = options();
  few.unauthenticated = {2, std::chrono::milliseconds(0)};
  std::mutex mutex;
  std::vector<Responder> waiting;
  start(
      [&](const Request& request, const Responder& responder) -> std::optional<Response> {
        if (request.path != "/late") return echo(request, responder);
        const std::lock_guard lock(mutex);
        waiting.push_back(responder);
        return std::nullopt;
      },
      few);
  const auto waiting_count = [&] {
    const std::lock_guard lock(mutex);
    return waiting.size();
  };
  std::vector<std::unique_ptr<RawClient>> at_work;
  for (std::size_t i = 0; i < 8; ++i) {
    at_work.push_back(std::make_unique<RawClient>(server_->port()));
    at_work.back()->send(get("/late"));
    ASSERT_TRUE(eventually([&] { return waiting_count() == i + 1; }));
  }
  EXPECT_EQ(RawClient(server_->port()).rest(), "") << "four times the limit are at work: no more";
  for (const Responder& responder : waiting) responder.answer(Response::json("{}"));
  for (const auto& client : at_work) EXPECT_THAT(client->answer(), StartsWith("HTTP/1.1 200 "));
  RawClient next(server_->port());
  next.send(get("/next"));
  EXPECT_THAT(next.answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerFlood, WhereAllHaveProvedThemselvesTheLongestIdleMakesRoom) {
  HttpServerOptions few = options();
  few.max_connections = 3;
  start(some_known, few);
  std::vector<std::unique_ptr<RawClient>> agents;
  for (int i = 0; i < 3; ++i) {
    agents.push_back(std::make_unique<RawClient>(server_->port()));
    agents.back()->send(get("/known"));
    EXPECT_THAT(agents.back()->answer(), StartsWith("HTTP/1.1 200 "));
  }
  agents[0]->send(get("/known"));
  EXPECT_THAT(agents[0]->answer(), StartsWith("HTTP/1.1 200 "));
  agents[2]->send("GET / HT");  // has begun a request
  RawClient fresh(server_->port());
  fresh.send(get("/known"));
  EXPECT_THAT(fresh.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(agents[1]->rest(), "") << "quiet for the longest time";
  agents[0]->send(get("/known"));
  EXPECT_THAT(agents[0]->answer(), StartsWith("HTTP/1.1 200 "));
  agents[2]->send("TP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(agents[2]->answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerFlood, WhoHoldsTheMostMakesRoomForOthersHoweverBusyItKeepsThem) {
  HttpServerOptions few = options();
  few.max_connections = 12;
  start(some_known, few);
  RawClient quiet(server_->port());
  quiet.send(get("/known-other"));
  EXPECT_THAT(quiet.answer(), StartsWith("HTTP/1.1 200 "));
  std::vector<std::unique_ptr<RawClient>> greedy;
  const auto take_one_more = [&] {
    greedy.push_back(std::make_unique<RawClient>(server_->port()));
    greedy.back()->send(get("/known") + "GET / HT");
    EXPECT_THAT(greedy.back()->answer(), StartsWith("HTTP/1.1 200 "));
  };
  for (int i = 0; i < 11; ++i) take_one_more();
  ASSERT_EQ(server_->connections(), 12U);
  for (int i = 0; i < 20; ++i) {
    RawClient other(server_->port());
    other.send(get("/"));
    EXPECT_THAT(other.answer(), StartsWith("HTTP/1.1 200 "));
    take_one_more();
  }
  EXPECT_EQ(greedy.front()->rest(), "") << "the one that was quiet for the longest time";
  quiet.send(get("/known-other"));
  EXPECT_THAT(quiet.answer(), StartsWith("HTTP/1.1 200 ")) << "who holds one keeps it";
}

TEST_F(HttpServerFlood, ManyThatWaitForTheirAnswersMakeRoomForOthersToo) {
  HttpServerOptions few = options();
  few.max_connections = 80;
  std::mutex mutex;
  std::vector<Responder> waiting;
  start(
      [&](const Request& request, const Responder& responder) -> std::optional<Response> {
        if (request.path != "/late") return some_known(request, responder);
        const std::lock_guard lock(mutex);
        waiting.push_back(responder);
        return std::nullopt;
      },
      few);
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 80; ++i) {
    greedy.push_back(std::make_unique<RawClient>(server_->port()));
    greedy.back()->send(get("/known"));
    EXPECT_THAT(greedy.back()->answer(), StartsWith("HTTP/1.1 200 "));
    greedy.back()->send(get("/late"));
  }
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return waiting.size() == 80;
  }));
  RawClient other(server_->port());
  other.send(get("/"));
  EXPECT_THAT(other.answer(), StartsWith("HTTP/1.1 200 "));
  for (const Responder& responder : waiting) responder.answer(Response::json("{}"));
  EXPECT_EQ(greedy.front()->rest(), "");
  EXPECT_THAT(greedy.back()->answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerFlood, WhoTakesNoneOfItsAnswersKeepsNobodyElseFromTheirs) {
  HttpServerOptions tight = options();
  tight.max_unsent_bytes = 20UL << 20U;
  start(some_known, tight);
  const auto known_as = [this](const std::string& path, int buffer) {
    auto client = std::make_unique<RawClient>(server_->port(), buffer);
    client->send(get(path));
    EXPECT_THAT(client->answer(), StartsWith("HTTP/1.1 200 "));
    return client;
  };
  const auto begun = known_as("/known-early", 4096);
  begun->send(get("/large"));
  ASSERT_TRUE(eventually([this] { return server_->requests() == 2; }));
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 30; ++i) {
    slow.push_back(known_as("/known-slow", 4096));
    slow.back()->send(get("/large"));
  }
  ASSERT_TRUE(eventually([this] { return server_->requests() == 62; }));
  EXPECT_THAT(slow.back()->answer(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5")))
      << "refused before it begins, not broken off";

  const auto late = known_as("/known-late", 65536);
  late->send(get("/large"));
  EXPECT_GT(late->answer().size(), 4UL << 20U) << "another client gets its answer, whole";
  EXPECT_GT(begun->answer().size(), 4UL << 20U) << "and so does who began before them";
  EXPECT_GT(slow.front()->answer().size(), 4UL << 20U) << "what has begun is sent to its end";
}

TEST_F(HttpServerFlood, AConnectionThatIsIdleHoldsNothingOfItsLastRequest) {
  start(some_known);
  std::vector<std::unique_ptr<RawClient>> clients;
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(get("/large") + post("/", std::string(2UL << 20U, 'x')));
    EXPECT_GT(clients.back()->answer().size(), 4UL << 20U);
    EXPECT_GT(clients.back()->answer().size(), 2UL << 20U);
    clients.back()->forget();
  }
  // It gives its memory back a moment after the client has its answer.
  EXPECT_TRUE(eventually([&] {
    return ::mallinfo2().uordblks + ::mallinfo2().hblkhd < before + (4UL << 20U);
  })) << "20 connections could hold 80 MiB";
}

TEST_F(HttpServerFlood, AClientThatTakesNothingIsEnded) {
  HttpServerOptions hasty = options();
  hasty.write_timeout = std::chrono::seconds(1);
  start(some_known, hasty);
  RawClient slow(server_->port(), 4096);
  slow.send(get("/large"));
  EXPECT_TRUE(eventually([this] { return server_->connections() == 1; }));
  EXPECT_TRUE(eventually([this] { return server_->connections() == 0; }));
}

TEST_F(HttpServerFlood, AClientThatTakesItSlowlyHasTimeForWhatItTakes) {
  HttpServerOptions hasty = options();
  hasty.write_timeout = std::chrono::seconds(2);
  start(some_known, hasty);
  RawClient slow(server_->port(), 65536);
  slow.send(get("/large", "Connection: close\r\n"));
  // At some five times the pace that it needs, and for longer than the two seconds that it has for nothing.
  std::size_t taken = 0;
  const auto began = std::chrono::steady_clock::now();
  while (taken < 1500000) {
    taken += slow.some(64UL * 1024).size();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_GT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  EXPECT_GT(taken + slow.rest().size(), 4UL << 20U);
}

}  // namespace
}  // namespace hostwatch::http::test
