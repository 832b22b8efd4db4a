// Whole requests over real sockets, with a handler that answers at once.
#include <gmock/gmock.h>
#include <httplib.h>

#include <stdexcept>

#include "tests/support/log_capture.h"
#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using HttpServerTest = ServerTest;

TEST_F(HttpServerTest, ALibrarysClientIsAnswered) {
  start();
  httplib::Client client("127.0.0.1", server_->port());
  client.set_keep_alive(true);
  for (int i = 0; i < 3; ++i) {
    const auto got = client.Get("/a%20b?x=1");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "GET /a b ");
  }
  const auto posted = client.Post("/p", "hello", "application/json");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->body, "POST /p hello");
  EXPECT_EQ(server_->requests(), 4U);
  EXPECT_EQ(server_->connections(), 1U) << "one connection, kept alive";
}

TEST_F(HttpServerTest, KeepAliveAndClose) {
  start();
  RawClient client(server_->port());
  client.send(get("/1"));
  EXPECT_THAT(client.answer(), testing::AllOf(HasSubstr("Connection: keep-alive\r\n"), EndsWith("GET /1 ")));
  client.send(get("/2", "Connection: close\r\n"));
  EXPECT_THAT(client.rest(), testing::AllOf(HasSubstr("Connection: close\r\n"), EndsWith("GET /2 ")));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedNotTo) {
  start();
  RawClient client(server_->port());
  client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.rest(), EndsWith("GET /2 "));
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client(server_->port());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += post("/" + std::to_string(i), "b" + std::to_string(i));
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(client.answer(), EndsWith("POST /" + std::to_string(i) + " b" + std::to_string(i)));
  }
}

TEST_F(HttpServerTest, ByteByByte) {
  start();
  RawClient client(server_->port());
  for (const char byte : post("/slow", "body")) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_THAT(client.answer(), EndsWith("POST /slow body"));
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  start();
  RawClient client(server_->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
  EXPECT_THAT(client.answer(true), HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(client.answer(), EndsWith("GET /y ")) << "the next request is answered with its body";
}

TEST_F(HttpServerTest, ExpectContinue) {
  start();
  RawClient client(server_->port());
  client.send("POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.answer(), EndsWith("POST /e body"));
}

TEST_F(HttpServerTest, ChunkedBodyAndBinaryBody) {
  start();
  RawClient client(server_->port());
  client.send(
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.answer(), EndsWith("POST /c abcde"));
  client.send(post("/n", std::string("a\0b\r\n\r\n", 7)));
  EXPECT_THAT(client.answer(), EndsWith(std::string("POST /n a\0b\r\n\r\n", 15)));
}

TEST_F(HttpServerTest, AHandlerThatThrowsIsA500WithoutItsText) {
  start([](const Request& request, const Responder& responder) -> std::optional<Response> {
    if (request.path == "/bad") throw std::runtime_error("SELECT secret");
    return echo(request, responder);
  });
  RawClient client(server_->port());
  client.send(get("/bad") + get("/good"));
  const std::string answer = client.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, EndsWith(R"({"error":"the server failed to answer; its log says why"})"));
  EXPECT_THAT(client.answer(), EndsWith("GET /good ")) << "the connection goes on";
}

TEST_F(HttpServerTest, TheLogSaysWhichRequestFailedWithoutItsQuery) {
  start([](const Request&, const Responder&) -> std::optional<Response> { throw std::runtime_error("why"); });
  const hostwatch::test::LogCapture log;
  RawClient client(server_->port());
  client.send(get("/hosts/a%0Ab?token=secret"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(log.text(), HasSubstr("GET /hosts/a%0Ab failed: why"));
  EXPECT_THAT(log.text(), Not(HasSubstr("secret")));
}

TEST_F(HttpServerTest, ReservedHeadersComeFromUsAlone) {
  start([](const Request& request, const Responder&) -> std::optional<Response> {
    Response response;
    response.body = request.remote_addr + "|" + request.get_header_value("REMOTE_ADDR") + "|" +
                    request.get_header_value("X-Forwarded-For") + "|" + request.get_header_value("Range");
    return response;
  });
  RawClient client(server_->port());
  client.send(get("/", "REMOTE_ADDR: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\nRange: bytes=0-0,0-0\r\n"));
  const std::string answer = client.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n127.0.0.1|"));
  EXPECT_THAT(answer, Not(HasSubstr("6.6.6.6")));
  EXPECT_THAT(answer, EndsWith("|7.7.7.7|"));
}

TEST_F(HttpServerTest, WhatTheLibraryCannotReadIsA400) {
  start();
  for (const std::string& method : {std::string("FOO"), std::string("get")}) {
    RawClient client(server_->port());
    client.send(method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 400 "));
  }
}

TEST_F(HttpServerTest, AClientThatEndsItsHalfStillGetsItsAnswer) {
  start();
  RawClient client(server_->port());
  client.send(get("/half"));
  client.finish_sending();
  EXPECT_THAT(client.rest(), EndsWith("GET /half "));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, AClientThatGoesInTheMiddleLeavesNothing) {
  std::atomic<int> handled{0};
  start([&](const Request& request, const Responder& responder) {
    ++handled;
    return echo(request, responder);
  });
  {
    RawClient client(server_->port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    EXPECT_TRUE(eventually([&] { return server_->connections() == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
  EXPECT_EQ(handled, 0);
}

TEST_F(HttpServerTest, ATakenPortNamesTheOption) {
  start();
  HttpServerOptions same = options();
  same.port = server_->port();
  HttpServer second(same, echo);
  try {
    second.start();
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot listen on 127.0.0.1 port " + std::to_string(same.port) +
                  ": the port is in use; stop what uses it or choose another with --port");
  }
}

TEST_F(HttpServerTest, AnAddressThatIsNotOursNamesTheOption) {
  HttpServerOptions elsewhere = options();
  elsewhere.host = "192.0.2.1";
  HttpServer server(elsewhere, echo);
  try {
    server.start();
    FAIL() << "listens on TEST-NET-1";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--listen"));
  }
}

}  // namespace
}  // namespace hostwatch::http::test
