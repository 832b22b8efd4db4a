#pragma once

#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/certificates.h"
#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {

/// A client over TLS that sends what it is told and reads no more than it is told. Believes any server.
class RawTlsClient {
 public:
  explicit RawTlsClient(int port, int version = TLS1_3_VERSION, int receive_buffer = 0,
                        const hostwatch::test::Authority::Issued& own = {}, const char* ciphers = "ALL")
      : raw_(port, receive_buffer),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        session_(nullptr, SSL_free) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_set_security_level(context_.get(), 0);     // else OpenSSL itself would not offer the old versions
    SSL_CTX_set_cipher_list(context_.get(), ciphers);  // of TLS 1.2 and before
    if (!own.certificate.empty()) {
      SSL_CTX_use_certificate_chain_file(context_.get(), own.certificate.c_str());
      SSL_CTX_use_PrivateKey_file(context_.get(), own.key.c_str(), SSL_FILETYPE_PEM);
    }
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), raw_.socket());
    is_connected_ = SSL_connect(session_.get()) == 1;
  }

  bool is_connected() const { return is_connected_; }
  SSL* session() { return session_.get(); }
  RawClient& raw() { return raw_; }

  bool send(std::string_view bytes) {
    return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }

  /// At least `size` bytes of what the server sends, or what came until its end.
  std::string receive(std::size_t size) {
    std::array<char, 16384> buffer{};
    while (got_.size() < size && wait()) {
      const int count = SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) {
        end_ = SSL_get_error(session_.get(), count);
        break;
      }
      got_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return got_;
  }

  /// The next answer, as RawClient's.
  std::string answer() {
    std::size_t head = std::string::npos;
    while ((head = got_.find("\r\n\r\n")) == std::string::npos) {
      if (const std::size_t before = got_.size(); receive(before + 1).size() == before) return take(before);
    }
    const std::size_t at = got_.find("Content-Length: ");
    const std::size_t size = head + 4 + (at < head ? std::stoul(got_.substr(at + 16)) : 0);
    receive(size);
    return take(std::min(size, got_.size()));
  }

  /// All that comes until the other side ends.
  std::string rest() { return receive(std::string::npos), std::exchange(got_, std::string()); }

  /// After rest(): the server said that this is the end (close_notify), so nothing was cut off.
  bool was_ended_properly() const { return end_ == SSL_ERROR_ZERO_RETURN; }
  /// After rest(): the reason of OpenSSL for the end, such as an alert of the server's.
  static std::string reason() {
    const char* text = ERR_reason_error_string(ERR_peek_last_error());
    return text == nullptr ? "" : text;
  }

 private:
  bool wait() {
    if (SSL_pending(session_.get()) > 0) return true;
    pollfd waiting{raw_.socket(), POLLIN, 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
    const bool came = ::poll(&waiting, 1, static_cast<int>(patience)) == 1;
    EXPECT_TRUE(came) << "nothing came";
    return came;
  }
  std::string take(std::size_t size) {
    std::string taken = got_.substr(0, size);
    got_.erase(0, size);
    return taken;
  }

  RawClient raw_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> session_;
  bool is_connected_ = false;
  int end_ = SSL_ERROR_NONE;
  std::string got_;
};

/// A server over TLS, with an authority of its own in a folder of its own.
class TlsServerTest : public ServerTest {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    authority_ = std::make_unique<hostwatch::test::Authority>(folder_);
    issued_ = authority_->issue("server");
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  HttpServerOptions with_tls(const std::string& client_authority = {}) const {
    HttpServerOptions with = options();
    with.tls = TlsFiles{issued_.certificate, issued_.key, client_authority};
    return with;
  }

  /// The library's client, which believes the authority alone.
  std::unique_ptr<httplib::SSLClient> client(const hostwatch::test::Authority::Issued& own = {}) const {
    auto made = std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port(), own.certificate, own.key);
    made->set_ca_cert_path(authority_->file());
    made->enable_server_certificate_verification(true);
    made->set_keep_alive(true);
    made->set_tcp_nodelay(true);
    return made;
  }

  std::string folder_;
  std::unique_ptr<hostwatch::test::Authority> authority_;
  hostwatch::test::Authority::Issued issued_;
};

}  // namespace hostwatch::http::test
