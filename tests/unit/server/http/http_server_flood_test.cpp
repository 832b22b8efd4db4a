// Many connections from one address, and clients that do not take their answers.
#include <gmock/gmock.h>

#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HttpServerFlood : public ServerTest {
 protected:
  /// Vouches for whoever asks for /known; answers /large with 4 MiB.
  static std::optional<Response> some_known(const Request& request, const Responder& responder) {
    auto response = echo(request, responder);
    response->vouches = request.path == "/known";
    if (request.path == "/large") response->body = std::string(4UL << 20U, 'x');
    return response;
  }
};

TEST_F(HttpServerFlood, IdlersGiveWayAndWhoHasProvedItselfStays) {
  HttpServerOptions few = options();
  few.unproven = {20, std::chrono::milliseconds(0)};
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
  few.unproven = {1000, std::chrono::milliseconds(0)};
  start(some_known, few);
  std::vector<std::unique_ptr<RawClient>> idlers;
  for (int i = 0; i < 30; ++i) idlers.push_back(std::make_unique<RawClient>(server_->port()));
  RawClient agent(server_->port());
  agent.send(get("/known"));
  EXPECT_THAT(agent.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_LE(server_->connections(), 10U);
}

TEST_F(HttpServerFlood, AnswersThatNobodyTakesDoNotFillTheMemory) {
  HttpServerOptions tight = options();
  tight.max_unsent_bytes = 20UL << 20U;
  start(some_known, tight);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 30; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port(), 4096));
    slow.back()->send(get("/large"));
  }
  // What the thirtieth is told once the others' answers fill the room.
  RawClient late(server_->port());
  ASSERT_TRUE(eventually([&] {
    RawClient one(server_->port());
    one.send(get("/large", "Connection: close\r\n"));
    return one.rest().starts_with("HTTP/1.1 503 ");
  }));
  late.send(get("/small"));
  EXPECT_THAT(late.answer(), StartsWith("HTTP/1.1 200 ")) << "small answers go out";
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

}  // namespace
}  // namespace hostwatch::http::test
