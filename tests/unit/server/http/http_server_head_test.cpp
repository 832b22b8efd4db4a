// A request's head is looked at before its body is taken; strangers' requests have a room of their own.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "server/http/limits/request_memory.h"
#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class HttpServerHead : public ServerTest {
 protected:
  /// Lets in what has the header `Key: good`, small bodies alone to /small, and vouches for `Key: known`.
  HeadVerdict check(const Request& head, const Peer& /*peer*/) {
    ++checked_;
    HeadVerdict verdict;
    const std::string key = head.get_header_value("Key");
    if (key == "broken") throw std::runtime_error("broken");
    if (key.empty()) verdict.refusal = Response::error(401, "who is that?");
    if (key == "known") verdict.authenticated_client = key;
    if (head.path == "/small") verdict.max_body_bytes = 1000;
    EXPECT_EQ(head.body, "");
    return verdict;
  }
  void start_checking(HttpServerOptions with = options()) {
    server_ = std::make_unique<HttpServer>(
        std::move(with), echo, [this](const Request& head, const Peer& peer) { return check(head, peer); });
    server_->start();
  }
  static std::string head(const std::string& path, const std::string& headers, std::size_t size) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "Content-Length: " + std::to_string(size) +
           "\r\n\r\n";
  }

  std::atomic<int> checked_{0};
};

TEST_F(HttpServerHead, WhoMayNotSendIsToldBeforeTheBody) {
  start_checking();
  RawClient client(server_->port());
  client.send(head("/", "", 8000000));
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 401 "));
  EXPECT_EQ(server_->unfinished_bytes(), 0U);
  EXPECT_EQ(server_->requests(), 0U) << "it never became a request";
}

TEST_F(HttpServerHead, NobodyIsAskedToContinueWhoMayNot) {
  start_checking();
  RawClient refused(server_->port());
  refused.send(head("/", "Expect: 100-continue\r\n", 5));
  EXPECT_THAT(refused.rest(), StartsWith("HTTP/1.1 401 "));
  RawClient welcome(server_->port());
  welcome.send(head("/", "Key: good\r\nExpect: 100-continue\r\n", 5));
  EXPECT_EQ(welcome.some(25), "HTTP/1.1 100 Continue\r\n\r\n");
  welcome.send("hello");
  EXPECT_THAT(welcome.answer(), EndsWith("POST / hello"));
}

TEST_F(HttpServerHead, WhatComesInOnePieceIsNotLookedAtTwice) {
  start_checking();
  RawClient client(server_->port());
  client.send(post("/whole", "body"));
  EXPECT_THAT(client.answer(), EndsWith("POST /whole body"));
  EXPECT_EQ(checked_, 0);
}

TEST_F(HttpServerHead, EachRequestIsLookedAtOnce) {
  start_checking();
  RawClient client(server_->port());
  for (int i = 1; i <= 3; ++i) {
    client.send(head("/", "Key: good\r\n", 30000));
    ASSERT_TRUE(eventually([&] { return checked_ == i; }));
    for (int piece = 0; piece < 3; ++piece) {
      client.send(std::string(10000, 'x'));
      ASSERT_TRUE(piece == 2 || eventually([&] { return server_->unfinished_bytes() > 0; }));
    }
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(checked_, i);
  }
}

TEST_F(HttpServerHead, BodiesAreAsLongAsTheirAddressTakes) {
  start_checking();
  for (const std::string& body :
       {head("/small", "Key: good\r\n", 1001),
        std::string(
            "POST /small HTTP/1.1\r\nHost: a\r\nKey: good\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")}) {
    RawClient client(server_->port());
    client.send(body);
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 413 ")) << body;
  }
  RawClient client(server_->port());
  client.send(head("/small", "Key: good\r\n", 1000));
  client.send(std::string(1000, 'x'));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  client.send(head("/large", "Key: good\r\n", 2000));
  client.send(std::string(2000, 'x'));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 ")) << "a limit is that of one request";
}

TEST_F(HttpServerHead, AFailureIsA500AndNothingElse) {
  start_checking();
  RawClient client(server_->port());
  client.send(head("/", "Key: broken\r\n", 10));
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServerHead, StrangersFillTheirOwnRoomAlone) {
  HttpServerOptions small = options();
  small.unfinished.bytes = 400000;
  small.unfinished.small_bytes = 1000;
  small.unfinished.strangers_bytes = 90000;
  small.unfinished.stranger_bytes = 40000;
  start_checking(small);
  // Heads that never end: nobody knows yet whether they may.
  std::vector<std::unique_ptr<RawClient>> strangers;
  std::size_t refused = 0;
  for (int i = 0; i < 10; ++i) {
    strangers.push_back(std::make_unique<RawClient>(server_->port()));
    strangers.back()->send("GET / HTTP/1.1\r\nX: " + std::string(7900, 'x'));
  }
  ASSERT_TRUE(eventually([&] { return server_->unfinished_bytes() > 30000; }));
  for (int i = 0; i < 10; ++i) {
    RawClient more(server_->port());
    more.send("GET / HTTP/1.1\r\nX: " + std::string(7900, 'x'));
    more.finish_sending();
    if (more.rest().starts_with("HTTP/1.1 503 ")) ++refused;
  }
  EXPECT_GE(refused, 5U);
  EXPECT_LE(server_->unfinished_bytes(), 50000U);
  RawClient agent(server_->port());
  agent.send(head("/", "Key: good\r\n", 250000) + std::string(100000, 'x'));
  agent.send(std::string(150000, 'x'));
  EXPECT_THAT(agent.answer(), StartsWith("HTTP/1.1 200 "));
}

/// What is told of a request that never comes to the handler.
class HttpServerRefused : public ServerTest {
 protected:
  /// The method, path, `Key` and status of each.
  void start_listening() {
    const auto listen = [this](const Request& head, const Peer& peer, const Response& refusal) {
      EXPECT_EQ(peer.address, "127.0.0.1");
      EXPECT_EQ(head.body, "");
      const std::lock_guard lock(mutex_);
      told_ += head.method + " " + head.path + " " + head.get_header_value("Key") + " " +
               std::to_string(refusal.status) + "\n";
      if (head.path == "/broken") throw std::runtime_error("broken");
    };
    server_ = std::make_unique<HttpServer>(options(), echo, HeadCheck{}, listen);
    server_->start();
  }
  std::string answer_to(const std::string& bytes) {
    RawClient client(server_->port());
    client.send(bytes);
    return client.rest();
  }
  ~HttpServerRefused() override { server_.reset(); }  // which tells of more until then
  std::string told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;
  std::string told_;
};

TEST_F(HttpServerRefused, WhatIsRefusedForItsFramingIsToldOfAsFarAsItIsKnown) {
  start_listening();
  answer_to("POST /a HTTP/1.1\r\nHost: a\r\nKey: 1\r\n\r\n");
  answer_to("POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nKey: behind it\r\n\r\n");
  answer_to("POST /c HTTP/1.1\r\nHost: a\r\nKey: 3\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n");
  EXPECT_EQ(told(), "POST /a 1 411\nPOST /b  501\nPOST /c 3 400\n");
}

TEST_F(HttpServerRefused, OfWhatHasNoRequestLineNothingIsTold) {
  start_listening();
  EXPECT_THAT(answer_to("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(told(), "");
}

TEST_F(HttpServerRefused, AListenerThatFailsCostsNobodyTheAnswer) {
  start_listening();
  EXPECT_THAT(answer_to("POST /broken HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 411 "));
}

}  // namespace
}  // namespace hostwatch::http::test
