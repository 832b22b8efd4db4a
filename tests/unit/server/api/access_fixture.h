#pragma once

#include <ctime>
#include <string>

#include "tests/unit/server/api/api_fixture.h"

namespace hostwatch::api::test {

inline constexpr const char* kPassword = "correct horse battery";
inline constexpr const char* kJson = "Content-Type: application/json\r\n";

/// An API that asks for credentials, with one administrator ("admin", kPassword).
class AccessTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    settings.settings.mode = auth::AccessMode::required;
    restart();
    auth::User admin;
    admin.name = "admin";
    admin.is_admin = true;
    admin.password_hash = auth::hash_password(kPassword, settings.settings.password_cost);
    api_->credentials().add_user(admin);
  }

  /// With what `settings` say now.
  void restart() {
    api_.reset();
    api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, small_intake(), settings);
  }

  /// A header with a new token.
  std::string bearer(auth::Scope scope, const std::string& host = {}, std::int64_t expires = 0) {
    const std::string secret =
        auth::new_secret(scope == auth::Scope::enroll ? auth::kEnrollmentPrefix : auth::kTokenPrefix);
    auth::Token token;
    token.name = "test";
    token.scope = scope;
    token.host = host;
    token.expires = expires;
    last_token_ = api_->credentials().add_token(token, auth::digest_of(secret)).id;
    return "Authorization: Bearer " + secret + "\r\n";
  }

  Answer send(const std::string& method, const std::string& target, const std::string& headers = {},
              const std::string& body = {}) const {
    return ask(api_->port(), method, target, headers, body);
  }

  /// The headers of somebody who has signed in: cookie and CSRF text.
  std::string signed_in(const std::string& user = "admin", const std::string& password = kPassword) const {
    const Answer answer =
        send("POST", "/session", kJson, json{{"user", user}, {"password", password}}.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::size_t at = answer.head.find("Set-Cookie: ") + 12;
    const std::string cookie = answer.head.substr(at, answer.head.find(';', at) - at);
    return "Cookie: " + cookie + "\r\nX-CSRF-Token: " + answer.parsed()["csrf"].get<std::string>() + "\r\n";
  }
  static std::string cookie_alone(const std::string& headers) {
    return headers.substr(0, headers.find("\r\n") + 2);
  }

  AccessForTests settings;
  std::int64_t last_token_ = 0;
};

}  // namespace hostwatch::api::test
