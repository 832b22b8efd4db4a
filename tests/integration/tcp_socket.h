#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hostwatch::testing {

/// A TCP socket of this machine's loopback; closed with the object.
class TcpSocket {
 public:
  TcpSocket() = default;
  explicit TcpSocket(int fd) : fd_(fd) {}
  ~TcpSocket() { close(); }
  TcpSocket(TcpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TcpSocket& operator=(TcpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  /// Bound to the port (0: a free one), and not listening: connections are refused, and nobody else gets it.
  static TcpSocket bound(int port);
  /// Connected to the port, or not valid if nobody listens there.
  static TcpSocket connected(int port);

  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int port() const;
  void listen() const;
  TcpSocket accept() const;

  /// What has come, appended; false at the end of the connection.
  bool receive(std::string& into) const;
  /// False when the other side has closed, or takes nothing for ten seconds.
  bool send(std::string_view bytes) const;

  void close();
  /// Closes so that the other side is told "connection reset", and what is under way is thrown away.
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace hostwatch::testing
