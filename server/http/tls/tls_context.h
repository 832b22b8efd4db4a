#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace hostwatch::http {

/// Files of PEM text.
struct TlsFiles {
  std::string certificate;       ///< and those that lead to its authority
  std::string key;               ///< private, of the certificate
  std::string client_authority;  ///< clients are asked for a certificate of it; empty: they are not

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

/// What the connections of a server over TLS share: versions 1.2 and 1.3, forward secrecy and authenticated
/// encryption alone (RFC 9325), no compression, no renegotiation. A client that is asked for a certificate
/// may show none (it may be a browser); a wrong one ends the connection. Immutable; connections keep it
/// alive, so that it can be replaced.
class TlsContext {
 public:
  /// Throws std::runtime_error, in one line, for files that cannot be used.
  explicit TlsContext(const TlsFiles& files);

  /// A new session on a connected, non-blocking socket, on the server's side. Throws std::bad_alloc.
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> accept(int socket) const;

 private:
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

}  // namespace hostwatch::http
