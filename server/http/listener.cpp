#include "server/http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/http/failure_log.h"

namespace hostwatch::http {
namespace {

constexpr int kAcceptBatch = 64;
/// A short one turns a burst of connections into retries of a second and more.
constexpr int kBacklog = 4096;

std::string text_of_address(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  if (address.ss_family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  } else if (address.ss_family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  }
  if (raw == nullptr || ::inet_ntop(address.ss_family, raw, text.data(), text.size()) == nullptr)
    return "unknown";
  return text.data();
}

int port_of_socket(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

/// A socket bound to one of the host's addresses; none if that is not possible, with errno of the last.
util::FileDescriptor bind_to(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
    util::FileDescriptor socket(
        ::socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol));
    if (!socket) continue;
    const int yes = 1;
    const int no = 0;
    // Without SO_REUSEPORT: a second server on the port must fail, not share it.
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // "::" takes IPv4's connections, too, whatever the system's setting.
    if (one->ai_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (::bind(socket.get(), one->ai_addr, one->ai_addrlen) == 0 && ::listen(socket.get(), kBacklog) == 0) {
      return socket;
    }
  }
  return {};
}

}  // namespace

void Listener::open(const std::string& host, int port) {
  errno = 0;
  socket_ = bind_to(host, port);
  if (!socket_) {
    const int reason = errno;
    const std::string where = host + " port " + std::to_string(port);
    const std::string why = reason == EADDRINUSE
                                ? "the port is in use; stop what uses it or choose another with --port"
                            : reason == EACCES ? "the port needs root; choose one above 1023 with --port"
                                               : "the address is not one of this machine; see --listen";
    throw std::runtime_error("cannot listen on " + where + ": " + why);
  }
  port_ = port_of_socket(socket_.get());
}

void Listener::start(const Poller& poller) {
  poller_ = &poller;
  accepting_ = true;
  poller_->add(socket_.get(), Poller::kListener, EPOLLIN);
}

void Listener::wait_for_more() const {
  poller_->rearm(socket_.get(), Poller::kListener, EPOLLIN);
}

void Listener::accept(const Take& take) {
  for (int i = 0; i < kAcceptBatch && accepting_; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int socket = ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      util::FileDescriptor owned(socket);
      try {
        take(std::move(owned), text_of_address(address));
      } catch (const std::exception& error) {
        log_failure("cannot take a connection", error);
      }
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog; asking again at once would only spin. listen_again() does.
      if (!paused_.exchange(true)) spdlog::error("cannot take more connections: {}", std::strerror(errno));
      return;
    }
    // Anything else (ECONNABORTED, a firewall's EPERM, ...) concerns that one connection.
  }
  if (accepting_) wait_for_more();
}

void Listener::listen_again() {
  if (paused_.exchange(false) && accepting_) wait_for_more();
}

bool Listener::stop() {
  if (!accepting_.exchange(false)) return false;
  // Not closed yet: another thread may be about to watch it again, and its number could be another file's by
  // then.
  ::shutdown(socket_.get(), SHUT_RDWR);
  return true;
}

}  // namespace hostwatch::http
