// A connection over TLS: records and parts of them, encrypted and not, in any pieces. A turn takes few of
// them.
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/tls/channel.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/certificates.h"

namespace {

using namespace hostwatch;
using Next = http::Moved::Next;

constexpr std::size_t kRecordsInATurn = 4;
constexpr std::size_t kHeadBytes = 5;

/// Begins with the size of a record in its head, however little of it is there.
std::size_t record_size(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return kHeadBytes;
  return kHeadBytes + static_cast<std::uint8_t>(bytes[3]) * 256U + static_cast<std::uint8_t>(bytes[4]);
}

http::TlsContext make_context() {
  std::string folder = (std::filesystem::temp_directory_path() / "hostwatch-fuzz-XXXXXX").string();
  fuzz::must(::mkdtemp(folder.data()) != nullptr);
  const test::Authority authority(folder);
  const auto issued = authority.issue("server");
  http::TlsContext context(http::TlsFiles{issued.certificate, issued.key, ""});
  std::filesystem::remove_all(folder);
  return context;
}

/// A server's end that reads what comes, in turns, and a client that has a session of its own.
class Line {
 public:
  explicit Line(const http::TlsContext& context, int version)
      : client_context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        client_(SSL_new(client_context_.get()), SSL_free) {
    std::array<int, 2> ends{};
    fuzz::must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    outside_.reset(ends[0]);
    channel_.emplace(util::FileDescriptor(ends[1]), context);
    SSL_set_min_proto_version(client_.get(), version);
    SSL_set_max_proto_version(client_.get(), version);
    SSL_set_bio(client_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client_.get());
  }

  void cut_into(std::size_t piece) { piece_ = piece; }

  void send(std::string_view bytes) {
    while (!bytes.empty() && !is_closed_) {
      const std::string_view now = bytes.substr(0, piece_);
      bytes.remove_prefix(now.size());
      if (::send(outside_.get(), now.data(), now.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(now.size()))
        return;
      ahead_ += now;
      read();
    }
  }

  void shake_hands() {
    SSL_do_handshake(client_.get());
    send_client();
    std::array<char, 16384> answer{};
    const ssize_t count = ::recv(outside_.get(), answer.data(), answer.size(), 0);
    if (count > 0) BIO_write(SSL_get_rbio(client_.get()), answer.data(), static_cast<int>(count));
    SSL_do_handshake(client_.get());
    send_client();
  }
  void change_keys(int type) {
    if (SSL_key_update(client_.get(), type) == 1) SSL_do_handshake(client_.get());
    send_client();
  }
  void send_data(std::size_t size) {
    if (size == 0) return;
    SSL_write(client_.get(), std::string(size, 'x').data(), static_cast<int>(size));
    send_client();
  }
  void end() {
    outside_.reset();
    read();
  }

 private:
  void send_client() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(client_.get()), &bytes);
    const std::string all(bytes, static_cast<std::size_t>(size));
    BIO_reset(SSL_get_wbio(client_.get()));
    send(all);
  }

  std::size_t untouched() const {
    int bytes = 0;
    ::ioctl(channel_->socket(), FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }

  /// Turns until there is nothing to do but to wait: each takes something, and not much.
  void read() {
    Next next = Next::more;
    while (!is_closed_ && (next == Next::more || next == Next::again)) {
      const http::Moved moved = channel_->read(buffer_.data(), buffer_.size());
      next = moved.next;
      fuzz::must(moved.bytes <= kMaxRecord && (next == Next::more) == (moved.bytes > 0));
      const std::size_t taken = ahead_.size() - untouched();
      fuzz::must(taken > 0 || next != Next::again);
      follow(taken);
      is_closed_ = next == Next::closed || next == Next::not_tls;
    }
    fuzz::must(is_closed_ || next == Next::writable || ahead_.empty());
  }

  /// Of the bytes that a turn has taken: few records begin there.
  void follow(std::size_t taken) {
    std::size_t begun = 0;
    std::string now = head_ + ahead_.substr(0, taken);
    const bool goes_on = !head_.empty();
    ahead_.erase(0, taken);
    const std::size_t of_last = std::min(body_left_, now.size());
    body_left_ -= of_last;
    now.erase(0, of_last);
    head_.clear();
    while (!now.empty()) {
      ++begun;
      if (now.size() < kHeadBytes) {
        head_ = now;
        break;
      }
      const std::size_t size = record_size(now);
      body_left_ = size - std::min(size, now.size());
      now.erase(0, size);
    }
    fuzz::must(begun <= kRecordsInATurn + (goes_on ? 1 : 0));
  }

  static constexpr std::size_t kMaxRecord = 16384;

  util::FileDescriptor outside_;
  std::optional<http::Channel> channel_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> client_context_;
  std::unique_ptr<SSL, void (*)(SSL*)> client_;
  std::vector<char> buffer_ = std::vector<char>(65536);
  std::size_t piece_ = std::string::npos;
  std::string ahead_;          ///< sent, and not taken
  std::string head_;           ///< of a record, as far as it has been taken
  std::size_t body_left_ = 0;  ///< of a record that has been taken in part
  bool is_closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::TlsContext context = [] {
    std::signal(SIGPIPE, SIG_IGN);  // as the server does
    return make_context();
  }();
  if (size < 1) return 0;
  Line line(context, (data[0] & 1U) != 0 ? TLS1_2_VERSION : TLS1_3_VERSION);
  std::string_view rest = fuzz::text_of(data + 1, size - 1);
  // What happens, and how much of it, are two bytes each.
  while (rest.size() >= 2) {
    const auto what = static_cast<std::uint8_t>(rest[0]);
    const auto count = static_cast<std::uint8_t>(rest[1]);
    rest.remove_prefix(2);
    const std::string_view bytes = rest.substr(0, count);
    switch (what % 8) {
      case 0:
        line.send(bytes);
        rest.remove_prefix(bytes.size());
        break;
      case 1:  // a record of its own, of the type that the other bits say
        line.send(
            std::string{static_cast<char>(20 + what / 8 % 5), 3, 3, 0, static_cast<char>(bytes.size())} +
            std::string(bytes));
        rest.remove_prefix(bytes.size());
        break;
      case 2:
        line.shake_hands();
        break;
      case 3:
        for (int i = 0; i < count % 16; ++i) line.change_keys(SSL_KEY_UPDATE_NOT_REQUESTED);
        break;
      case 4:
        line.change_keys(SSL_KEY_UPDATE_REQUESTED);
        break;
      case 5:
        line.send_data(count * 64U);
        break;
      case 6:
        line.cut_into(1U + count);
        break;
      default:  // many small ones in one piece
        std::string many;
        for (int i = 0; i < count; ++i) many += {static_cast<char>(20 + what / 8 % 5), 3, 3, 0, 1, 1};
        line.send(many);
    }
  }
  line.end();
  return 0;
}
