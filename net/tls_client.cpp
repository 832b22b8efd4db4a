#include "net/tls_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <new>
#include <stdexcept>

namespace hostwatch::net {
namespace {

using Clock = std::chrono::steady_clock;

/// As it is in certificates: without the zone.
std::string without_zone(const std::string& host) {
  return host.substr(0, host.find('%'));
}

/// A whole one: what else the system takes for one, as "127.1" (inet_aton(3)), no certificate has as such.
bool is_address(const std::string& host) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

void check_readable(const char* option, const std::string& path) {
  if (!path.empty() && !std::ifstream(path)) {
    throw std::runtime_error(std::string(option) + ": '" + path + "' cannot be read");
  }
}

void use_own_certificate(SSL_CTX* context, const TlsFiles& files) {
  if (files.certificate.empty() && files.key.empty()) return;
  check_readable("--client-certificate", files.certificate);
  check_readable("--client-key", files.key);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    throw std::runtime_error(
        "--client-certificate and --client-key do not hold a certificate and its key (PEM)");
  }
}

void believe(SSL_CTX* context, const std::string& authority) {
  if (authority.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  check_readable("--ca-file", authority);
  if (SSL_CTX_load_verify_locations(context, authority.c_str(), nullptr) != 1) {
    throw std::runtime_error("--ca-file: '" + authority + "' holds no certificate (PEM)");
  }
}

/// Checked with the chain; the common name counts for nothing.
void expect_name(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool expected = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1
                                         : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), 0) == 1;
  if (!expected) throw std::runtime_error("the name of '" + host + "' cannot be checked");
}

/// Until the socket may be read from or written to, whichever the session waits for; false at the deadline.
bool wait_for(const SSL* session, int socket, Clock::time_point deadline) {
  pollfd one{socket, static_cast<short>(SSL_want_write(session) ? POLLOUT : POLLIN), 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/// Whether the last call failed since the connection has ended; `error` is that of SSL_get_error().
bool is_closed(int error) {
  if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN) return true;
  return error == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

TlsHandshake::End shake_hands(SSL* session, int socket, Clock::time_point deadline) {
  using End = TlsHandshake::End;
  for (;;) {
    ERR_clear_error();  // else one of an earlier call would count
    const int done = SSL_connect(session);
    if (done == 1) return End::done;
    const int error = SSL_get_error(session, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      if (SSL_get_verify_result(session) != X509_V_OK) return End::refused;
      return is_closed(error) ? End::closed : End::failed;
    }
    if (!wait_for(session, socket, deadline)) return End::late;
  }
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files, const std::string& host)
    : host_(without_zone(host)), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  if (context_ == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  believe(context_.get(), files.authority);
  use_own_certificate(context_.get(), files);
  expect_name(context_.get(), host_);
}

TlsHandshake TlsContext::connect(int socket, std::chrono::milliseconds patience) const {
  const Clock::time_point deadline = Clock::now() + patience;
  TlsHandshake handshake{TlsHandshake::End::failed, {SSL_new(context_.get()), SSL_free}, X509_V_OK};
  SSL* session = handshake.session.get();
  const bool ready =
      session != nullptr && SSL_set_fd(session, socket) == 1 &&
      (is_address(host_) || SSL_set_tlsext_host_name(session, host_.c_str()) == 1);  // RFC 6066, section 3
  const int flags = ::fcntl(socket, F_GETFL);
  ::fcntl(socket, F_SETFL, flags | O_NONBLOCK);
  if (ready) handshake.end = shake_hands(session, socket, deadline);
  ::fcntl(socket, F_SETFL, flags);
  if (handshake.end == TlsHandshake::End::refused) handshake.refused = SSL_get_verify_result(session);
  if (handshake.end != TlsHandshake::End::done) handshake.session.reset();
  return handshake;
}

std::string describe_refused_certificate(long refused) {
  switch (refused) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet; is this machine's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is for another name; set --server-url to a name that it has";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "its certificate is of an authority that this machine does not know; give that one with "
             "--ca-file";
    default:
      return std::string("its certificate is refused: ") + X509_verify_cert_error_string(refused);
  }
}

}  // namespace hostwatch::net
