#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "net/url.h"

namespace hostwatch::agent::test {

/// A loopback port that takes connections.
class LoopbackListener {
 public:
  LoopbackListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, generic, &size) != 0) {
      ::close(socket_);
      throw std::runtime_error("no listening socket");
    }
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackListener() { ::close(socket_); }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  /// The next connection, which is the caller's to close; negative after end().
  int accept() { return ::accept(socket_, nullptr, nullptr); }
  /// accept() returns. From any thread.
  void end() { ::shutdown(socket_, SHUT_RDWR); }

  net::ServerUrl url() const { return {"127.0.0.1", port_, "/metrics"}; }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace hostwatch::agent::test
