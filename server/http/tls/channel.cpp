#include "server/http/tls/channel.h"

#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace hostwatch::http {
namespace {

using Next = Moved::Next;

constexpr char kHandshakeRecord = 0x16;  // RFC 8446, section 5.1
constexpr int kRecordsInATurn = 4;       // the end of a handshake, and the first request
// Of records without data. A handshake has a few; RFC 8449 lets a client cut its own into pieces of 64 bytes.
constexpr int kMaxFruitlessRecords = 256;

Moved judge_plain(ssize_t count, Next when_blocked) {
  if (count > 0) return {Next::more, static_cast<std::size_t>(count)};
  const bool is_blocked = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {is_blocked ? when_blocked : Next::closed, 0};
}

int int_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

Channel::Channel(util::FileDescriptor socket, const TlsContext& tls)
    : socket_(std::move(socket)),
      source_(std::make_unique<RecordSource>(socket_.get())),
      session_(tls.accept(socket_.get())) {
  SSL_set0_rbio(session_.get(), source_->make_bio().release());
}

Moved Channel::judge(int result) {
  if (result > 0) return {Next::more, static_cast<std::size_t>(result)};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Next::readable, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Next::writable, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Next::closed, 0};
    default:
      is_over_ = true;
      return {Next::closed, 0};
  }
}

Moved Channel::read(char* data, std::size_t size) {
  if (!session_) return judge_plain(::recv(socket_.get(), data, size, 0), Next::readable);
  if (!looked_) {
    char first = 0;
    const ssize_t count = ::recv(socket_.get(), &first, 1, MSG_PEEK);
    if (count <= 0) return judge_plain(count, Next::readable);
    looked_ = true;
    if (first != kHandshakeRecord) return {Next::not_tls, 0};
  }
  source_->allow(kRecordsInATurn);
  ERR_clear_error();  // what another connection of this thread left there would be taken for ours
  Moved moved = judge(SSL_read(session_.get(), data, int_size(size)));
  fruitless_records_ = moved.next == Next::more ? 0 : fruitless_records_ + source_->begun();
  if (fruitless_records_ > kMaxFruitlessRecords) return {Next::closed, 0};
  if (moved.next == Next::readable && source_->is_used_up()) moved.next = Next::again;
  return moved;
}

Moved Channel::write(std::string_view bytes) {
  if (!session_) {
    return judge_plain(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), Next::writable);
  }
  source_->allow(kRecordsInATurn);
  ERR_clear_error();
  return judge(SSL_write(session_.get(), bytes.data(), int_size(bytes.size())));
}

void Channel::write_plain(std::string_view bytes) {
  // Short, and the first on its socket: it fits, or the other side has gone.
  [[maybe_unused]] const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void Channel::finish_writing() {
  say_end();
  ::shutdown(socket_.get(), SHUT_WR);
}

void Channel::say_end() {
  if (!session_ || !is_established() || std::exchange(is_over_, true)) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());  // if the socket takes it: a client that reads nothing is not waited for
}

Moved Channel::pass_over(char* data, std::size_t size) {
  return judge_plain(::recv(socket_.get(), data, size, 0), Next::readable);
}

std::size_t Channel::untaken() const {
  int bytes = 0;
  return ::ioctl(socket_.get(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

bool Channel::is_established() const {
  return !session_ || SSL_is_init_finished(session_.get()) == 1;
}

bool Channel::has_client_certificate() const {
  return session_ && SSL_get0_peer_certificate(session_.get()) != nullptr &&
         SSL_get_verify_result(session_.get()) == X509_V_OK;
}

}  // namespace hostwatch::http
