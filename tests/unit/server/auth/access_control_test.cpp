#include "server/auth/access_control.h"

#include <gmock/gmock.h>

#include <memory>

#include "tests/unit/server/auth/store_folder.h"

namespace hostwatch::auth {
namespace {

using test::kNow;
using Via = Caller::Via;
using Outcome = SignIn::Outcome;

constexpr const char* kPassword = "correct horse battery";

class AccessControlTest : public test::StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    store_ = std::make_unique<CredentialStore>(path_);
    settings_.password_cost = {4, 8, 1};
    make();
  }
  void TearDown() override {
    access_.reset();
    store_.reset();
    StoreFolder::TearDown();
  }
  void make() { access_ = std::make_unique<AccessControl>(*store_, settings_); }

  std::string token(Scope scope, const std::string& host = {}, std::int64_t expires = 0) {
    Token token;
    token.name = "a token";
    token.scope = scope;
    token.host = host;
    token.expires = expires;
    const std::string secret = new_secret(kTokenPrefix);
    store_->add_token(token, digest_of(secret));
    return secret;
  }
  Caller with_token(const std::string& secret, std::int64_t now = kNow) {
    PresentedCredentials presented;
    presented.bearer = secret;
    return access_->identify(presented, now);
  }
  Caller with_session(const std::string& secret, std::int64_t now = kNow) {
    PresentedCredentials presented;
    presented.sessions = {secret};
    return access_->identify(presented, now);
  }
  SignIn set_up() { return access_->set_up(access_->setup_code(), "admin", kPassword, "a", kNow); }

  std::unique_ptr<CredentialStore> store_;
  AccessSettings settings_;
  std::unique_ptr<AccessControl> access_;
};

TEST_F(AccessControlTest, WithoutACredentialNothingIsAllowed) {
  const Caller caller = access_->identify({}, kNow);
  EXPECT_EQ(caller.via, Via::nobody);
  EXPECT_FALSE(caller.may_read || caller.may_write || caller.may_manage || caller.may_enroll ||
               caller.is_wrong);
}

TEST_F(AccessControlTest, OnLoopbackOrInsecureEverybodyMayDoEverything) {
  for (const AccessMode mode : {AccessMode::open, AccessMode::insecure}) {
    settings_.mode = mode;
    make();
    const Caller caller = access_->identify({}, kNow);
    EXPECT_EQ(caller.via, Via::everybody);
    EXPECT_TRUE(caller.may_read && caller.may_write && caller.may_manage);
  }
}

TEST_F(AccessControlTest, AGuestMayLook) {
  settings_.guest = true;
  make();
  const Caller caller = access_->identify({}, kNow);
  EXPECT_EQ(caller.via, Via::guest);
  EXPECT_TRUE(caller.may_read);
  EXPECT_FALSE(caller.may_write || caller.may_manage || caller.may_enroll);
}

TEST_F(AccessControlTest, EachScopeMayWhatItsNameSays) {
  struct Right {
    Scope scope;
    bool read, write, manage, enroll;
  };
  for (const Right& right :
       {Right{Scope::agent, false, true, false, false}, Right{Scope::write, false, true, false, false},
        Right{Scope::read, true, false, false, false}, Right{Scope::admin, true, true, true, false},
        Right{Scope::enroll, false, false, false, true}}) {
    SCOPED_TRACE(name_of(right.scope));
    const Caller caller = with_token(token(right.scope, right.scope == Scope::agent ? "web-1" : ""));
    EXPECT_EQ(caller.via, Via::token);
    EXPECT_EQ(caller.may_read, right.read);
    EXPECT_EQ(caller.may_write, right.write);
    EXPECT_EQ(caller.may_manage, right.manage);
    EXPECT_EQ(caller.may_enroll, right.enroll);
    EXPECT_EQ(caller.only_host, right.scope == Scope::agent ? "web-1" : "");
  }
}

