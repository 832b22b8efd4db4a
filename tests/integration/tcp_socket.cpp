#include "tests/integration/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace hostwatch::testing {
namespace {

constexpr int kPatienceMilliseconds = 10000;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

TcpSocket make_socket() {
  TcpSocket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.valid()) throw std::system_error(errno, std::generic_category(), "socket");
  return made;
}

}  // namespace

TcpSocket TcpSocket::bound(int port) {
  TcpSocket made = make_socket();
  const int yes = 1;
  ::setsockopt(made.fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "bind");
  return made;
}

TcpSocket TcpSocket::connected(int port) {
  TcpSocket made = make_socket();
  const int yes = 1;
  ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  if (::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) made.close();
  return made;
}

int TcpSocket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void TcpSocket::listen() const {
  if (::listen(fd_, 128) != 0) throw std::system_error(errno, std::generic_category(), "listen");
}

TcpSocket TcpSocket::accept() const {
  TcpSocket made(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  const int yes = 1;
  if (made.valid()) ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return made;
}

bool TcpSocket::receive(std::string& into) const {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  into.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

bool TcpSocket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    pollfd waiting{fd_, POLLOUT, 0};
    if (::poll(&waiting, 1, kPatienceMilliseconds) != 1) return false;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void TcpSocket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void TcpSocket::reset() {
  const linger at_once{1, 0};
  if (fd_ >= 0) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace hostwatch::testing
