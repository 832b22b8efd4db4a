#include "agent/tls_client.h"

#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <fstream>
#include <stdexcept>

#include "agent/answer_stream.h"

namespace hostwatch::agent {
namespace {

bool is_address(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
}

void check_readable(const char* option, const std::string& path) {
  if (!path.empty() && !std::ifstream(path)) {
    throw std::runtime_error(std::string(option) + ": '" + path + "' cannot be read");
  }
}

/// The library checks the name by itself, but is content with the common name where the alternative names say
/// otherwise: so it is checked with the chain.
void expect_name(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool expected = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1
                                         : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), 0) == 1;
  if (!expected) throw std::runtime_error("the name of '" + host + "' cannot be checked");
}

std::chrono::milliseconds milliseconds_of(time_t seconds, time_t microseconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(seconds) +
                                                               std::chrono::microseconds(microseconds));
}

/// The library's client on a stream of ours.
template <class Client>
class FrugalClient final : public Client {
 public:
  template <class... Arguments>
  explicit FrugalClient(AnswerAllowance& allowance, const Arguments&... arguments)
      : Client(arguments...), allowance_(allowance) {}

 private:
  using Socket = typename Client::Socket;

  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override {
    AnswerStream stream(
        {socket.sock, socket.ssl, milliseconds_of(this->read_timeout_sec_, this->read_timeout_usec_),
         milliseconds_of(this->write_timeout_sec_, this->write_timeout_usec_)},
        allowance_);
    return callback(stream);
  }

  AnswerAllowance& allowance_;
};

}  // namespace

std::unique_ptr<httplib::ClientImpl> make_client(const ServerUrl& url, const TlsFiles& files,
                                                 AnswerAllowance& allowance) {
  // Not httplib::Client: that one takes a URL apart by a regular expression that knows no IPv6 letters.
  if (!url.encrypted)
    return std::make_unique<FrugalClient<httplib::ClientImpl>>(allowance, url.host, url.port);
  check_readable("--ca-file", files.authority);
  check_readable("--client-certificate", files.certificate);
  check_readable("--client-key", files.key);
  auto client = std::make_unique<FrugalClient<httplib::SSLClient>>(allowance, url.host, url.port,
                                                                   files.certificate, files.key);
  SSL_CTX* context = client->ssl_context();
  if (!client->is_valid() || context == nullptr) {
    throw std::runtime_error(
        "--client-certificate and --client-key do not hold a certificate and its key (PEM)");
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  expect_name(context, url.host);
  if (!files.authority.empty()) {
    if (SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr) != 1) {
      throw std::runtime_error("--ca-file: '" + files.authority + "' holds no certificate (PEM)");
    }
    client->set_ca_cert_path(files.authority);
  }
  client->enable_server_certificate_verification(true);
  return client;
}

std::string describe_refused_certificate(const httplib::ClientImpl& client) {
  const auto* tls = dynamic_cast<const httplib::SSLClient*>(&client);
  const long result = tls == nullptr ? X509_V_OK : tls->get_openssl_verify_result();
  switch (result) {
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
    case X509_V_OK:
      return "its certificate is not for that name";
    default:
      return std::string("its certificate is refused: ") + X509_verify_cert_error_string(result);
  }
}

}  // namespace hostwatch::agent