TEST_F(AccessControlTest, AnUnknownExpiredOrRevokedTokenIsWrong) {
  EXPECT_TRUE(with_token("hw_unknown").is_wrong);
  const std::string expiring = token(Scope::admin, "", kNow + 10);
  EXPECT_TRUE(with_token(expiring, kNow + 9).may_manage);
  EXPECT_TRUE(with_token(expiring, kNow + 10).is_wrong);
  EXPECT_FALSE(with_token(expiring, kNow + 10).may_read);
  const std::string revoked = token(Scope::admin);
  store_->revoke_token(store_->tokens(kNow).back().id, "test", kNow);
  EXPECT_TRUE(with_token(revoked).is_wrong);
}

TEST_F(AccessControlTest, AWrongTokenIsWrongAlsoBesideAGoodSession) {
  const SignIn done = set_up();
  PresentedCredentials both;
  both.bearer = "hw_wrong";
  both.sessions = {done.session};
  EXPECT_TRUE(access_->identify(both, kNow).is_wrong);
  EXPECT_FALSE(access_->identify(both, kNow).may_read);
}

TEST_F(AccessControlTest, TheFirstAdministratorComesWithTheCodeOfTheLogOnce) {
  EXPECT_TRUE(access_->is_setup_needed(kNow));
  EXPECT_EQ(access_->set_up("wrong", "eve", kPassword, "a", kNow).outcome, Outcome::refused);
  EXPECT_EQ(access_->set_up(access_->setup_code(), "admin", "short", "a", kNow).outcome, Outcome::bad);
  EXPECT_EQ(access_->set_up(access_->setup_code(), "", kPassword, "a", kNow).outcome, Outcome::bad);
  const SignIn done = set_up();
  ASSERT_EQ(done.outcome, Outcome::done);
  EXPECT_TRUE(with_session(done.session).may_manage);
  EXPECT_FALSE(access_->is_setup_needed(kNow));
  EXPECT_EQ(access_->set_up(access_->setup_code(), "eve", kPassword, "a", kNow).outcome, Outcome::taken);
}

TEST_F(AccessControlTest, GuessingTheCodeIsSlowedDown) {
  for (int i = 0; i < 3; ++i) access_->set_up("wrong", "eve", kPassword, "evil", kNow);
  EXPECT_EQ(access_->set_up(access_->setup_code(), "eve", kPassword, "evil", kNow).outcome,
            Outcome::too_many);
  EXPECT_EQ(access_->set_up(access_->setup_code(), "admin", kPassword, "home", kNow).outcome, Outcome::done);
}

TEST_F(AccessControlTest, EveryStartHasAnotherCode) {
  const std::string first = access_->setup_code();
  make();
  EXPECT_NE(access_->setup_code(), first);
}

TEST_F(AccessControlTest, WhereTheLastUserIsGoneAnotherCodeMakesTheFirstAdministrator) {
  const std::string old = access_->setup_code();
  ASSERT_EQ(set_up().outcome, Outcome::done);
  store_->remove_user("admin");
  EXPECT_EQ(access_->set_up(old, "eve", kPassword, "a", kNow).outcome, Outcome::refused) << "at once";
  const std::string second = access_->setup_code();
  EXPECT_TRUE(access_->is_setup_needed(kNow));
  EXPECT_EQ(access_->setup_code(), second) << "the one that the log tells";
  EXPECT_EQ(access_->set_up(second, "anna", kPassword, "a", kNow).outcome, Outcome::done);
}

TEST_F(AccessControlTest, ACodeIsNoLongerGoodOnceACommandHasMadeAUser) {
  const std::string old = access_->setup_code();
  User user;
  user.name = "anna";
  store_->add_user(user);
  EXPECT_FALSE(access_->is_setup_needed(kNow));
  store_->remove_user("anna");
  EXPECT_EQ(access_->set_up(old, "eve", kPassword, "a", kNow).outcome, Outcome::refused);
}

