// Answers that are made while they are sent: their framing, and what becomes of them with clients that are
// slow, old or gone.
#include <gmock/gmock.h>
#include <httplib.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <vector>

#include "tests/unit/server/http/tls_fixture.h"

namespace hostwatch::http::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t kPiece = 64UL * 1024;

/// What the sources of a test have done; outlives them.
struct Account {
  std::atomic<int> made{0};  ///< pieces
  std::atomic<int> alive{0};
  std::atomic<bool> may_end{false};
};

/// Gives what `make(number, out)` appends, until that returns false.
class MadePieces final : public PieceSource {
 public:
  using Make = std::function<bool(int, std::string&)>;

  MadePieces(Account& account, Make make, std::size_t memory = 1000)
      : account_(account), make_(std::move(make)), memory_(memory) {
    ++account_.alive;
  }
  ~MadePieces() override { --account_.alive; }

  bool next(std::string& out) override {
    EXPECT_TRUE(out.empty());
    ++account_.made;
    return make_(next_++, out);
  }
  std::size_t memory() const override { return memory_; }

 private:
  Account& account_;
  const Make make_;
  const std::size_t memory_;
  int next_ = 0;
};

/// "hello world" in four pieces, two of which have nothing.
bool make_hello(int number, std::string& out) {
  static const std::vector<std::string> kTexts{"hello", "", " world", ""};
  out += kTexts.at(static_cast<std::size_t>(number));
  return number < 3;
}

/// So many full pieces.
MadePieces::Make make_full(int count) {
  return [count](int number, std::string& out) {
    out.assign(kPiece, static_cast<char>('a' + number % 26));
    return number + 1 < count;
  };
}

class HttpServerStream : public TlsServerTest {
 protected:
  /// Answers /made with such pieces, and everything else as ServerTest::echo().
  void start_with(MadePieces::Make make, HttpServerOptions with = options(), std::size_t memory = 1000) {
    start(
        [this, make, memory](const Request& request, const Responder& responder) -> std::optional<Response> {
          if (request.path != "/made") return echo(request, responder);
          Response response;
          response.content_type = "text/plain";
          response.source = std::make_shared<MadePieces>(account_, make, memory);
          return response;
        },
        std::move(with));
  }
  static HttpServerOptions with_one_thread() {
    HttpServerOptions one = options();
    one.threads = 1;
    return one;
  }

  /// Reads up to the last chunk of an answer, and that; what came until the end if there is none.
  static std::string chunked_answer(RawClient& client) {
    std::string got;
    while (!got.ends_with("\r\n0\r\n\r\n")) {
      const std::string more = client.some(16UL * 1024);
      if (more.empty()) break;
      got += more;
    }
    return got;
  }
  /// The chunks' data; fails unless they are well formed up to the last one.
  static std::string joined(std::string_view answer) {
    const std::size_t head = answer.find("\r\n\r\n");
    if (head == std::string_view::npos) return "no answer";
    std::string_view rest = answer.substr(head + 4);
    std::string data;
    while (true) {
      std::size_t used = 0;
      const std::size_t size = std::stoul(std::string(rest.substr(0, 20)), &used, 16);
      EXPECT_EQ(rest.substr(used, 2), "\r\n");
      rest.remove_prefix(used + 2);
      data += rest.substr(0, size);
      EXPECT_EQ(rest.substr(size, 2), "\r\n");
      rest.remove_prefix(size + 2);
      if (size == 0) break;
    }
    EXPECT_TRUE(rest.empty());
    return data;
  }

  Account account_;
};

TEST_F(HttpServerStream, EachPieceIsAChunkAndTheLastOneIsEmpty) {
  start_with(make_hello);
  RawClient client(server_->port());
  client.send(get("/made"));
  const std::string answer = chunked_answer(client);
  EXPECT_THAT(answer,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"),
                    HasSubstr("\r\nContent-Type: text/plain\r\n"),
                    HasSubstr("\r\nConnection: keep-alive\r\n"), Not(HasSubstr("Content-Length"))));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"))
      << "no chunk in between is empty";
  EXPECT_TRUE(eventually([&] { return account_.alive == 0; }));
}

