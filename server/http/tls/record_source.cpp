#include "server/http/tls/record_source.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace hostwatch::http {
namespace {

int read_bio(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto& source = *static_cast<RecordSource*>(BIO_get_data(bio));
  const std::ptrdiff_t count = source.read(data, size < 0 ? 0 : static_cast<std::size_t>(size));
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long control_bio(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return static_cast<RecordSource*>(BIO_get_data(bio))->is_at_end() ? 1 : 0;
  return 0;
}

using Method = std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>;

Method make_method() {
  Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TLS records of a socket"),
                BIO_meth_free);
  if (!method || BIO_meth_set_read(method.get(), read_bio) != 1 ||
      BIO_meth_set_ctrl(method.get(), control_bio) != 1) {
    throw std::bad_alloc();
  }
  return method;
}

}  // namespace

std::unique_ptr<BIO, void (*)(BIO*)> RecordSource::make_bio() {
  static const Method method = make_method();
  std::unique_ptr<BIO, void (*)(BIO*)> bio(BIO_new(method.get()), BIO_free_all);
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  return bio;
}

void RecordSource::allow(int records) {
  allowed_ = records;
  begun_ = 0;
  is_used_up_ = false;
}

std::ptrdiff_t RecordSource::read(char* data, std::size_t size) {
  const bool is_between = head_left_ == kHeadBytes && body_left_ == 0;
  if (is_between && begun_ == allowed_) {
    is_used_up_ = true;
    errno = EAGAIN;
    return -1;
  }
  const std::ptrdiff_t count =
      ::recv(socket_, data, std::min(size, body_left_ > 0 ? body_left_ : head_left_), 0);
  if (count == 0 && size > 0) is_at_end_ = true;
  if (count <= 0) return count;
  if (is_between) ++begun_;
  follow({data, static_cast<std::size_t>(count)});
  return count;
}

/// They end where the head or the body does, or before.
void RecordSource::follow(std::string_view bytes) {
  if (body_left_ > 0) {
    body_left_ -= bytes.size();
    return;
  }
  for (const char byte : bytes) {
    length_ = static_cast<std::uint16_t>(length_ << 8U | static_cast<std::uint8_t>(byte));
  }
  head_left_ -= bytes.size();
  if (head_left_ > 0) return;
  head_left_ = kHeadBytes;
  body_left_ = length_;
}

}  // namespace hostwatch::http