TEST_F(AccessControlTest, SigningInGivesASessionOfItsOwn) {
  set_up();
  const SignIn first = access_->sign_in("admin", kPassword, "a", kNow);
  const SignIn second = access_->sign_in("admin", kPassword, "a", kNow);
  ASSERT_EQ(first.outcome, Outcome::done);
  EXPECT_NE(first.session, second.session);
  const Caller caller = with_session(first.session);
  EXPECT_EQ(caller.via, Via::session);
  EXPECT_EQ(caller.name, "admin");
  EXPECT_EQ(caller.csrf, AccessControl::csrf_of(first.session));
  EXPECT_NE(caller.csrf, with_session(second.session).csrf);
  access_->sign_out(caller.session);
  EXPECT_EQ(with_session(first.session).via, Via::nobody);
  EXPECT_EQ(with_session(second.session).via, Via::session);
}

TEST_F(AccessControlTest, AWrongPasswordAndAnUnknownUserAreTheSame) {
  set_up();
  EXPECT_EQ(access_->sign_in("admin", "wrong password", "a", kNow).outcome, Outcome::refused);
  EXPECT_EQ(access_->sign_in("nobody", kPassword, "a", kNow).outcome, Outcome::refused);
}

TEST_F(AccessControlTest, GuessingIsSlowedDownForTheOneWhoGuesses) {
  set_up();
  for (int i = 0; i < 3; ++i) access_->sign_in("admin", "wrong password", "evil", kNow);
  const SignIn refused = access_->sign_in("admin", kPassword, "evil", kNow);
  EXPECT_EQ(refused.outcome, Outcome::too_many);
  EXPECT_EQ(refused.wait, 1);
  EXPECT_EQ(access_->sign_in("admin", kPassword, "home", kNow).outcome, Outcome::done);
  EXPECT_EQ(access_->sign_in("admin", kPassword, "evil", kNow + 1).outcome, Outcome::done);
}

TEST_F(AccessControlTest, AViewerMayOnlyLook) {
  User user;
  user.name = "otto";
  user.password_hash = hash_password(kPassword, settings_.password_cost);
  store_->add_user(user);
  const Caller caller = with_session(access_->sign_in("otto", kPassword, "a", kNow).session);
  EXPECT_TRUE(caller.may_read);
  EXPECT_FALSE(caller.may_write || caller.may_manage);
}

TEST_F(AccessControlTest, ChangingThePasswordNeedsTheOldOneAndEndsOtherSessions) {
  const SignIn here = set_up();
  const SignIn there = access_->sign_in("admin", kPassword, "b", kNow);
  const Caller caller = with_session(here.session);
  EXPECT_EQ(access_->change_password(caller, "wrong password", "0123456789", "a", kNow).outcome,
            Outcome::refused);
  EXPECT_EQ(access_->change_password(caller, kPassword, "short", "a", kNow).outcome, Outcome::bad);
  EXPECT_EQ(access_->change_password(caller, kPassword, "0123456789", "a", kNow).outcome, Outcome::done);
  EXPECT_EQ(with_session(here.session).via, Via::session);
  EXPECT_EQ(with_session(there.session).via, Via::nobody);
  EXPECT_EQ(access_->sign_in("admin", kPassword, "c", kNow).outcome, Outcome::refused);
  EXPECT_EQ(access_->sign_in("admin", "0123456789", "c", kNow).outcome, Outcome::done);
}

TEST_F(AccessControlTest, WhomAProxyAllowedIsAViewerUnlessKnownAsMore) {
  set_up();
  PresentedCredentials presented;
  presented.proxy_user = "maria";
  Caller caller = access_->identify(presented, kNow);
  EXPECT_EQ(caller.via, Via::proxy);
  EXPECT_TRUE(caller.may_read);
  EXPECT_FALSE(caller.may_manage);
  EXPECT_FALSE(caller.csrf.empty()) << "the browser sends the proxy's cookie by itself";
  const std::string csrf = caller.csrf;
  make();
  EXPECT_EQ(access_->identify(presented, kNow).csrf, csrf) << "an open page goes on after a restart";
  presented.proxy_user = "admin";
  EXPECT_TRUE(access_->identify(presented, kNow).may_manage);
  EXPECT_NE(access_->identify(presented, kNow).csrf, csrf);
}

}  // namespace
}  // namespace hostwatch::auth
