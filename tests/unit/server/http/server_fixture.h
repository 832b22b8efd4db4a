#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "server/http/http_server.h"
#include "util/files/file_descriptor.h"

namespace hostwatch::http::test {

/// How long a test waits for what must come: far longer than it takes.
inline constexpr std::chrono::seconds kPatience{30};

/// Waits until `condition()` holds; false if it does not.
template <typename Condition>
bool eventually(Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A client that sends what it is told, byte for byte.
class RawClient {
 public:
  explicit RawClient(int port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer != 0) {
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  /// False if the other side has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// Gives back the memory of what it has received.
  void forget() { std::string().swap(got_); }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

  /// To speak something else over it.
  int socket() const { return socket_.get(); }

  /// The next answer, head and body; what has come of it if the connection ends first.
  std::string answer(bool head_only = false) {
    while (true) {
      const std::size_t head = got_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t size = head + 4 + (head_only ? 0 : content_length(got_.substr(0, head)));
        if (got_.size() >= size) {
          std::string one = got_.substr(0, size);
          got_.erase(0, size);
          return one;
        }
      }
      if (!receive()) return std::exchange(got_, std::string());
    }
  }
  /// What has come, at most `size` bytes; waits for the first.
  std::string some(std::size_t size) {
    std::string buffer(size, '\0');
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return buffer;
  }
  /// All that comes until the other side closes.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(got_, std::string());
  }

 private:
  static std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }
  bool receive() {
    pollfd waiting{socket_.get(), POLLIN, 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
    if (::poll(&waiting, 1, static_cast<int>(patience)) != 1) {
      ADD_FAILURE() << "nothing came";
      return false;
    }
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    got_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  util::FileDescriptor socket_;
  std::string got_;
};

/// An HttpServer on a free port of the loopback.
class ServerTest : public testing::Test {
 protected:
  static HttpServerOptions options() {
    HttpServerOptions options;
    options.port = 0;
    options.threads = 2;
    options.max_connections = 3000;
    return options;
  }

  /// Answers with method, path and body.
  static std::optional<Response> echo(const Request& request, const Responder&) {
    Response response;
    response.content_type = "text/plain";
    response.body = request.method + " " + request.path + " " + request.body;
    return response;
  }

  HttpServer& start(RequestHandler handler = echo, HttpServerOptions with = options()) {
    server_ = std::make_unique<HttpServer>(std::move(with), std::move(handler));
    server_->start();
    return *server_;
  }

  std::unique_ptr<HttpServer> server_;
};

inline std::string get(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}
inline std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace hostwatch::http::test
