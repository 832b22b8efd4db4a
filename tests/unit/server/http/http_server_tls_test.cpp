// The server over TLS: which clients it speaks to, and that slow ones keep nobody out.
#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "tests/support/certificates.h"
#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::http::test {
namespace {

using hostwatch::test::Authority;
using testing::HasSubstr;
using testing::StartsWith;

class HttpServerTls : public ServerTest {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    authority_ = std::make_unique<Authority>(folder_);
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

  std::unique_ptr<httplib::SSLClient> client(const Authority::Issued& own = {}) const {
    auto made = std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port(), own.certificate, own.key);
    made->set_ca_cert_path(authority_->file());
    made->enable_server_certificate_verification(true);
    made->set_keep_alive(true);
    return made;
  }

  /// True if a handshake with this version alone succeeds.
  bool speaks(int version) const {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_security_level(context, 0);  // else OpenSSL itself would not offer the old ones
    SSL_CTX_set_cipher_list(context, "ALL");
    RawClient raw(server_->port());
    SSL* session = SSL_new(context);
    SSL_set_fd(session, raw.socket());
    const bool good = SSL_connect(session) == 1;
    SSL_free(session);
    SSL_CTX_free(context);
    return good;
  }

  std::string folder_;
  std::unique_ptr<Authority> authority_;
  Authority::Issued issued_;
};

TEST_F(HttpServerTls, AnswersOverOneConnectionManyTimes) {
  start(echo, with_tls());
  const auto one = client();
  for (int i = 0; i < 50; ++i) {
    const auto result = one->Post("/here", std::to_string(i), "text/plain");
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    EXPECT_EQ(result->body, "POST /here " + std::to_string(i));
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTls, SpeaksModernVersionsAlone) {
  start(echo, with_tls());
  EXPECT_TRUE(speaks(TLS1_3_VERSION));
  EXPECT_TRUE(speaks(TLS1_2_VERSION));
  EXPECT_FALSE(speaks(TLS1_1_VERSION));
  EXPECT_FALSE(speaks(TLS1_VERSION));
}

TEST_F(HttpServerTls, LargeBodiesGoBothWays) {
  start(echo, with_tls());
  std::string body(5UL << 20U, 'x');
  for (std::size_t i = 0; i < body.size(); i += 7) body[i] = static_cast<char>('a' + i % 26);
  const auto result = client()->Post("/", body, "text/plain");
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->body == "POST / " + body);
}

