// Delivery over TLS: which servers are believed.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/log_capture.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"
#include "tests/unit/agent/delivery/loopback_listener.h"

namespace hostwatch::agent::test {
namespace {

using hostwatch::test::Authority;
using testing::HasSubstr;

class TlsTest : public DeliveryTest {
 protected:
  TlsTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as the agent's main() does: OpenSSL writes to connections that are gone
    settings.tls.authority = authority.file();
  }
  ~TlsTest() override { delivery.reset(); }

  net::ServerUrl serve_tls(const Authority::Issued& issued, const char* client_authority = nullptr,
                           int port = 0) {
    servers.push_back(std::make_unique<StandInServer>(
        std::make_unique<httplib::SSLServer>(issued.certificate.c_str(), issued.key.c_str(),
                                             client_authority),
        [](const auto& received, std::size_t, httplib::Response& response) { say_ok(received, response); },
        port));
    net::ServerUrl url = servers.back()->url();
    url.encrypted = true;
    return url;
  }

  /// What the log says once delivery has failed, with nothing delivered.
  std::string refused(const net::ServerUrl& url) {
    push(1);
    start(url);
    EXPECT_TRUE(eventually([this] { return counts().failures > 0; }));
    delivery.reset();
    EXPECT_EQ(waiting(), 1U);
    EXPECT_EQ(servers.empty() ? 0U : servers.back()->requests(), 0U);
    return log_.text();
  }

  hostwatch::test::TemporaryFolder folder;
  Authority authority{folder.path()};

 private:
  hostwatch::test::LogCapture log_;
};

TEST_F(TlsTest, AServerOfTheGivenAuthorityIsBelieved) {
  const net::ServerUrl url = serve_tls(authority.issue("server"));
  push(2);
  start(url);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().delivered, 2U);
}

TEST_F(TlsTest, ByItsNameToo) {
  net::ServerUrl url = serve_tls(authority.issue("server", {.alternative_names = "DNS:localhost"}));
  url.host = "localhost";
  push(1);
  start(url);
  ASSERT_TRUE(emptied());
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  const Authority other(folder.path(), "other");
  EXPECT_THAT(refused(serve_tls(other.issue("server"))), HasSubstr("--ca-file"));
}

TEST_F(TlsTest, WithoutAnAuthorityOfOursThoseOfTheSystemCount) {
  settings.tls = {};
  EXPECT_THAT(refused(serve_tls(authority.issue("server"))), HasSubstr("--ca-file"));
}

/// Takes the place of the system's authorities (SSL_CTX_load_verify_locations(3)).
class SystemAuthority {
 public:
  explicit SystemAuthority(const Authority& authority) {
    ::setenv("SSL_CERT_FILE", authority.file().c_str(), 1);
  }
  ~SystemAuthority() { ::unsetenv("SSL_CERT_FILE"); }
  SystemAuthority(const SystemAuthority&) = delete;
  SystemAuthority& operator=(const SystemAuthority&) = delete;
};

TEST_F(TlsTest, AnAuthorityOfTheSystemIsBelieved) {
  const SystemAuthority system(authority);
  settings.tls = {};
  push(1);
  start(serve_tls(authority.issue("server")));
  ASSERT_TRUE(emptied());
}

TEST_F(TlsTest, BesideAnAuthorityOfOursNoneOfTheSystemCounts) {
  const Authority other(folder.path(), "other");
  const SystemAuthority system(other);
  EXPECT_THAT(refused(serve_tls(other.issue("server"))), HasSubstr("--ca-file"));
}

TEST_F(TlsTest, ACertificateThatHasExpiredIsRefused) {
  EXPECT_THAT(refused(serve_tls(authority.issue("server", {.from = -7200, .to = -3600}))),
              HasSubstr("has expired"));
}

TEST_F(TlsTest, ACertificateThatIsNotValidYetIsRefused) {
  EXPECT_THAT(refused(serve_tls(authority.issue("server", {.from = 3600, .to = 7200}))),
              HasSubstr("not valid yet"));
}

TEST_F(TlsTest, ACertificateForAnotherNameIsRefused) {
  EXPECT_THAT(
      refused(serve_tls(authority.issue("server", {.alternative_names = "IP:10.0.0.1,DNS:server.example"}))),
      HasSubstr("for another name"));
}

TEST_F(TlsTest, TheCommonNameCountsForNothing) {  // RFC 9525, section 2
  net::ServerUrl url = serve_tls(
      authority.issue("server", {.alternative_names = "DNS:other.example", .common_name = "localhost"}));
  url.host = "localhost";
  EXPECT_THAT(refused(url), HasSubstr("for another name"));
}

