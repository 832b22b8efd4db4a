// The service against a receiver that speaks TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "tests/support/certificates.h"
#include "tests/unit/server/delivery/service_fixture.h"

namespace hostwatch::delivery::test {
namespace {

using testing::HasSubstr;

/// Answers 200 to whatever comes.
class TlsSink : public TcpSink {
 public:
  explicit TlsSink(const hostwatch::test::Authority::Issued& issued)
      : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
    SSL_CTX_use_certificate_chain_file(context_.get(), issued.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), issued.key.c_str(), SSL_FILETYPE_PEM);
    start();
  }
  ~TlsSink() override { end(); }

  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port()) + "/";
  }
  std::string received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  void serve(int socket) override {
    sigset_t signals;  // the client may be gone; not set for all, so that the service shows its own faults
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), &SSL_free);
    SSL_set_fd(tls.get(), socket);
    if (SSL_accept(tls.get()) != 1) return;
    std::string text;
    std::array<char, 4096> some{};
    while (text.find("\"version\"") == std::string::npos) {
      const int size = SSL_read(tls.get(), some.data(), some.size());
      if (size <= 0) return;
      text.append(some.data(), static_cast<std::size_t>(size));
    }
    {
      const std::lock_guard lock(mutex_);
      received_ = text;
    }
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    SSL_write(tls.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
    SSL_shutdown(tls.get());
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::string received_;
};

class TlsDeliveryTest : public ServiceTest {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-delivery-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    authority_ = std::make_unique<hostwatch::test::Authority>(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::unique_ptr<hostwatch::test::Authority> authority_;
};

TEST_F(TlsDeliveryTest, TrustsAnAuthorityThatItKnows) {
  TlsSink sink(authority_->issue("receiver"));
  settings_.ca_file = authority_->file();
  start({webhook("ops", sink.url("127.0.0.1"))}).submit(message("m1", "ops"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::sent) << results(1)[0].error;
  EXPECT_THAT(sink.received(), HasSubstr("webhook-id: m1"));
}

TEST_F(TlsDeliveryTest, SendsNothingToOneThatItDoesNotKnow) {
  TlsSink sink(authority_->issue("receiver"));
  start({webhook("ops", sink.url("127.0.0.1"))}).submit(message("m1", "ops"));
  const DeliveryResult result = results(1)[0];
  EXPECT_EQ(result.outcome, Outcome::unsent);
  EXPECT_THAT(result.error, HasSubstr("certificate is not trusted"));
  EXPECT_EQ(sink.received(), "");
}

TEST_F(TlsDeliveryTest, SendsNothingToOneOfAnotherName) {
  TlsSink sink(authority_->issue("receiver", {.alternative_names = "DNS:other.example"}));
  settings_.ca_file = authority_->file();
  start({webhook("ops", sink.url("127.0.0.1"))}).submit(message("m1", "ops"));
  EXPECT_EQ(results(1)[0].outcome, Outcome::unsent);
  EXPECT_EQ(sink.received(), "");
}

}  // namespace
}  // namespace hostwatch::delivery::test
