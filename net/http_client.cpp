#include "net/http_client.h"

#include <openssl/ssl.h>

#include <chrono>
#include <utility>

#include "net/answer_stream.h"

namespace hostwatch::net {
namespace {

std::chrono::milliseconds milliseconds_of(time_t seconds, time_t microseconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(seconds) +
                                                               std::chrono::microseconds(microseconds));
}

}  // namespace

// Not httplib::Client: that one takes a URL apart by a regular expression that knows no IPv6 letters.
HttpClient::HttpClient(const ServerUrl& url, const TlsFiles& files, AnswerAllowance& allowance)
    : ClientImpl(url.host, url.port), allowance_(allowance) {
  if (url.encrypted) tls_.emplace(files, url.host_without_zone());
}

HttpClient::~HttpClient() {
  HttpClient::shutdown_ssl(socket_, true);
}

bool HttpClient::create_and_connect_socket(Socket& socket, httplib::Error& error) {
  refused_ = 0;
  if (!ClientImpl::create_and_connect_socket(socket, error)) return false;
  if (!tls_) return true;
  TlsHandshake handshake =
      tls_->connect(socket.sock, milliseconds_of(connection_timeout_sec_, connection_timeout_usec_));
  refused_ = handshake.refused;
  handshake_end_ = handshake.end;
  if (handshake.session == nullptr) {
    error = refused_ == 0 ? httplib::Error::SSLConnection : httplib::Error::SSLServerVerification;
    shutdown_socket(socket);
    close_socket(socket);
    return false;
  }
  socket.ssl = handshake.session.release();
  return true;
}

void HttpClient::shutdown_ssl(Socket& socket, bool gracefully) {
  SSL* session = std::exchange(socket.ssl, nullptr);
  if (session == nullptr) return;
  if (gracefully) SSL_shutdown(session);
  SSL_free(session);
}

bool HttpClient::process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) {
  AnswerStream stream({socket.sock, socket.ssl, milliseconds_of(read_timeout_sec_, read_timeout_usec_),
                       milliseconds_of(write_timeout_sec_, write_timeout_usec_)},
                      allowance_);
  return callback(stream);
}

}  // namespace hostwatch::net
