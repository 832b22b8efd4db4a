// The server over TLS: which clients it speaks to, and that slow ones keep nobody out.
#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>

#include "tests/unit/server/http/tls_fixture.h"

namespace hostwatch::http::test {
namespace {

using hostwatch::test::Authority;
using testing::HasSubstr;
using testing::StartsWith;

class HttpServerTls : public TlsServerTest {
 protected:
  /// The same key under a passphrase.
  static std::string encrypt(const std::string& key) {
    const std::string made = key + ".encrypted";
    std::FILE* in = std::fopen(key.c_str(), "r");
    EVP_PKEY* pkey = PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
    std::fclose(in);
    std::FILE* out = std::fopen(made.c_str(), "w");
    EXPECT_EQ(PEM_write_PKCS8PrivateKey(out, pkey, EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr), 1);
    std::fclose(out);
    EVP_PKEY_free(pkey);
    return made;
  }
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
  const auto speaks = [this](int version) { return RawTlsClient(server_->port(), version).is_connected(); };
  EXPECT_TRUE(speaks(TLS1_3_VERSION));
  EXPECT_TRUE(speaks(TLS1_2_VERSION));
  EXPECT_FALSE(speaks(TLS1_1_VERSION));
  EXPECT_FALSE(speaks(TLS1_VERSION));
}

TEST_F(HttpServerTls, TakesAuthenticatedCiphersWithForwardSecrecyAlone) {  // RFC 9325, section 4.2
  start(echo, with_tls());
  const auto speaks = [this](const char* ciphers) {
    return RawTlsClient(server_->port(), TLS1_2_VERSION, 0, {}, ciphers).is_connected();
  };
  EXPECT_TRUE(speaks("ECDHE+AESGCM"));
  EXPECT_TRUE(speaks("ECDHE+CHACHA20"));
  EXPECT_FALSE(speaks("ECDHE:!AESGCM:!CHACHA20")) << "CBC, CCM and none";
  issued_ = authority_->issue("rsa", {.has_rsa_key = true});  // with which clients could encrypt the secret
  start(echo, with_tls());
  EXPECT_TRUE(speaks("ECDHE+AESGCM"));
  EXPECT_FALSE(speaks("kRSA"));
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
  RawTlsClient idle(server_->port());
  // Others come and go past the time that the handshake would have had.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(client()->Get("/"));
  EXPECT_TRUE(idle.send(get("/late")));
  EXPECT_THAT(idle.answer(), StartsWith("HTTP/1.1 200 "));
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
  const auto text_of = [](const std::string& option, const std::string& file, const std::string& what) {
    return option + " '" + file + "': " + what;
  };
  const std::string missing = folder_ + "/missing";
  const std::string nonsense = folder_ + "/nonsense";
  std::ofstream(nonsense) << "no PEM";
  const std::string in_clear_alone =
      "the key is encrypted; write it without a passphrase, readable by the server's user alone";
  EXPECT_EQ(problem({missing, issued_.key, ""}),
            text_of("--tls-certificate", missing, "No such file or directory"));
  EXPECT_EQ(problem({folder_, issued_.key, ""}),
            text_of("--tls-certificate", folder_, "the file holds nothing of the kind in PEM form"));
  EXPECT_EQ(problem({nonsense, issued_.key, ""}),
            text_of("--tls-certificate", nonsense, "the file holds nothing of the kind in PEM form"));
  EXPECT_EQ(problem({issued_.certificate, missing, ""}),
            text_of("--tls-key", missing, "No such file or directory"));
  const std::string other = authority_->issue("other").key;
  EXPECT_EQ(problem({issued_.certificate, other, ""}),
            text_of("--tls-key", other, "the key is not that of the certificate"));
  const std::string encrypted = encrypt(issued_.key);
  EXPECT_EQ(problem({issued_.certificate, encrypted, ""}), text_of("--tls-key", encrypted, in_clear_alone));
  EXPECT_EQ(problem({issued_.certificate, issued_.key, missing}),
            text_of("--tls-client-ca", missing, "No such file or directory"));
  EXPECT_THAT(problem({issued_.certificate, issued_.key, nonsense}),
              StartsWith("--tls-client-ca '" + nonsense + "': "));
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
