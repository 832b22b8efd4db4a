#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace hostwatch::net {

/// Files of PEM text.
struct TlsFiles {
  std::string authority;    ///< whom to believe in the server's certificate; empty: whom this system does
  std::string certificate;  ///< of this agent; empty: none
  std::string key;          ///< of that certificate

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

/// How a handshake ended.
struct TlsHandshake {
  enum class End : std::uint8_t {
    done,
    refused,  ///< the server's certificate was
    late,     ///< the server did not finish it in time
    closed,   ///< the connection was, by the server or on the way
    failed    ///< what came was no TLS, or none that both sides take
  };
  End end = End::failed;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session;  ///< null: it failed
  long refused =
      0;  ///< why the server's certificate was (X509_V_ERR_..., openssl-verify(1)); 0: not for that
};

/// What the connections to one server share: TLS 1.2 and 1.3, and the server must have a certificate of the
/// authority, in date and for `host`, by its subject alternative names (RFC 9525): there is no way to go
/// without. For one thread.
class TlsContext {
 public:
  /// `host`: a name or an address, without brackets; its zone ("%eth0") is this machine's affair, and no
  /// certificate has it. What is no whole address ("127.1") is checked as a name. Throws std::runtime_error
  /// for files that cannot be used.
  TlsContext(const TlsFiles& files, const std::string& host);

  /// On the client's side of a connected socket, which waits again afterwards. Waits no longer than
  /// `patience` in all.
  TlsHandshake connect(int socket, std::chrono::milliseconds patience) const;

 private:
  std::string host_;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

/// Why a certificate was refused, and what to do; `refused` as in TlsHandshake.
std::string describe_refused_certificate(long refused);

}  // namespace hostwatch::net
