// A server that was replaced, or is no Hostwatch server at all, costs the agent no memory.
#include "agent/delivery/http_poster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "tests/unit/agent/delivery/loopback_listener.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kEndless = 64U << 20U;
/// More than what the sockets' buffers take of what nobody reads.
constexpr std::size_t kBuffered = 32U << 20U;

/// Answers one request with `begin` and then `piece`, again and again, until nobody takes it any more.
class EndlessServer {
 public:
  EndlessServer(std::string begin, std::string piece)
      : begin_(std::move(begin)), piece_(std::move(piece)), thread_([this] { answer(); }) {}
  ~EndlessServer() {
    listener_.end();
    thread_.join();
  }
  EndlessServer(const EndlessServer&) = delete;
  EndlessServer& operator=(const EndlessServer&) = delete;

  net::ServerUrl url() const { return listener_.url(); }
  /// Bytes that it got rid of, once it has ended.
  std::size_t sent() {
    thread_.join();
    thread_ = std::jthread([] {});
    return sent_;
  }

 private:
  void answer() {
    const int peer = listener_.accept();
    if (peer < 0) return;
    std::string request;
    std::array<char, 4096> bytes{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t received = ::recv(peer, bytes.data(), bytes.size(), 0);
      if (received <= 0) break;
      request.append(bytes.data(), static_cast<std::size_t>(received));
    }
    bool taken = send(peer, begin_);
    while (taken && sent_ < kEndless) taken = send(peer, piece_);
    ::close(peer);
  }
  bool send(int peer, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t sent = ::send(peer, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += static_cast<std::size_t>(sent);
      sent_ += static_cast<std::size_t>(sent);
    }
    return true;
  }

  std::string begin_;
  std::string piece_;
  test::LoopbackListener listener_;
  std::size_t sent_ = 0;
  std::jthread thread_;
};

std::variant<HttpAnswer, PostFailure> post_to(const net::ServerUrl& url) {
  HttpPoster poster(url, {}, "", {});
  return poster.post({"/metrics", "", "{}"}, 784'111'777);
}

TEST(HttpPoster, AnAnswerWhoseHeadHasNoEndIsCutOff) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  std::string continued;
  for (int i = 0; i < 100; ++i) continued += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::array<std::pair<std::string, std::string>, 4> heads{{
      {ok, "X-Line: " + std::string(1000, 'y') + "\r\n"},  // lines without end
      {ok + "X: ", std::string(10000, 'y')},               // one line
      {"", std::string(10000, 'y')},                       // not even a status
      {"", continued},
  }};
  for (const auto& [begin, piece] : heads) {
    EndlessServer server(begin, piece);
    const auto result = post_to(server.url());
    const auto* failure = std::get_if<PostFailure>(&result);
    ASSERT_NE(failure, nullptr) << begin;
    EXPECT_THAT(failure->reason, testing::HasSubstr("is too long")) << begin;
    EXPECT_FALSE(failure->idle_connection_closed) << begin;
    EXPECT_LT(server.sent(), kBuffered) << begin;
  }
}

TEST(HttpPoster, ChunksAndTrailersWithoutEndAreCutOffToo) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::array<std::pair<std::string, std::string>, 3> bodies{{
      {chunked, "1;" + std::string(1000, 'e') + "\r\n \r\n"},        // extensions
      {chunked + "0\r\n", "X: " + std::string(1000, 'y') + "\r\n"},  // trailers
      {chunked, "2000\r\n" + std::string(0x2000, ' ') + "\r\n"},
  }};
  for (const auto& [begin, piece] : bodies) {
    EndlessServer server(begin, piece);
    const auto result = post_to(server.url());
    if (const auto* answer = std::get_if<HttpAnswer>(&result)) {
      EXPECT_LE(answer->body.size(), net::kMaxAnswerBytes);
    }
    EXPECT_LT(server.sent(), kBuffered);
  }
}

TEST(HttpPoster, ALongStatusLineIsNoHarm) {
  for (const std::size_t size : {std::size_t{4000}, std::size_t{15000}, std::size_t{10'000'000}}) {
    EndlessServer server("HTTP/1.1 200 " + std::string(size, 'y') + "\r\nContent-Length: 2\r\n\r\n{}", " ");
    EXPECT_EQ(std::holds_alternative<HttpAnswer>(post_to(server.url())),
              size < net::AnswerAllowance::kMaxLineBytes);
  }
}

TEST(HttpPoster, AHeadOfAllThatIsAllowedIsRead) {
  const std::string begin = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n";
  const std::string line = "X: " + std::string(995, 'y') + "\r\n";
  std::string head = begin;
  while (head.size() + line.size() < net::AnswerAllowance::kMaxHeadBytes - 2) head += line;
  EndlessServer server(head + "\r\n{}", std::string(10000, ' '));
  const auto result = post_to(server.url());
  const auto* answer = std::get_if<HttpAnswer>(&result);
  ASSERT_NE(answer, nullptr) << std::get<PostFailure>(result).reason;
  EXPECT_EQ(answer->body, "{}");
}

}  // namespace
}  // namespace hostwatch::agent
