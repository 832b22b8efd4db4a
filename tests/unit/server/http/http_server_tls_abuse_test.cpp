// Over TLS: clients that are slow, that send much of what is no request, and how connections end.
#include <gmock/gmock.h>
#include <openssl/bio.h>

#include <vector>

#include "tests/unit/server/http/tls_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class HttpServerTlsAbuse : public TlsServerTest {
 protected:
  static constexpr std::size_t kBig = 16UL << 20U;

  /// Answers /big with 16 MiB.
  static std::optional<Response> some_big(const Request& request, const Responder& responder) {
    auto response = echo(request, responder);
    if (request.path == "/big") response->body = std::string(kBig, 'b');
    return response;
  }
};

TEST_F(HttpServerTlsAbuse, ManyRequestsAheadAreAnsweredInOrder) {
  start(echo, with_tls());
  RawTlsClient client(server_->port());
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += post("/" + std::to_string(i), "b" + std::to_string(i));
  std::jthread sending([&] { EXPECT_TRUE(client.send(requests)); });
  sending.join();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_THAT(client.answer(), EndsWith("POST /" + std::to_string(i) + " b" + std::to_string(i)));
  }
}

TEST_F(HttpServerTlsAbuse, ByteByByte) {
  start(echo, with_tls());
  RawTlsClient client(server_->port());
  for (const char byte : post("/slow", "body")) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_THAT(client.answer(), EndsWith("POST /slow body"));
}

TEST_F(HttpServerTlsAbuse, ASlowReaderBlocksNobodyAndGetsAll) {
  HttpServerOptions one_thread = with_tls();
  one_thread.threads = 1;
  start(some_big, one_thread);
  RawTlsClient slow(server_->port(), TLS1_3_VERSION, 4096);
  ASSERT_TRUE(slow.send(get("/big")));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client()->Get("/other"));
  const std::string answer = slow.answer();
  EXPECT_GT(answer.size(), kBig);
  EXPECT_TRUE(answer.ends_with("bbb"));
  EXPECT_TRUE(slow.send(get("/next")));
  EXPECT_THAT(slow.answer(), EndsWith("GET /next "));
}

TEST_F(HttpServerTlsAbuse, AReaderThatStopsIsClosed) {
  HttpServerOptions hasty = with_tls();
  hasty.write_timeout = std::chrono::seconds(1);
  start(some_big, hasty);
  RawTlsClient slow(server_->port(), TLS1_3_VERSION, 4096);
  slow.send(get("/big"));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTlsAbuse, TheEndIsSaidSoThatNothingSeemsCutOff) {
  HttpServerOptions hasty = with_tls();
  hasty.idle_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawTlsClient last(server_->port(), version);
    last.send(get("/last", "Connection: close\r\n"));
    EXPECT_THAT(last.rest(), EndsWith("GET /last "));
    EXPECT_TRUE(last.was_ended_properly()) << "after the last answer";

    RawTlsClient refused(server_->port(), version);
    refused.send("nonsense\r\n\r\n");
    EXPECT_THAT(refused.rest(), StartsWith("HTTP/1.1 400 "));
    EXPECT_TRUE(refused.was_ended_properly()) << "after a refusal";

    RawTlsClient idle(server_->port(), version);
    EXPECT_EQ(idle.rest(), "");
    EXPECT_TRUE(idle.was_ended_properly()) << "when it is idle for too long";
  }
}

TEST_F(HttpServerTlsAbuse, AClientThatSaysItsEndStillGetsItsAnswer) {
  start(echo, with_tls());
  RawTlsClient client(server_->port());
  client.send(get("/half"));
  SSL_shutdown(client.session());
  client.raw().finish_sending();
  EXPECT_THAT(client.rest(), EndsWith("GET /half "));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTlsAbuse, AWrongClientIsToldWhatIsWrongWithItsCertificate) {
  start(echo, with_tls(authority_->file()));
  const hostwatch::test::Authority other(folder_, "other");
  const auto stranger = other.issue("stranger");
  for (int i = 0; i < 20; ++i) {
    RawTlsClient client(server_->port(), TLS1_3_VERSION, 0, stranger);
    // In TLS 1.3 the client learns of it later: a request may be on its way already.
    client.send(post("/", std::string(10000, 'x')));
    client.rest();
    EXPECT_THAT(RawTlsClient::reason(), HasSubstr("unknown ca"));
  }
}

/// Records that change the keys again and again are no request: OpenSSL reads on for as long as they come.
TEST_F(HttpServerTlsAbuse, WhatIsNoRequestHoldsNoThread) {
  HttpServerOptions one_thread = with_tls();
  one_thread.threads = 1;
  start(echo, one_thread);
  RawTlsClient busy(server_->port());
  BIO* memory = BIO_new(BIO_s_mem());
  SSL_set0_wbio(busy.session(), memory);
  constexpr int kUpdates = 300000;
  for (int i = 0; i < kUpdates; ++i) {
    SSL_key_update(busy.session(), SSL_KEY_UPDATE_NOT_REQUESTED);
    ASSERT_EQ(SSL_do_handshake(busy.session()), 1);
  }
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::atomic<bool> is_sent{false};
  std::jthread flood([&] {
    busy.raw().send({bytes, static_cast<std::size_t>(size)});
    is_sent = true;
  });
  int answered_meanwhile = 0;
  while (!is_sent) {
    ASSERT_TRUE(client()->Get("/"));
    if (!is_sent) ++answered_meanwhile;
  }
  EXPECT_GE(answered_meanwhile, 3);
}

TEST_F(HttpServerTlsAbuse, WhatIsNoRequestKeepsNoConnectionOpen) {
  HttpServerOptions hasty = with_tls();
  hasty.idle_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  RawTlsClient busy(server_->port());
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  bool is_open = true;
  while (is_open && std::chrono::steady_clock::now() < give_up) {
    SSL_key_update(busy.session(), SSL_KEY_UPDATE_NOT_REQUESTED);
    is_open = SSL_do_handshake(busy.session()) == 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(is_open);
}

}  // namespace
}  // namespace hostwatch::http::test