TEST_F(TlsTest, AServerThatSpeaksNoTlsIsNamed) {
  LoopbackListener listener;
  const std::jthread plain([&listener] {
    for (int one = listener.accept(); one >= 0; one = listener.accept()) {
      std::array<char, 4096> hello{};
      EXPECT_GT(::recv(one, hello.data(), hello.size(), 0), 0);
      constexpr std::string_view kAnswer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
      EXPECT_EQ(::send(one, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(kAnswer.size()));
      ::close(one);
    }
  });
  net::ServerUrl url = listener.url();
  url.encrypted = true;
  EXPECT_THAT(refused(url), HasSubstr("speaks no TLS"));
  listener.end();
}

TEST_F(TlsTest, AServerThatAsksForACertificateGetsIt) {
  const Authority::Issued own = authority.issue("agent");
  settings.tls.certificate = own.certificate;
  settings.tls.key = own.key;
  const net::ServerUrl url = serve_tls(authority.issue("server"), authority.file().c_str());
  push(1);
  start(url);
  ASSERT_TRUE(emptied());
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamedAtTheStart) {
  const net::ServerUrl url = serve_tls(authority.issue("server"));
  const auto problem = [&](const net::TlsFiles& files) -> std::string {
    try {
      const HttpPoster poster(url, files, "", {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(problem({folder.path() + "/missing", "", ""}), HasSubstr("--ca-file"));
  EXPECT_THAT(problem({authority.issue("x").key, "", ""}), HasSubstr("holds no certificate"));
  EXPECT_THAT(problem({authority.file(), authority.file(), authority.issue("y").key}),
              HasSubstr("--client-certificate"));
}

/// Posts by itself, where connections and answers are to be seen.
class TlsPosterTest : public TlsTest {
 protected:
  /// Whether it took a new connection; the reason, if no answer came.
  static std::variant<bool, std::string> post(HttpPoster& poster) {
    const auto result = poster.post({"/metrics", "", "{}"}, 784'111'777);
    if (const auto* failure = std::get_if<PostFailure>(&result)) return failure->reason;
    return std::get<HttpAnswer>(result).new_connection;
  }

  /// Why it failed.
  std::string handshake_with(const DumbListener& server) {
    net::ServerUrl url = server.url();
    url.encrypted = true;
    HttpTimeouts timeouts;
    timeouts.connect = std::chrono::milliseconds(50);
    HttpPoster poster(url, settings.tls, "", timeouts);
    const auto result = post(poster);
    const auto* reason = std::get_if<std::string>(&result);
    return reason != nullptr ? *reason : "it did not fail";
  }
};

TEST_F(TlsPosterTest, OneConnectionServesAllRequests) {
  HttpPoster poster(serve_tls(authority.issue("server")), settings.tls, "", {});
  EXPECT_THAT(post(poster), testing::VariantWith<bool>(true));
  EXPECT_THAT(post(poster), testing::VariantWith<bool>(false));
  EXPECT_THAT(post(poster), testing::VariantWith<bool>(false));
}

TEST_F(TlsTest, AServerThatWasStartedAgainGetsANewConnectionWithoutAFailure) {
  const Authority::Issued issued = authority.issue("server");
  const net::ServerUrl url = serve_tls(issued);
  start(url);
  push(1);
  ASSERT_TRUE(emptied());
  servers.clear();
  serve_tls(issued, nullptr, url.port);
  push(1);
  ASSERT_TRUE(emptied());
  EXPECT_EQ(counts().failures, 0U);
}

TEST_F(TlsPosterTest, AHandshakeThatStallsOrDripsIsGivenUpAndToldAsLate) {
  for (const auto manner : {DumbListener::Manner::silent, DumbListener::Manner::dripping}) {
    const DumbListener slow(manner);
    EXPECT_THAT(handshake_with(slow), HasSubstr(" did not finish the TLS handshake in time"));
  }
}

TEST_F(TlsPosterTest, AConnectionThatIsClosedDuringTheHandshakeIsToldAsClosed) {
  const DumbListener closing(DumbListener::Manner::closing);
  EXPECT_THAT(handshake_with(closing), HasSubstr(" closed the connection during the TLS handshake"));
}

TEST_F(TlsPosterTest, WhatIsNoWholeAddressIsCheckedAsAName) {
  net::ServerUrl url = serve_tls(authority.issue("server"));
  url.host = "127.1";  // which the system takes for 127.0.0.1
  HttpPoster poster(url, settings.tls, "", {});
  EXPECT_THAT(post(poster), testing::VariantWith<std::string>(HasSubstr("for another name")));
}

TEST_F(TlsTest, AZoneIsNoPartOfTheAddressThatIsChecked) {
  for (const char* host : {"::1%lo", "fe80::1%eth0", "127.1", "1.2.3", "0x7f.1"}) {
    EXPECT_NO_THROW(HttpPoster({host, 1, "/metrics", true}, settings.tls, "", {})) << host;
  }
}

TEST_F(TlsPosterTest, AnAnswerWithoutEndIsCutOff) {
  const Authority::Issued issued = authority.issue("server");
  servers.push_back(std::make_unique<StandInServer>(
      std::make_unique<httplib::SSLServer>(issued.certificate.c_str(), issued.key.c_str()),
      [](const auto&, std::size_t, httplib::Response& response) {
        for (int i = 0; i < 100; ++i) response.set_header("X-Line", std::string(1000, 'y'));
      }));
  net::ServerUrl url = servers.back()->url();
  url.encrypted = true;
  HttpPoster poster(url, settings.tls, "", {});
  EXPECT_THAT(post(poster), testing::VariantWith<std::string>(HasSubstr("is too long")));
}

TEST_F(TlsTest, AfterReadingAgainANewAuthorityIsBelieved) {
  const net::ServerUrl url = serve_tls(authority.issue("server"));
  const Authority other(folder.path(), "other");
  const std::string file = folder.path() + "/believed.pem";
  std::filesystem::copy_file(other.file(), file);
  settings.tls.authority = file;
  push(1);
  start(url);
  ASSERT_TRUE(eventually([this] { return counts().failures > 0; }));
  std::filesystem::copy_file(authority.file(), file, std::filesystem::copy_options::overwrite_existing);
  delivery->read_files_again();
  ASSERT_TRUE(emptied());
}

}  // namespace
}  // namespace hostwatch::agent::test
