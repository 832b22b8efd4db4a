#include "server/http/tls/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <new>
#include <stdexcept>
#include <string_view>

namespace hostwatch::http {
namespace {

/// What OpenSSL says of the failure, in a few words: of its errors the first is the cause.
std::string last_error() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) {
    return "the file holds nothing of the kind in PEM form";
  }
  if (ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
    return "the key is not that of the certificate";
  }
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "it cannot be used" : reason;
}

/// OpenSSL would ask at the terminal, and the server would stand still.
int refuse_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

void require(bool good, const char* option, const std::string& file) {
  if (!good) throw std::runtime_error(std::string(option) + " '" + file + "': " + last_error());
}

/// Agents and browsers refuse it; the server cannot know better than its own clock.
void warn_of_dates(const X509* certificate, const std::string& file) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    spdlog::warn("--tls-certificate '{}' has expired: agents and browsers refuse it", file);
  } else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    spdlog::warn("--tls-certificate '{}' is not valid yet: agents and browsers refuse it", file);
  }
}

void load_own(SSL_CTX* context, const TlsFiles& files) {
  bool was_asked = false;
  SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &was_asked);
  ERR_clear_error();
  require(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) == 1, "--tls-certificate",
          files.certificate);
  const bool has_key = SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (was_asked) {
    ERR_clear_error();
    throw std::runtime_error("--tls-key '" + files.key + "': the key is encrypted; write it without a " +
                             "passphrase, readable by the server's user alone");
  }
  require(has_key, "--tls-key", files.key);
  require(SSL_CTX_check_private_key(context) == 1, "--tls-key", files.key);
  warn_of_dates(SSL_CTX_get0_certificate(context), files.certificate);
}

constexpr std::string_view kSessionContext = "hostwatch";

}  // namespace

TlsContext::TlsContext(const TlsFiles& files) : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  if (!context_) throw std::runtime_error("OpenSSL gives no TLS context");
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // RFC 9325, section 4.2; those of TLS 1.3 are all of that kind.
  if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    throw std::runtime_error("OpenSSL has none of the ciphers that are needed: " + last_error());
  }
  // An idle connection gives its buffers back: ten thousand of them are cheap.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets carry the sessions
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  load_own(context, files);
  if (!files.client_authority.empty()) {
    require(SSL_CTX_load_verify_locations(context, files.client_authority.c_str(), nullptr) == 1,
            "--tls-client-ca", files.client_authority);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_authority.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
}

std::unique_ptr<ssl_st, void (*)(ssl_st*)> TlsContext::accept(int socket) const {
  std::unique_ptr<SSL, void (*)(SSL*)> session(SSL_new(context_.get()), SSL_free);
  if (!session || SSL_set_fd(session.get(), socket) != 1) throw std::bad_alloc();
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace hostwatch::http
