#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/http/tls/record_source.h"
#include "server/http/tls/tls_context.h"
#include "util/files/file_descriptor.h"

namespace hostwatch::http {

/// What came of moving bytes.
struct Moved {
  enum class Next : std::uint8_t {
    more,      ///< some were moved; there may be more
    again,     ///< none were, and there is more to do; others have their turn first
    readable,  ///< wait until the socket is
    writable,  ///< likewise
    closed,    ///< by the other side, or it broke
    not_tls    ///< the other side speaks no TLS where it should
  };
  Next next = Next::more;
  std::size_t bytes = 0;
};

/// The way of a connection's bytes: a non-blocking socket, plain or with TLS over it. The handshake is part
/// of the first reads. Not thread-safe.
class Channel {
 public:
  explicit Channel(util::FileDescriptor socket) : socket_(std::move(socket)) {}
  Channel(util::FileDescriptor socket, const TlsContext& tls);

  int socket() const { return socket_.get(); }

  /// Reads what has come, of TLS one record at most (16 KiB): `size` must be no less. What has been decrypted
  /// is never left behind, so whoever asks for more may wait for the socket. Of records that hold nothing for
  /// us (handshakes, RFC 8446's KeyUpdate, and others) it takes a few, then returns `again`: they hold nobody
  /// up, whatever OpenSSL does with them. A client that sends nothing else for long is `closed`.
  Moved read(char* data, std::size_t size);
  Moved write(std::string_view bytes);

  /// To a peer that speaks no TLS, as it is.
  void write_plain(std::string_view bytes);

  /// Says that nothing more will be written, and leaves the socket open for reading.
  void finish_writing();

  /// Says, over TLS, that this is the end, so that nothing seems cut off; the socket is to be closed now.
  void say_end();

  /// Reads what nobody wants any more, encrypted or not.
  Moved pass_over(char* data, std::size_t size);

  /// Bytes on the way: written, and not known to have been received by the other side.
  std::size_t untaken() const;

  bool is_encrypted() const { return session_ != nullptr; }
  /// True once bytes of requests can come: always, without TLS.
  bool is_established() const;
  /// The client has shown a certificate of the authority that was asked for.
  bool has_client_certificate() const;

 private:
  Moved judge(int result);

  util::FileDescriptor socket_;
  std::unique_ptr<RecordSource> source_;  ///< of the session, which keeps its address
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_{nullptr, nullptr};
  int fruitless_records_ = 0;  ///< since the last data
  bool looked_ = false;        ///< at the first byte
  bool is_over_ = false;       ///< it broke, or its end has been said
};

}  // namespace hostwatch::http
