// Over TLS: clients that are slow, that send much of what is no request, and how connections end.
#include <gmock/gmock.h>
#include <openssl/bio.h>

#include <algorithm>
#include <mutex>
#include <ostream>
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

/// Connections that send many records without a request in them, and how many threads there are.
struct Crowd {
  int connections;
  std::size_t threads;

  friend void PrintTo(const Crowd& crowd, std::ostream* out) {
    *out << crowd.connections << "Connections" << crowd.threads << "Threads";
  }
};

class HttpServerTlsFlood : public HttpServerTlsAbuse, public testing::WithParamInterface<Crowd> {
 protected:
  static constexpr int kUpdates = 200;  // of the keys: fewer than a connection is ended for

  /// Keeps its thread for /hold, until it is released; else writes the paths down.
  std::optional<Response> note(const Request& request, const Responder& responder) {
    if (request.path == "/hold") {
      ++held_;
      released_.wait(false);
    } else {
      const std::lock_guard lock(mutex_);
      paths_.push_back(request.path);
    }
    return echo(request, responder);
  }
  std::size_t noted() {
    const std::lock_guard lock(mutex_);
    return paths_.size();
  }

  static std::string flood(RawTlsClient& client) {
    BIO* memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(client.session(), memory);
    for (int i = 0; i < kUpdates; ++i) {
      SSL_key_update(client.session(), SSL_KEY_UPDATE_NOT_REQUESTED);
      SSL_do_handshake(client.session());
    }
    client.send(get("/flood"));
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }

  std::vector<std::unique_ptr<RawTlsClient>> clients(std::size_t count) const {
    std::vector<std::unique_ptr<RawTlsClient>> made;
    while (made.size() < count) made.push_back(std::make_unique<RawTlsClient>(server_->port()));
    return made;
  }

  std::atomic<std::size_t> held_{0};
  std::atomic<bool> released_{false};
  std::mutex mutex_;
  std::vector<std::string> paths_;
};

/// All of it has come before the threads look at any: what they do first is theirs to choose, not the
/// clock's.
TEST_P(HttpServerTlsFlood, OthersHaveTheirTurnFirst) {
  HttpServerOptions with = with_tls();
  with.threads = GetParam().threads;
  start([this](const Request& request, const Responder& responder) { return note(request, responder); },
        with);
  const auto busy = clients(static_cast<std::size_t>(GetParam().connections));
  const auto others = clients(8);
  const auto holding = clients(GetParam().threads);
  for (const auto& client : holding) client->send(get("/hold"));
  ASSERT_TRUE(eventually([&] { return held_ == holding.size(); }));
  for (const auto& client : busy) client->raw().send(flood(*client));
  for (const auto& client : others) client->send(get("/other"));
  released_ = true;
  released_.notify_all();
  for (const auto& client : others) EXPECT_THAT(client->answer(), EndsWith("GET /other "));
  ASSERT_TRUE(eventually([&] { return noted() == busy.size() + others.size(); }));
  if (GetParam().threads == 1) {
    const auto first_flood = std::find(paths_.begin(), paths_.end(), "/flood");
    EXPECT_EQ(first_flood - paths_.begin(), 8) << "of eight others some waited for a whole flood";
  } else {
    EXPECT_EQ(paths_.back(), "/flood") << "the others waited for all floods";
  }
}

INSTANTIATE_TEST_SUITE_P(Crowds, HttpServerTlsFlood,
                         testing::Values(Crowd{4, 1}, Crowd{60, 1}, Crowd{4, 4}, Crowd{60, 4}),
                         [](const auto& one) { return testing::PrintToString(one.param); });

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
