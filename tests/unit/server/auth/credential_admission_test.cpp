// Agents that enrol, and are shut out.
#include <gmock/gmock.h>

#include "tests/unit/server/auth/admissions_fixture.h"

namespace hostwatch::auth::test {
namespace {

using testing::IsEmpty;

using Outcome = Allowance::Outcome;

TEST_F(Admissions, WhoIsRevokedEnrolsNeitherAgainNorUnderAnotherName) {
  ASSERT_EQ(enroll("web-1", kIdentity), Enrollment::done);
  const auto revoked = store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  ASSERT_TRUE(revoked);
  EXPECT_TRUE(revoked->shut_out);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
  EXPECT_EQ(enroll("web-1", kOther), Enrollment::shut_out) << "the name is held, whatever it calls itself";
  EXPECT_EQ(enroll("web-2", kIdentity), Enrollment::shut_out) << "and so is the agent";
  EXPECT_EQ(enroll("web-2", kOther), Enrollment::done) << "others are not";
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 aaaa shut_out", "web-1 bbbb waiting"))
      << "who asks for the name is known";
  const auto all = store_->admissions(kNow);
  EXPECT_EQ(all[0].host, "web-1");
  EXPECT_EQ(all[0].identity, kIdentity);
  EXPECT_EQ(all[0].by, "user anna");
  EXPECT_EQ(all[0].since, kNow);
}

TEST_F(Admissions, WhoIsShutOutStaysSoAfterARestart) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  open();
  EXPECT_EQ(enroll("web-1", kIdentity, kNow + 365 * 86400), Enrollment::shut_out);
}

TEST_F(Admissions, WhoMayReturnIsNotShutOut) {
  enroll("web-1", kIdentity);
  EXPECT_FALSE(store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow, true)->shut_out);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::done);
}

TEST_F(Admissions, RevokingWhatIsNoAgentsShutsNobodyOut) {
  const Token writer = by_hand(Scope::write, "web-1", "w");
  EXPECT_FALSE(store_->revoke_token(writer.id, "user anna", kNow)->shut_out);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::done);
}

TEST_F(Admissions, ATokenMadeByHandThatAnotherFollowsShutsNobodyOutAndTheLastOneDoes) {
  const Token first = by_hand(Scope::agent, "web-1", "1");
  const Token second = by_hand(Scope::agent, "web-1", "2");
  EXPECT_FALSE(store_->revoke_token(first.id, "user anna", kNow)->shut_out);
  EXPECT_TRUE(store_->revoke_token(second.id, "user anna", kNow)->shut_out);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
}

TEST_F(Admissions, AnAgentThatGoesOnUnderANewNameIsNotShutOutWithItsOldOne) {
  enroll("old", kIdentity);
  enroll("new", kIdentity);
  store_->revoke_token(id_of("old", kIdentity), "user anna", kNow);
  EXPECT_EQ(enroll("old", kIdentity), Enrollment::shut_out);
  EXPECT_EQ(enroll("new", kIdentity), Enrollment::done);
  store_->revoke_token(id_of("new", kIdentity), "user anna", kNow);
  EXPECT_EQ(enroll("third", kIdentity), Enrollment::shut_out) << "now it has no name left";
}

TEST_F(Admissions, ADeletedHostIsShutOutIfItHadAnAgentsToken) {
  enroll("web-1", kIdentity);
  by_hand(Scope::write, "web-1", "w");
  by_hand(Scope::write, "", "any");
  EXPECT_TRUE(store_->delete_host("web-1", Farewell::by_token, "user anna", kNow));
  EXPECT_FALSE(has_token("web-1", kIdentity));
  EXPECT_FALSE(store_->find_token(digest_of("w"), kNow)) << "tied to it: it would bring it back";
  EXPECT_TRUE(store_->find_token(digest_of("any"), kNow));
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
  open();
  EXPECT_FALSE(store_->find_token(digest_of("w"), kNow));
}

