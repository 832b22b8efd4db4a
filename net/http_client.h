#pragma once

#include <httplib.h>

#include <optional>

#include "net/answer_allowance.h"
#include "net/tls_client.h"
#include "net/url.h"

namespace hostwatch::net {

/// The library's client, on streams of ours: it reads no more of an answer than the allowance has left, which
/// must outlive it. Its TLS is ours too, as the library's own client over TLS cannot be derived from (in
/// Debian 13's version it is final). For one thread.
class HttpClient final : public httplib::ClientImpl {
 public:
  /// Throws std::runtime_error for files that cannot be used.
  HttpClient(const ServerUrl& url, const TlsFiles& files, AnswerAllowance& allowance);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Of the last handshake, as in TlsHandshake.
  long refused_certificate() const { return refused_; }
  TlsHandshake::End handshake_end() const { return handshake_end_; }

 private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override;
  void shutdown_ssl(Socket& socket, bool gracefully) override;
  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override;

  std::optional<TlsContext> tls_;  ///< none: plain
  AnswerAllowance& allowance_;
  long refused_ = 0;
  TlsHandshake::End handshake_end_ = TlsHandshake::End::done;
};

}  // namespace hostwatch::net