TEST_F(HttpServerTls, ManySpeakAtOnce) {
  start(echo, with_tls());
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 16; ++i) {
      clients.emplace_back([&] {
        const auto one = client();
        for (int k = 0; k < 20; ++k) {
          const auto result = one->Get("/x");
          if (result && result->body == "GET /x ") ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 16 * 20);
}

TEST_F(HttpServerTls, TellsTheHandlerThatItIsEncrypted) {
  std::atomic<bool> encrypted{false};
  start(
      [&](const Request& request, const Responder& responder) {
        encrypted = responder.peer().encrypted;
        return echo(request, responder);
      },
      with_tls());
  ASSERT_TRUE(client()->Get("/"));
  EXPECT_TRUE(encrypted);
}

TEST_F(HttpServerTls, WhoSpeaksPlainHttpIsToldSo) {
  start(echo, with_tls());
  RawClient plain(server_->port());
  plain.send(get("/"));
  const std::string answer = plain.rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("https://"));
}

TEST_F(HttpServerTls, NonsenseEndsTheConnectionAndNothingElse) {
  start(echo, with_tls());
  for (const std::string& bytes : {std::string("\x16\x03\x01\xFF\xFF"),
                                   std::string("\x16garbage garbage garbage"), std::string(100, '\0')}) {
    RawClient raw(server_->port());
    raw.send(bytes);
    raw.finish_sending();
    raw.rest();
  }
  EXPECT_TRUE(client()->Get("/"));
}

TEST_F(HttpServerTls, HandshakesThatNeverEndKeepNobodyOutAndAreEnded) {
  HttpServerOptions hasty = with_tls();
  hasty.head_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  std::vector<std::unique_ptr<RawClient>> half;
  for (int i = 0; i < 300; ++i) {
    half.push_back(std::make_unique<RawClient>(server_->port()));
    half.back()->send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  EXPECT_TRUE(client()->Get("/"));
  EXPECT_TRUE(eventually([this] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTls, AConnectionThatIsIdleAfterItsHandshakeMayStay) {
  HttpServerOptions hasty = with_tls();
  hasty.head_timeout = std::chrono::seconds(1);
  start(echo, hasty);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  RawClient raw(server_->port());
  SSL* session = SSL_new(context);
  SSL_set_fd(session, raw.socket());
  ASSERT_EQ(SSL_connect(session), 1);
  // Others come and go past the time that the handshake would have had.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(client()->Get("/"));
  const std::string request = get("/late");
  EXPECT_EQ(SSL_write(session, request.data(), static_cast<int>(request.size())),
            static_cast<int>(request.size()));
  std::array<char, 4096> answer{};
  const int count = SSL_read(session, answer.data(), static_cast<int>(answer.size()));
  EXPECT_GT(count, 0);
  EXPECT_THAT(std::string(answer.data(), static_cast<std::size_t>(std::max(count, 0))),
              StartsWith("HTTP/1.1 200 "));
  SSL_free(session);
  SSL_CTX_free(context);
}

TEST_F(HttpServerTls, ARenewedCertificateIsTakenOverAndNoRequestFails) {
  start(echo, with_tls());
  const auto before = client();
  ASSERT_TRUE(before->Get("/"));
  std::atomic<bool> done{false};
  std::atomic<int> failed{0};
  std::jthread others([&] {
    while (!done) {
      if (!client()->Get("/")) ++failed;
    }
  });
  for (int i = 0; i < 20; ++i) {
    issued_ = authority_->issue("server");
    server_->reload_tls();
  }
  done = true;
  others.join();
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(before->Get("/")) << "an open connection goes on";
}

TEST_F(HttpServerTls, AWrongNewCertificateLeavesTheOldOneInUse) {
  start(echo, with_tls());
  std::ofstream(issued_.certificate) << "no certificate";
  EXPECT_THROW(server_->reload_tls(), std::runtime_error);
  EXPECT_TRUE(client()->Get("/"));
}

TEST_F(HttpServerTls, FilesThatCannotBeUsedAreNamedAtTheStart) {
  const auto problem = [this](const TlsFiles& files) -> std::string {
    try {
      HttpServerOptions with = options();
      with.tls = files;
      start(echo, with);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(problem({folder_ + "/missing", issued_.key, ""}), HasSubstr("--tls-certificate"));
  EXPECT_THAT(problem({issued_.certificate, folder_ + "/missing", ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(problem({issued_.certificate, authority_->issue("other").key, ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(problem({issued_.certificate, issued_.key, folder_ + "/missing"}),
              HasSubstr("--tls-client-ca"));
}

TEST_F(HttpServerTls, ClientsMayShowACertificateOfTheAuthorityThatIsAskedFor) {
  std::atomic<int> verified{0};
  start(
      [&](const Request& request, const Responder& responder) {
        if (responder.peer().has_client_certificate) ++verified;
        return echo(request, responder);
      },
      with_tls(authority_->file()));
  EXPECT_TRUE(client()->Get("/")) << "a browser has none";
  EXPECT_EQ(verified, 0);
  EXPECT_TRUE(client(authority_->issue("agent"))->Get("/"));
  EXPECT_EQ(verified, 1);
  const Authority other(folder_, "other");
  EXPECT_FALSE(client(other.issue("stranger"))->Get("/"));
  EXPECT_FALSE(client(authority_->issue("late", {.from = -7200, .to = -3600}))->Get("/"));
  EXPECT_EQ(verified, 1);
}

}  // namespace
}  // namespace hostwatch::http::test