TEST_F(Admissions, ADeletedHostWithoutOneMayComeBackUnlessItIsSaidOtherwise) {
  by_hand(Scope::write, "web-1", "w");
  EXPECT_FALSE(store_->delete_host("web-1", Farewell::by_token, "user anna", kNow));
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::done);
  store_->note_heard("web-2", kOther);
  EXPECT_TRUE(store_->delete_host("web-2", Farewell::shut_out, "user anna", kNow));
  EXPECT_EQ(enroll("web-2", kThird), Enrollment::shut_out);
  EXPECT_EQ(enroll("web-3", kOther), Enrollment::shut_out) << "who was heard as it";
}

TEST_F(Admissions, AHostIsDeletedSoThatItMayComeBackWhateverWasSettled) {
  enroll("web-1", kIdentity);
  EXPECT_FALSE(store_->delete_host("web-1", Farewell::may_return, "user anna", kNow));
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::done);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  EXPECT_TRUE(store_->delete_host("web-1", Farewell::by_token, "user anna", kNow))
      << "it was shut out before";
  EXPECT_FALSE(store_->delete_host("web-1", Farewell::may_return, "user anna", kNow));
  EXPECT_THAT(settled(), IsEmpty());
}

TEST_F(Admissions, AHostThatIsThereAndHasNoAgentsTokenIsForTheAgentLastHeardAsIt) {
  store_->note_heard("db-1", kOther);
  store_->note_heard("db-1", kIdentity);
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known);
  EXPECT_FALSE(has_token("db-1", kOther));
  EXPECT_EQ(enroll_known("db-1", kIdentity), Enrollment::done);
  EXPECT_EQ(enroll_known("db-2", kIdentity), Enrollment::not_known) << "nobody was heard as it: an import";
}

TEST_F(Admissions, WhoWasHeardIsKnownAfterARestart) {
  store_->note_heard("db-1", kIdentity);
  store_->save_uses(kNow);
  open();
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known);
  EXPECT_EQ(enroll_known("db-1", kIdentity), Enrollment::done);
}

TEST_F(Admissions, ANameThatReadsTheSameIsShutOutToo) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  EXPECT_EQ(enroll("WEB-1", kOther), Enrollment::shut_out);
  EXPECT_EQ(enroll("web-1.", kOther), Enrollment::shut_out);
  EXPECT_EQ(enroll("Web-1..", kOther), Enrollment::shut_out);
  EXPECT_EQ(enroll("web-1.example", kOther), Enrollment::done);
  EXPECT_EQ(store_->allow("WEB-1", "", "user anna", kNow).outcome, Outcome::unclear);
  EXPECT_EQ(store_->allow("wEB-1", "", "user anna", kNow).outcome, Outcome::unclear)
      << "nobody is let in as another name than the one that it asked for";
  store_->allow("WEB-1", kThird, "user anna", kNow);
  EXPECT_EQ(enroll("WEB-1", kThird), Enrollment::done) << "unless an administrator says so";
  EXPECT_EQ(enroll("web-1", kThird), Enrollment::shut_out);
}

TEST_F(Admissions, NoMoreHostsEnrolThanCanBeWatched) {
  EnrollmentWish last = wish("web-1", kIdentity);
  last.most_hosts = 1;
  EXPECT_EQ(store_->enroll(last, kNow).outcome, Enrollment::done);
  EXPECT_EQ(store_->enroll(last, kNow).outcome, Enrollment::done) << "the same again is not one more";
  EnrollmentWish more = wish("web-2", kOther);
  more.most_hosts = 1;
  EXPECT_EQ(store_->enroll(more, kNow).outcome, Enrollment::full);
  more.most_hosts = 2;
  more.has_room = false;
  EXPECT_EQ(store_->enroll(more, kNow).outcome, Enrollment::full);
  EXPECT_FALSE(has_token("web-2", kOther));
}

}  // namespace
}  // namespace hostwatch::auth::test
