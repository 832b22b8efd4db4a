#include "server/auth/credential_store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/unit/server/auth/store_folder.h"

namespace hostwatch::auth {
namespace {

using test::kNow;
using CredentialStoreTest = test::StoreFolder;

Token token_named(const std::string& name, Scope scope = Scope::read) {
  Token token;
  token.name = name;
  token.scope = scope;
  token.created = kNow;
  return token;
}

User user_named(const std::string& name, bool is_admin = true) {
  User user;
  user.name = name;
  user.is_admin = is_admin;
  user.password_hash = "hash of " + name;
  return user;
}

const std::string kIdentity(32, 'a');
const std::string kOther(32, 'b');

Enrollment enroll(CredentialStore& store, const Digest& token, const std::string& host,
                  const std::string& identity, const Digest& own) {
  EnrollmentWish wish;
  wish.token = token;
  wish.host = host;
  wish.identity = identity;
  wish.own = own;
  return store.enroll(wish, kNow).outcome;
}

TEST_F(CredentialStoreTest, TheFileIsForItsOwnerAlone) {
  const CredentialStore store(path_);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(CredentialStoreTest, AFileThatIsMovedAwayTakesNothingThatWouldBeLost) {
  CredentialStore store(path_);
  const Digest known = digest_of("known");
  store.add_token(token_named("scraper"), known);
  EXPECT_EQ(store.failure(), std::nullopt);
  std::filesystem::rename(path_, path_ + ".old");
  EXPECT_THROW(store.add_token(token_named("other"), digest_of("other")), CredentialError);
  EXPECT_TRUE(store.find_token(known, kNow)) << "who is known is let in as ever";
  ASSERT_TRUE(store.failure());
  EXPECT_THAT(*store.failure(), testing::HasSubstr("put it back"));
  std::filesystem::rename(path_ + ".old", path_);
  EXPECT_TRUE(store.find_token(known, kNow + 1));
  EXPECT_EQ(store.failure(), std::nullopt);
  store.add_token(token_named("other"), digest_of("other"));
}

TEST_F(CredentialStoreTest, NoSecretIsInTheFile) {
  const std::string secret = new_secret(kTokenPrefix);
  {
    CredentialStore store(path_);
    store.add_token(token_named("scraper"), digest_of(secret));
  }
  std::ostringstream content;
  content << std::ifstream(path_, std::ios::binary).rdbuf();
  EXPECT_THAT(content.str(), testing::HasSubstr("scraper"));
  EXPECT_THAT(content.str(), testing::Not(testing::HasSubstr(secret)));
  EXPECT_THAT(content.str(), testing::Not(testing::HasSubstr(secret.substr(3))));
}

TEST_F(CredentialStoreTest, WhatWasAddedIsThereAfterARestart) {
  Token token = token_named("agents", Scope::enroll);
  token.expires = kNow + 100;
  token.uses_left = 3;
  std::string key;
  {
    CredentialStore store(path_);
    store.add_token(token, digest_of("a"));
    store.add_user(user_named("anna"));
    store.add_session(digest_of("s"), {store.find_user("anna", kNow)->id, kNow, kNow});
    store.use_token(digest_of("a"), kNow + 50);
    store.save_uses(kNow + 50);
    key = store.signing_key();
  }
  CredentialStore store(path_);
  const auto found = store.find_token(digest_of("a"), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "agents");
  EXPECT_EQ(found->scope, Scope::enroll);
  EXPECT_EQ(found->expires, kNow + 100);
  EXPECT_EQ(found->uses_left, 3);
  EXPECT_EQ(found->last_used, kNow + 50);
  EXPECT_EQ(store.find_user("anna", kNow)->password_hash, "hash of anna");
  EXPECT_TRUE(store.use_session(digest_of("s"), kNow));
  EXPECT_EQ(store.signing_key(), key);
  EXPECT_FALSE(store.find_token(digest_of("b"), kNow));
}

TEST_F(CredentialStoreTest, AnotherProgramsChangesAreSeenTheNextSecond) {
  CredentialStore server(path_);
  server.add_user(user_named("anna"));
  const Token token = server.add_token(token_named("x"), digest_of("x"));
  ASSERT_TRUE(server.find_token(digest_of("x"), kNow));
  {
    CredentialStore command(path_);
    EXPECT_TRUE(command.revoke_token(token.id, "x", kNow));
    command.add_token(token_named("y"), digest_of("y"));
    EXPECT_TRUE(command.remove_user("anna"));
  }
  EXPECT_FALSE(server.find_token(digest_of("x"), kNow + 1));
  EXPECT_TRUE(server.find_token(digest_of("y"), kNow + 1));
  EXPECT_FALSE(server.find_user("anna", kNow + 1));
}

TEST_F(CredentialStoreTest, WhatAnotherProgramHasChangedIsToldOnceAndWhatItDidItselfIsNot) {
  CredentialStore server(path_);
  server.add_user(user_named("anna"));
  const Token token = server.add_token(token_named("x"), digest_of("x"));
  EXPECT_TRUE(server.take_changes(kNow).empty());
  {
    CredentialStore command(path_);
    command.revoke_token(token.id, std::string(kMadeByCommand), kNow);
    command.add_token(token_named("y"), digest_of("y"));
    command.remove_user("anna");
    command.add_user(user_named("otto"));
    command.allow_any("web-1", std::string(kMadeByCommand), kNow);
  }
  EXPECT_THAT(server.take_changes(kNow + 1),
              testing::UnorderedElementsAre(
                  "token 1 'x' (read) was revoked", "token 2 'y' (read) was made", "user 'anna' was removed",
                  "user 'otto' was added, an administrator", "any agent was allowed as host 'web-1'"));
  EXPECT_TRUE(server.take_changes(kNow + 2).empty());
  { CredentialStore(path_).set_password("otto", "another hash"); }
  EXPECT_THAT(server.take_changes(kNow + 3), testing::ElementsAre("the password of user 'otto' was set"));
}

TEST_F(CredentialStoreTest, WhatAnotherProgramHasChangedIsToldAlsoWherePeopleAreChangedAtOnce) {
  CredentialStore server(path_);
  CredentialStore command(path_);
  const auto told_after = [&](const std::string& name, const auto& change, std::int64_t now) {
    command.add_token(token_named(name), digest_of(name));
    EXPECT_TRUE(change());
    EXPECT_THAT(server.take_changes(now),
                testing::ElementsAre(testing::HasSubstr("'" + name + "' (read) was made")));
  };
  told_after(
      "a", [&] { return server.add_first_user(user_named("anna")); }, kNow);
  told_after(
      "b", [&] { return server.add_user(user_named("otto")); }, kNow + 1);
  told_after(
      "c", [&] { return server.set_password("otto", "another hash"); }, kNow + 2);
  told_after(
      "d", [&] { return server.remove_user("otto"); }, kNow + 3);
}

TEST_F(CredentialStoreTest, ARevokedTokenIsGoneAtOnce) {
  CredentialStore store(path_);
  const Token token = store.add_token(token_named("x"), digest_of("x"));
  EXPECT_TRUE(store.revoke_token(token.id, "x", kNow));
  EXPECT_FALSE(store.find_token(digest_of("x"), kNow));
  EXPECT_FALSE(store.revoke_token(token.id, "x", kNow));
}

TEST_F(CredentialStoreTest, NumbersOfTokensAreNotUsedAgain) {
  CredentialStore store(path_);
  const Token first = store.add_token(token_named("x"), digest_of("x"));
  store.revoke_token(first.id, "x", kNow);
  EXPECT_GT(store.add_token(token_named("y"), digest_of("y")).id, first.id);
}

TEST_F(CredentialStoreTest, AnEnrolledHostHasATokenOfItsOwn) {
  CredentialStore store(path_);
  store.add_token(token_named("new", Scope::enroll), digest_of("e"));
  EXPECT_EQ(enroll(store, digest_of("e"), "web-1", kIdentity, digest_of("t")), Enrollment::done);
  const auto token = store.find_token(digest_of("t"), kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->scope, Scope::agent);
  EXPECT_EQ(token->host, "web-1");
  EXPECT_EQ(store.tokens(kNow).back().id, token->id);
}

TEST_F(CredentialStoreTest, OnlyAValidEnrolmentTokenEnrols) {
  CredentialStore store(path_);
  store.add_token(token_named("reader", Scope::admin), digest_of("admin"));
  Token over = token_named("over", Scope::enroll);
  over.expires = kNow;
  store.add_token(over, digest_of("over"));
  for (const char* secret : {"admin", "over", "unknown"}) {
    EXPECT_EQ(enroll(store, digest_of(secret), "web-1", kIdentity, digest_of("t")), Enrollment::refused)
        << secret;
  }
  EXPECT_FALSE(store.find_token(digest_of("t"), kNow));
}

TEST_F(CredentialStoreTest, AnEnrolmentTokenIsGoodForSoManyAgents) {
  CredentialStore store(path_);
  Token twice = token_named("two", Scope::enroll);
  twice.uses_left = 2;
  store.add_token(twice, digest_of("e"));
  EXPECT_EQ(enroll(store, digest_of("e"), "a", kIdentity, digest_of("1")), Enrollment::done);
  EXPECT_EQ(enroll(store, digest_of("e"), "b", kIdentity, digest_of("2")), Enrollment::done);
  EXPECT_EQ(enroll(store, digest_of("e"), "c", kIdentity, digest_of("3")), Enrollment::refused);
}

TEST_F(CredentialStoreTest, TheSameAgentMayEnrolAgainAndPaysOnce) {
  CredentialStore store(path_);
  Token twice = token_named("two", Scope::enroll);
  twice.uses_left = 2;
  store.add_token(twice, digest_of("e"));
  enroll(store, digest_of("e"), "a", kIdentity, digest_of("1"));
  EXPECT_EQ(enroll(store, digest_of("e"), "a", kIdentity, digest_of("2")), Enrollment::done);
  EXPECT_FALSE(store.find_token(digest_of("1"), kNow)) << "the answer with it was lost, or it was stolen";
  EXPECT_TRUE(store.find_token(digest_of("2"), kNow));
  EXPECT_EQ(store.find_token(digest_of("e"), kNow)->uses_left, 1);
}

TEST_F(CredentialStoreTest, AnotherAgentCannotTakeAHostOver) {
  CredentialStore store(path_);
  store.add_token(token_named("new", Scope::enroll), digest_of("e"));
  enroll(store, digest_of("e"), "web-1", kIdentity, digest_of("1"));
  EXPECT_EQ(enroll(store, digest_of("e"), "web-1", kOther, digest_of("2")), Enrollment::other_machine);
  EXPECT_TRUE(store.find_token(digest_of("1"), kNow));
  EXPECT_FALSE(store.find_token(digest_of("2"), kNow));
}

TEST_F(CredentialStoreTest, ThereIsOneFirstUser) {
  CredentialStore store(path_);
  EXPECT_TRUE(store.add_first_user(user_named("anna")));
  EXPECT_FALSE(store.add_first_user(user_named("eve")));
  EXPECT_FALSE(store.add_user(user_named("anna")));
  EXPECT_TRUE(store.add_user(user_named("otto", false)));
  EXPECT_EQ(store.users(kNow).size(), 2U);
}

TEST_F(CredentialStoreTest, ANewPasswordEndsTheOtherSessions) {
  CredentialStore store(path_);
  store.add_user(user_named("anna"));
  store.add_user(user_named("otto"));
  const std::int64_t anna = store.find_user("anna", kNow)->id;
  store.add_session(digest_of("this"), {anna, kNow, kNow});
  store.add_session(digest_of("that"), {anna, kNow, kNow});
  store.add_session(digest_of("otto's"), {store.find_user("otto", kNow)->id, kNow, kNow});
  const Digest kept = digest_of("this");
  EXPECT_TRUE(store.set_password("anna", "new", &kept));
  EXPECT_TRUE(store.use_session(digest_of("this"), kNow));
  EXPECT_FALSE(store.use_session(digest_of("that"), kNow));
  EXPECT_TRUE(store.use_session(digest_of("otto's"), kNow));
  EXPECT_TRUE(store.set_password("anna", "newer"));
  EXPECT_FALSE(store.use_session(digest_of("this"), kNow));
}

TEST_F(CredentialStoreTest, WhoIsRemovedIsSignedOut) {
  CredentialStore store(path_);
  store.add_user(user_named("anna"));
  store.add_session(digest_of("s"), {store.find_user("anna", kNow)->id, kNow, kNow});
  EXPECT_TRUE(store.remove_user("anna"));
  EXPECT_FALSE(store.use_session(digest_of("s"), kNow));
}

TEST_F(CredentialStoreTest, ASessionEndsTwelveHoursAfterItsLastUseAndThirtyDaysAfterItsFirst) {
  CredentialStore store(path_);
  store.add_user(user_named("anna"));
  store.add_session(digest_of("s"), {store.find_user("anna", kNow)->id, kNow, kNow});
  std::int64_t now = kNow;
  while (now + 11 * 3600 < kNow + 30 * 86400) {
    now += 11 * 3600;
    ASSERT_TRUE(store.use_session(digest_of("s"), now));
  }
  EXPECT_FALSE(store.use_session(digest_of("s"), kNow + 30 * 86400));
  store.add_session(digest_of("t"), {store.find_user("anna", now)->id, kNow, kNow});
  EXPECT_FALSE(store.use_session(digest_of("t"), kNow + 12 * 3600));
}

TEST_F(CredentialStoreTest, AFileOfSomebodyElseIsRefused) {
  {
    SQLite::Database other(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE t (x)");
  }
  EXPECT_THROW(CredentialStore{path_}, CredentialError);
  { std::ofstream(path_) << "this is no database, and long enough to be taken for one by nobody at all"; }
  EXPECT_THROW(CredentialStore{path_}, CredentialError);
}

TEST_F(CredentialStoreTest, TwoProgramsMayWriteAtOnce) {
  CredentialStore one(path_);
  CredentialStore two(path_);
  const auto add = [](CredentialStore& store, const std::string& prefix) {
    for (int i = 0; i < 25; ++i) store.add_token(token_named(prefix), digest_of(prefix + std::to_string(i)));
  };
  std::jthread other([&] { add(two, "two"); });
  add(one, "one");
  other.join();
  EXPECT_EQ(one.tokens(kNow + 10).size(), 50U);
  EXPECT_EQ(two.tokens(kNow + 10).size(), 50U);
}

}  // namespace
}  // namespace hostwatch::auth
