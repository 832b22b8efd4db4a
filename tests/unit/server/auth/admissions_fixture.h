#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/auth/credential_store.h"
#include "tests/unit/server/auth/store_folder.h"

namespace hostwatch::auth::test {

inline const std::string kIdentity(32, 'a');
inline const std::string kOther(32, 'b');
inline const std::string kThird(32, 'c');

/// A store with a token to enrol with.
class Admissions : public StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    open();
    Token token;
    token.name = "agents";
    token.scope = Scope::enroll;
    store_->add_token(token, digest_of("e"));
  }
  void TearDown() override {
    store_.reset();
    StoreFolder::TearDown();
  }
  void open() {
    store_.reset();
    store_ = std::make_unique<CredentialStore>(path_);
  }

  static EnrollmentWish wish(const std::string& host, const std::string& identity) {
    EnrollmentWish wish;
    wish.token = digest_of("e");
    wish.host = host;
    wish.identity = identity;
    wish.address = "192.0.2.1";
    wish.own = digest_of(host + identity);
    return wish;
  }
  /// From that address.
  Enrollment enroll_from(const std::string& address, const std::string& host, const std::string& identity,
                         std::int64_t now = kNow) {
    EnrollmentWish known = wish(host, identity);
    known.is_host_known = true;
    known.address = address;
    return store_->enroll(known, now).outcome;
  }
  Enrollment enroll(const std::string& host, const std::string& identity, std::int64_t now = kNow) {
    return store_->enroll(wish(host, identity), now).outcome;
  }
  /// As one that there is history of.
  Enrollment enroll_known(const std::string& host, const std::string& identity, std::int64_t now = kNow) {
    EnrollmentWish known = wish(host, identity);
    known.is_host_known = true;
    return store_->enroll(known, now).outcome;
  }
  std::int64_t id_of(const std::string& host, const std::string& identity) {
    const auto token = store_->find_token(digest_of(host + identity), kNow);
    return token ? token->id : -1;
  }
  bool has_token(const std::string& host, const std::string& identity) { return id_of(host, identity) != -1; }
  Token by_hand(Scope scope, const std::string& host, const std::string& secret) {
    Token token;
    token.name = "by hand";
    token.scope = scope;
    token.host = host;
    return store_->add_token(token, digest_of(secret));
  }
  /// "web-1 aaaa shut_out": as they are listed, with the first four digits.
  std::vector<std::string> settled(std::int64_t now = kNow) {
    std::vector<std::string> all;
    for (const Admission& one : store_->admissions(now))
      all.push_back(one.host + " " + one.identity.substr(0, 4) + " " + std::string(name_of(one.standing)));
    return all;
  }

  std::unique_ptr<CredentialStore> store_;
};

}  // namespace hostwatch::auth::test