TEST_F(HttpServerStream, TheConnectionGoesOn) {
  start_with(make_hello);
  RawClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/made"));
    EXPECT_EQ(joined(chunked_answer(client)), "hello world");
    client.send(get("/next"));
    EXPECT_THAT(client.answer(), EndsWith("GET /next "));
  }
  client.send(get("/made") + get("/made") + get("/last", "Connection: close\r\n"));
  EXPECT_THAT(client.rest(), AllOf(HasSubstr("0\r\n\r\nHTTP/1.1 200 OK\r\n"), EndsWith("GET /last ")));
  EXPECT_EQ(server_->requests(), 9U);
}

TEST_F(HttpServerStream, HeadHasNoBodyAndMakesNone) {
  start_with(make_hello);
  RawClient client(server_->port());
  client.send("HEAD /made HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.answer(true), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), Not(HasSubstr("Content-Length")),
                                         HasSubstr("Connection: keep-alive\r\n")));
  client.send(get("/next"));
  EXPECT_THAT(client.answer(), EndsWith("GET /next "));
  EXPECT_EQ(account_.made, 0);
  EXPECT_EQ(account_.alive, 0);
}

TEST_F(HttpServerStream, Http10HasItAsItIsUntilTheConnectionEnds) {
  start_with(make_hello);
  for (const char* wish : {"", "Connection: keep-alive\r\n"}) {
    RawClient client(server_->port());
    client.send(std::string("GET /made HTTP/1.0\r\n") + wish + "\r\n");
    const std::string all = client.rest();
    EXPECT_THAT(all, AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("\r\n\r\nhello world"),
                           Not(HasSubstr("Transfer-Encoding")), Not(HasSubstr("Content-Length"))));
  }
}

TEST_F(HttpServerStream, AClientLibraryReadsIt) {
  start_with(make_full(50));
  const auto result = httplib::Client("127.0.0.1", server_->port()).Get("/made");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body.size(), 50 * kPiece);
}

