// Who made a token, and files of older programs.
#include <gmock/gmock.h>

#include "server/auth/access_control.h"
#include "server/auth/credential_schema.h"
#include "server/auth/credential_store.h"
#include "tests/unit/server/auth/store_folder.h"

namespace hostwatch::auth {
namespace {

using test::kNow;
using testing::ElementsAre;
using testing::IsEmpty;

using CredentialMakers = test::StoreFolder;

std::int64_t add(CredentialStore& store, const std::string& secret, const std::string& made_by,
                 Scope scope = Scope::read, std::int64_t expires = 0) {
  Token token;
  token.name = secret;
  token.scope = scope;
  token.expires = expires;
  token.made_by = made_by;
  return store.add_token(token, digest_of(secret)).id;
}

TEST_F(CredentialMakers, ATokenKnowsWhoMadeItAfterARestart) {
  {
    CredentialStore store(path_);
    add(store, "a", "user anna");
  }
  EXPECT_EQ(CredentialStore(path_).find_token(digest_of("a"), kNow)->made_by, "user anna");
}

TEST_F(CredentialMakers, WhatSomebodyMadeIsNamedWithWhatWasMadeWithItAsFarAsItIsGood) {
  CredentialStore store(path_);
  const auto admin = add(store, "admin", "user anna", Scope::admin);
  const auto second = add(store, "second", "token " + std::to_string(admin));
  add(store, "over", "user anna", Scope::read, kNow);
  add(store, "otto's", "user otto");
  const auto enrollment = add(store, "e", "user anna", Scope::enroll);
  EnrollmentWish wish;
  wish.token = digest_of("e");
  wish.host = "web-1";
  wish.identity = std::string(32, 'a');
  wish.own = digest_of("agent");
  ASSERT_EQ(store.enroll(wish, kNow).outcome, Enrollment::done);
  EXPECT_EQ(store.find_token(digest_of("agent"), kNow)->made_by, "token " + std::to_string(enrollment));
  EXPECT_THAT(store.tokens_made_by("user anna", kNow), ElementsAre(admin, second, enrollment))
      << "an agent's own token is its own";
  EXPECT_THAT(store.revoke_token(admin, "user otto", kNow)->made, ElementsAre(second));
  EXPECT_THAT(store.revoke_token(enrollment, "user otto", kNow)->made, IsEmpty());
}

TEST_F(CredentialMakers, WhatWasMadeWhileNobodyWasAskedIsGivenOnce) {
  CredentialStore store(path_);
  add(store, "anna's", "user anna");
  const auto open = add(store, "open", std::string(kMadeByAnybodyOpen));
  add(store, "over", std::string(kMadeByAnybodyOpen), Scope::read, kNow);
  const auto insecure = add(store, "insecure", std::string(kMadeByAnybodyInsecure));
  const auto ids = [&store] {
    std::vector<std::int64_t> all;
    for (const Token& token : store.take_tokens_of_anybody(kNow)) all.push_back(token.id);
    return all;
  };
  EXPECT_THAT(ids(), ElementsAre(open, insecure));
  EXPECT_THAT(ids(), IsEmpty());
  const auto later = add(store, "later", std::string(kMadeByAnybodyOpen));
  EXPECT_THAT(ids(), ElementsAre(later));
}

TEST_F(CredentialMakers, TheMakerIsWhoAskedOrAnybodyWhereNobodyIsAsked) {
  CredentialStore store(path_);
  Caller caller;
  caller.id = "user anna";
  const auto maker = [&](AccessMode mode) {
    AccessSettings settings;
    settings.mode = mode;
    settings.password_cost = {4, 8, 1};
    return AccessControl(store, settings).maker_of(caller);
  };
  EXPECT_EQ(maker(AccessMode::required), "user anna");
  EXPECT_EQ(maker(AccessMode::open), kMadeByAnybodyOpen);
  EXPECT_EQ(maker(AccessMode::insecure), kMadeByAnybodyInsecure);
}

TEST_F(CredentialMakers, WhatTheEnrolmentFileHeldBeforeEnds) {
  CredentialStore store(path_);
  add(store, "first", std::string(kMadeForFile), Scope::enroll);
  add(store, "second", std::string(kMadeForFile), Scope::enroll);
  add(store, "anna's", "user anna", Scope::enroll);
  EXPECT_EQ(store.end_former_file_tokens(digest_of("second")), 1U);
  EXPECT_FALSE(store.find_token(digest_of("first"), kNow));
  EXPECT_TRUE(store.find_token(digest_of("second"), kNow));
  EXPECT_TRUE(store.find_token(digest_of("anna's"), kNow));
}

/// As the first version made it.
void make_version_1(const std::string& path) {
  SQLite::Database file(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  file.exec(
      "CREATE TABLE token (id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, name TEXT NOT "
      "NULL, scope TEXT NOT NULL, host TEXT NOT NULL, identity TEXT NOT NULL, created INTEGER NOT NULL, "
      "last_used INTEGER NOT NULL, expires INTEGER NOT NULL, uses_left INTEGER) STRICT;"
      "CREATE INDEX token_host ON token (host);"
      "CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, is_admin INTEGER "
      "NOT NULL, password TEXT NOT NULL) STRICT;"
      "CREATE TABLE session (digest BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES user (id) ON DELETE "
      "CASCADE, created INTEGER NOT NULL, last_used INTEGER NOT NULL) STRICT;"
      "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
      "PRAGMA application_id=1213678418; PRAGMA user_version=1;"
      "INSERT INTO setting VALUES ('signing_key', 'kept');"
      "INSERT INTO user (name, is_admin, password) VALUES ('anna', 1, 'hash');"
      "INSERT INTO token VALUES (7, zeroblob(32), 'agents that read the enrolment file', 'enroll', '', '', "
      "1, "
      "2, 0, NULL), (8, x'" +
      std::string(64, 'a') + "', 'web-1', 'agent', 'web-1', '" + std::string(32, 'a') + "', 1, 2, 0, NULL);");
}

TEST_F(CredentialMakers, AFileOfVersion1IsTakenOverWithAllThatIsInIt) {
  make_version_1(path_);
  CredentialStore store(path_);
  const auto all = store.tokens(kNow);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].made_by, kMadeForFile) << "which was known by its name alone";
  EXPECT_EQ(all[1].made_by, "") << "nobody knows";
  EXPECT_EQ(all[1].identity, std::string(32, 'a'));
  EXPECT_EQ(all[1].last_used, 2);
  EXPECT_TRUE(store.find_user("anna", kNow));
  EXPECT_EQ(store.signing_key(), "kept");
  EXPECT_TRUE(store.revoke_token(8, "user anna", kNow)->shut_out);
  CredentialStore again(path_);
  EXPECT_EQ(again.admissions(kNow).size(), 1U);
}

TEST_F(CredentialMakers, AFileOfANewerProgramIsRefused) {
  { const CredentialStore store(path_); }
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec("PRAGMA user_version=" + std::to_string(kSchemaVersion + 1));
  EXPECT_THROW(CredentialStore{path_}, CredentialError);
}

TEST_F(CredentialMakers, AFileThatWasMadeWithoutTheIndexOfNamesThatReadTheSameGetsIt) {
  { const CredentialStore made(path_); }
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("DROP INDEX admission_folded");
  { const CredentialStore opened(path_); }
  SQLite::Database file(path_);
  SQLite::Statement plan(file,
                         "EXPLAIN QUERY PLAN SELECT 1 FROM admission WHERE lower(rtrim(host, '.')) = "
                         "lower(rtrim(?, '.')) AND standing = 'shut_out'");
  ASSERT_TRUE(plan.executeStep());
  EXPECT_THAT(plan.getColumn(3).getString(), testing::HasSubstr("USING INDEX admission_folded"));
}

}  // namespace
}  // namespace hostwatch::auth
