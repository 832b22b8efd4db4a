#include "net/answer_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace hostwatch::net {
namespace {

/// A peer that sends pieces of a TLS record again and again is ended by the request's own time limit.
bool wait_for(int socket, short events, std::chrono::milliseconds timeout) {
  pollfd one{socket, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&one, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

int length_of(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

AnswerStream::AnswerStream(const AnswerConnection& connection, AnswerAllowance& allowance)
    : connection_(connection), allowance_(allowance) {
  // Else a record without data would be waited past, without a time limit.
  if (connection_.tls != nullptr) SSL_clear_mode(connection_.tls, SSL_MODE_AUTO_RETRY);
}

bool AnswerStream::is_readable() const {
  return wait_for(connection_.socket, POLLIN, connection_.read_timeout);
}

bool AnswerStream::is_writable() const {
  return wait_for(connection_.socket, POLLOUT, connection_.write_timeout);
}

ssize_t AnswerStream::receive(char* to, std::size_t size) {
  if (connection_.tls == nullptr) {
    if (!is_readable()) return -1;
    ssize_t received = 0;
    do {
      received = ::recv(connection_.socket, to, size, 0);
    } while (received < 0 && errno == EINTR);
    return received;
  }
  while (SSL_pending(connection_.tls) > 0 || is_readable()) {
    const int received = SSL_read(connection_.tls, to, length_of(size));
    if (received > 0) return received;
    const int error = SSL_get_error(connection_.tls, received);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error != SSL_ERROR_WANT_READ) return -1;
  }
  return -1;
}

ssize_t AnswerStream::read(char* to, std::size_t size) {
  const std::size_t wanted = allowance_.of(size);
  if (wanted == 0) return -1;
  if (begin_ == end_) {
    const ssize_t received = receive(buffer_.data(), buffer_.size());
    if (received <= 0) return received;
    begin_ = 0;
    end_ = static_cast<std::size_t>(received);
  }
  const std::size_t count = std::min(wanted, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return allowance_.spend({to, count}) ? static_cast<ssize_t>(count) : -1;
}

ssize_t AnswerStream::write(const char* from, std::size_t size) {
  if (!is_writable()) return -1;
  if (connection_.tls != nullptr) {
    const int sent = SSL_write(connection_.tls, from, length_of(size));
    return sent > 0 ? sent : -1;
  }
  ssize_t sent = 0;
  do {
    sent = ::send(connection_.socket, from, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

/// Nobody asks a client.
void AnswerStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void AnswerStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace hostwatch::net