TEST_F(HttpServerStream, OverTls) {
  start_with(make_full(50), with_tls());
  const auto one = client();
  for (int i = 0; i < 3; ++i) {
    const auto result = one->Get("/made");
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    EXPECT_EQ(result->body.size(), 50 * kPiece);
    EXPECT_EQ(result->body.substr(3 * kPiece, 3), "ddd");
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerStream, OverTlsToAClientThatReadsSlowly) {
  HttpServerOptions one_thread = with_tls();
  one_thread.threads = 1;
  start_with(make_full(300), one_thread);
  RawTlsClient slow(server_->port(), TLS1_3_VERSION, 4096);
  slow.send(get("/made", "Connection: close\r\n"));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  const auto other = client()->Get("/other");
  ASSERT_TRUE(other);
  EXPECT_LT(account_.made, 300);
  const std::string data = joined(slow.rest());
  EXPECT_EQ(data.size(), 300 * kPiece);
  EXPECT_EQ(data.substr(299 * kPiece, 1), std::string(1, 'a' + 299 % 26));
}

TEST_F(HttpServerStream, ASlowReaderHoldsNoThreadAndNoMoreThanItTakesIsMade) {
  constexpr int kPieces = 800;  // 50 MiB: the system buffers a few
  start_with(make_full(kPieces), with_one_thread());
  RawClient slow(server_->port(), 4096);
  slow.send(get("/made"));
  ASSERT_TRUE(eventually([&] { return server_->requests() == 1; }));
  for (int i = 0; i < 10; ++i) {
    RawClient other(server_->port());
    other.send(get("/other"));
    EXPECT_THAT(other.answer(), EndsWith("GET /other "));
  }
  EXPECT_LT(account_.made, kPieces / 4);
  EXPECT_EQ(joined(chunked_answer(slow)).size(), kPieces * kPiece);
  EXPECT_EQ(account_.made, kPieces);
}

/// Pieces that compress well come out as nothing for long: others have their turn all the same.
TEST_F(HttpServerStream, MakingHoldsNobodyUp) {
  start_with(
      [this](int, std::string& out) {
        if (!account_.may_end) return true;
        out += "done";
        return false;
      },
      with_one_thread());
  RawClient maker(server_->port());
  maker.send(get("/made"));
  ASSERT_TRUE(eventually([&] { return account_.made > 0; }));
  RawClient other(server_->port());
  other.send(get("/other"));
  EXPECT_THAT(other.answer(), EndsWith("GET /other "));
  account_.may_end = true;
  EXPECT_EQ(joined(chunked_answer(maker)), "done");
}

TEST_F(HttpServerStream, AClientThatGoesAwayEndsIt) {
  start_with(make_full(1000000));
  {
    RawClient client(server_->port(), 4096);
    client.send(get("/made"));
    EXPECT_THAT(client.some(1000), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  EXPECT_TRUE(eventually([&] { return account_.alive == 0 && server_->connections() == 0; }));
}

TEST_F(HttpServerStream, AReaderThatStopsIsClosed) {
  HttpServerOptions hasty = options();
  hasty.write_timeout = std::chrono::seconds(1);
  start_with(make_full(1000000), hasty);
  RawClient client(server_->port(), 4096);
  client.send(get("/made"));
  ASSERT_TRUE(eventually([&] { return account_.made > 0; }));
  EXPECT_TRUE(eventually([&] { return account_.alive == 0 && server_->connections() == 0; }));
}

TEST_F(HttpServerStream, OneThatFailsEndsWithoutALastChunk) {
  const auto make_half = [](int number, std::string& out) -> bool {
    if (number == 1) throw std::runtime_error("no more");
    out += "half";
    return true;
  };
  start_with(make_half);
  RawClient client(server_->port());
  client.send(get("/made"));
  EXPECT_THAT(client.rest(), EndsWith("\r\n\r\n4\r\nhalf\r\n"));
  EXPECT_FALSE(httplib::Client("127.0.0.1", server_->port()).Get("/made")) << "no library takes it for all";
  EXPECT_TRUE(eventually([&] { return account_.alive == 0; }));
}

TEST_F(HttpServerStream, WhatItHoldsNeedsRoomAsOtherLargeAnswersDo) {
  HttpServerOptions tight = options();
  tight.max_unsent_bytes = 20UL << 20U;
  start_with(make_full(300), tight, 9UL << 20U);
  RawClient first(server_->port(), 4096);
  first.send(get("/made"));
  ASSERT_TRUE(eventually([&] { return account_.made > 0; }));
  RawClient second(server_->port());
  second.send(get("/made"));
  EXPECT_THAT(second.answer(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5\r\n")));
  EXPECT_EQ(account_.alive, 1);
  EXPECT_EQ(joined(chunked_answer(first)).size(), 300 * kPiece) << "what has begun is sent to its end";
  first.send(get("/next"));
  EXPECT_THAT(first.answer(), EndsWith("GET /next "));
  second.send(get("/made"));
  EXPECT_EQ(joined(chunked_answer(second)).size(), 300 * kPiece) << "there is room again";
}

TEST_F(HttpServerStream, StoppingWaitsForIt) {
  start_with(make_full(200));
  RawClient client(server_->port(), 4096);
  client.send(get("/made"));
  ASSERT_TRUE(eventually([&] { return account_.made > 0; }));
  server_->stop_accepting();
  std::string got;
  std::jthread reading([&] { got = client.rest(); });
  server_->stop(std::chrono::duration_cast<std::chrono::milliseconds>(kPatience));
  reading.join();
  EXPECT_EQ(joined(got).size(), 200 * kPiece);
}

}  // namespace
}  // namespace hostwatch::http::test
