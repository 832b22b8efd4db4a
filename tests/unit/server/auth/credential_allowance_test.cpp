// Agents that wait, and are allowed.
#include <gmock/gmock.h>

#include <functional>

#include "tests/unit/server/auth/admissions_fixture.h"

namespace hostwatch::auth::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using Outcome = Allowance::Outcome;

TEST_F(Admissions, WhoIsAllowedEnrolsAgain) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  EXPECT_EQ(store_->allow("web-1", "", "user anna", kNow).admission.identity, kIdentity);
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 aaaa allowed"));
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::not_known) << "it, and nobody else";
  EXPECT_EQ(enroll_known("web-1", kIdentity), Enrollment::done);
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 bbbb waiting")) << "once";
}

TEST_F(Admissions, AnotherProgramLetsItIn) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  CredentialStore(path_).allow("web-1", "", "command line", kNow);
  EXPECT_EQ(enroll_known("web-1", kIdentity), Enrollment::done);
}

TEST_F(Admissions, AnAgentThatIsAllowedAsAnotherHostLeavesTheFirstShut) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  store_->allow("web-2", kIdentity, "user anna", kNow);
  EXPECT_EQ(enroll("web-2", kIdentity), Enrollment::done);
  EXPECT_EQ(enroll("web-1", kOther), Enrollment::shut_out);
}

TEST_F(Admissions, WhoIsTurnedAwayFromAHostThatIsThereWaitsToBeAllowed) {
  enroll("web-1", kIdentity);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::other_machine);
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known);
  EXPECT_THAT(settled(), testing::ElementsAre("db-1 bbbb waiting", "web-1 bbbb waiting"));
  EXPECT_EQ(store_->admissions(kNow)[0].by, "192.0.2.1");
  store_->allow("web-1", kOther, "user anna", kNow);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::done);
  EXPECT_FALSE(has_token("web-1", kIdentity)) << "the machine that it takes the place of";
  EXPECT_EQ(enroll_known("web-1", kIdentity), Enrollment::other_machine);
  EXPECT_EQ(store_->allow("db-1", "", "user anna", kNow).admission.identity, kOther) << "the one that waits";
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::done);
}

TEST_F(Admissions, WhoWaitsIsAllowedWhileTheOneThatItFollowsStaysShutOut) {
  enroll("web-1", kIdentity);
  enroll("web-1", kOther);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::shut_out);
  store_->allow("web-1", kOther, "user anna", kNow);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::done);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::done) << "again: the answer was lost on the way";
  EXPECT_EQ(enroll_known("web-2", kIdentity), Enrollment::shut_out);
}

TEST_F(Admissions, WhoeverComesNextMayEnrolAsAHostThatNobodyIsKnownOf) {
  EXPECT_EQ(store_->allow("db-1", "", "user anna", kNow).outcome, Outcome::nobody)
      << "not without being asked to";
  EXPECT_EQ(store_->allow_any("db-1", "user anna", kNow).outcome, Outcome::allowed);
  EXPECT_EQ(store_->allow("db-1", "", "user anna", kNow).outcome, Outcome::already);
  EXPECT_EQ(enroll_known("db-1", kIdentity), Enrollment::done);
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::other_machine) << "once";
}

TEST_F(Admissions, LettingInEndsAfterADayAndSoDoesWaiting) {
  store_->allow_any("db-1", "user anna", kNow);
  EXPECT_EQ(enroll_known("db-1", kIdentity, kNow + 86400), Enrollment::not_known);
  EXPECT_THAT(settled(kNow + 86400), testing::ElementsAre("db-1 aaaa waiting"));
  EXPECT_THAT(settled(kNow + 2 * 86400), IsEmpty());
}

TEST_F(Admissions, AskingIsWrittenDownOnceAnHour) {
  const auto ask = [&](std::int64_t now) {
    EnrollmentWish known = wish("db-1", kIdentity);
    known.is_host_known = true;
    return store_->enroll(known, now).has_written;
  };
  EXPECT_TRUE(ask(kNow));
  EXPECT_FALSE(ask(kNow + 60));
  EXPECT_TRUE(ask(kNow + 3600));
}

TEST_F(Admissions, LettingInClearsTheNameForTheAgentThatIsAllowed) {
  enroll("web-1", kIdentity);
  store_->delete_host("web-1", Farewell::shut_out, "user anna", kNow);
  EXPECT_EQ(store_->allow("web-1", kIdentity, "user anna", kNow).outcome, Outcome::allowed);
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 aaaa allowed")) << "and nothing else stands there";
  EXPECT_EQ(store_->allow("web-1", kIdentity, "user anna", kNow).outcome, Outcome::already);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::done);
  EXPECT_THAT(settled(), IsEmpty());
}

TEST_F(Admissions, AHostWithAnAgentIsNeverGivenToWhoeverComesNext) {
  enroll("web-1", kIdentity);
  EXPECT_EQ(store_->allow("web-1", "", "user anna", kNow).outcome, Outcome::has_agent);
  EXPECT_EQ(store_->allow_any("web-1", "user anna", kNow).outcome, Outcome::has_agent);
  EXPECT_THAT(settled(), IsEmpty());
  store_->allow_any("web-2", "user anna", kNow);
  by_hand(Scope::agent, "web-2", "2");
  EXPECT_EQ(enroll_known("web-2", kOther), Enrollment::other_machine) << "it has got one meanwhile";
}

TEST_F(Admissions, OfSeveralThatWaitOneHasToBeNamed) {
  enroll_known("db-1", kOther);
  enroll_known("db-1", kThird);
  const Allowance unclear = store_->allow("db-1", "", "user anna", kNow);
  EXPECT_EQ(unclear.outcome, Outcome::unclear);
  ASSERT_THAT(unclear.candidates, SizeIs(2));
  EXPECT_EQ(unclear.candidates[0].identity, kOther);
  EXPECT_EQ(unclear.candidates[0].by, "192.0.2.1");
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known);
  store_->allow("db-1", kThird, "user anna", kNow);
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known);
  EXPECT_EQ(enroll_known("db-1", kThird), Enrollment::done);
}

TEST_F(Admissions, WhoWasShutOutIsNotAllowedByTheNameAloneWhileAnotherOneAsksOrHasIt) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);  // stolen
  EXPECT_EQ(enroll("web-1", kOther), Enrollment::shut_out);            // and installed anew
  EXPECT_EQ(store_->allow("web-1", "", "user anna", kNow).outcome, Outcome::unclear);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
  store_->allow("web-1", kOther, "user anna", kNow);
  EXPECT_EQ(enroll("web-1", kOther), Enrollment::done);
  EXPECT_EQ(store_->allow("web-1", "", "user anna", kNow).outcome, Outcome::unclear)
      << "it is the stolen one";
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
}

TEST_F(Admissions, OneThatIsAllowedAndOneThatWaitsAreNotMixedUp) {
  enroll_known("db-1", kOther);
  EXPECT_EQ(store_->allow("db-1", "", "user anna", kNow).admission.identity, kOther);
  enroll_known("db-1", kThird);
  EXPECT_EQ(store_->allow("db-1", "", "user anna", kNow).outcome, Outcome::unclear)
      << "the same command again";
  store_->allow("db-1", kThird, "user anna", kNow);
  EXPECT_EQ(enroll_known("db-1", kOther), Enrollment::not_known) << "the last word counts";
}

TEST_F(Admissions, ANameThatNobodyInParticularIsShutOutFromIsOpenedForWhoMayHaveIt) {
  store_->delete_host("web-2", Farewell::shut_out, "user anna", kNow);
  EXPECT_EQ(store_->allow("web-2", "", "user anna", kNow).outcome, Outcome::opened);
  EXPECT_THAT(settled(), IsEmpty());
  EXPECT_EQ(enroll("web-2", kOther), Enrollment::done);
}

TEST_F(Admissions, ANameIsOpenedWithoutLettingInWhoWaitsForIt) {
  store_->delete_host("web-1", Farewell::shut_out, "user anna", kNow);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::shut_out);
  EXPECT_EQ(store_->open_name("web-1").outcome, Outcome::opened);
  EXPECT_EQ(store_->open_name("web-1").outcome, Outcome::nobody);
  EXPECT_EQ(enroll_known("web-1", kOther), Enrollment::not_known);
}

TEST_F(Admissions, WhoWasAllowedAndDoesNotComeIsShutOutAgain) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  store_->allow("web-1", "", "user anna", kNow);
  EXPECT_THAT(settled(kNow + 86400), testing::ElementsAre("web-1 aaaa shut_out"));
  EXPECT_EQ(enroll("web-1", kIdentity, kNow + 86400), Enrollment::shut_out);
  EXPECT_EQ(enroll("web-2", kIdentity, kNow + 86400), Enrollment::shut_out);
}

TEST_F(Admissions, LettingInIsTakenBack) {
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  store_->allow("web-1", "", "user anna", kNow);
  EXPECT_TRUE(store_->take_back("web-1", kIdentity, kNow));
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 aaaa shut_out")) << "as before";
  enroll_known("db-1", kOther);
  enroll_known("db-1", kThird);
  store_->allow("db-1", kThird, "user anna", kNow);
  EXPECT_TRUE(store_->take_back("db-1", kThird, kNow));
  EXPECT_THAT(settled(), testing::ElementsAre("db-1 bbbb waiting", "web-1 aaaa shut_out"));
  EXPECT_TRUE(store_->take_back("db-1", "", kNow));
  EXPECT_THAT(settled(), testing::ElementsAre("web-1 aaaa shut_out"));
  store_->allow_any("nope", "user anna", kNow);
  EXPECT_TRUE(store_->take_back("nope", "", kNow));
  EXPECT_FALSE(store_->take_back("nope", "", kNow));
  EXPECT_FALSE(store_->take_back("web-1", "", kNow)) << "who is shut out stays so";
}

TEST_F(Admissions, LettingInUnderAnotherNameIsTakenBackWithoutATrace) {
  const auto before_and_after = [&](const std::function<void()>& end, std::int64_t now) {
    store_->allow("mistyped", kIdentity, "user anna", kNow);
    EXPECT_EQ(enroll("web-2", kIdentity), Enrollment::shut_out) << "it is let in as the other one alone";
    EXPECT_EQ(enroll("web-1", kOther), Enrollment::shut_out) << "the name stays shut meanwhile";
    end();
    EXPECT_THAT(settled(now), testing::Contains("web-1 aaaa shut_out")) << "as before";
    EXPECT_THAT(settled(now), testing::Not(testing::Contains(testing::HasSubstr("mistyped"))));
    EXPECT_EQ(enroll("mistyped", kIdentity, now), Enrollment::shut_out);
    EXPECT_EQ(enroll("web-1", kIdentity, now), Enrollment::shut_out);
  };
  enroll("web-1", kIdentity);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  before_and_after([&] { EXPECT_TRUE(store_->take_back("mistyped", "", kNow)); }, kNow);
  before_and_after([&] { store_->delete_host("mistyped", Farewell::by_token, "user anna", kNow); }, kNow);
  before_and_after(
      [&] {
        store_->allow("mistyped", kThird, "user anna", kNow);
        store_->take_back("mistyped", kThird, kNow);
      },
      kNow);
  before_and_after([] {}, kNow + 86400);
  EXPECT_EQ(enroll("mistyped", kThird, kNow + 86400), Enrollment::done) << "a name that never was is free";
}

TEST_F(Admissions, DeletingAndRevokingEndWhatWasAllowed) {
  enroll("web-1", kIdentity);
  store_->allow("web-1", kOther, "user anna", kNow);
  store_->revoke_token(id_of("web-1", kIdentity), "user anna", kNow);
  EXPECT_EQ(enroll("web-1", kOther), Enrollment::shut_out);
  store_->allow("web-1", kIdentity, "user anna", kNow);
  store_->delete_host("web-1", Farewell::by_token, "user anna", kNow);
  EXPECT_EQ(enroll("web-1", kIdentity), Enrollment::shut_out);
}

TEST_F(Admissions, OneClientHasThreeThatWaitForAHost) {
  for (int i = 0; i < 10; ++i)
    enroll_from("192.0.2.9", "db-1", std::string(32, static_cast<char>('0' + i)), kNow + i);
  enroll_from("2001:db8::1", "db-1", kIdentity, kNow + 10);
  for (const char digit : {'b', 'c', 'd', 'e'})
    enroll_from("2001:db8::" + std::string(1, digit), "db-1", std::string(32, digit), kNow + 11);
  EXPECT_THAT(settled(kNow + 20),
              testing::UnorderedElementsAre("db-1 7777 waiting", "db-1 8888 waiting", "db-1 9999 waiting",
                                            "db-1 cccc waiting", "db-1 dddd waiting", "db-1 eeee waiting"))
      << "the last ones; a client of IPv6 is a /64";
}

TEST_F(Admissions, OfTooManyThatWaitThoseOfTheSiteThatHasMostAreForgotten) {
  enroll_from("192.0.2.1", "quiet", kOther, kNow);
  for (int i = 0; i < 120; ++i)
    enroll_from("192.0.2.9", "host-" + std::to_string(i), kIdentity, kNow + 1 + i);
  const auto all = settled(kNow + 200);
  EXPECT_THAT(all, SizeIs(100));
  EXPECT_THAT(all, testing::Contains("quiet bbbb waiting"));
  EXPECT_THAT(all, testing::Contains("host-119 aaaa waiting"));
  EXPECT_THAT(all, testing::Not(testing::Contains("host-20 aaaa waiting")));
}

TEST_F(Admissions, NobodyIsForgottenForWhoAsksFromAllNetworksOfASite) {
  enroll_from("192.0.2.1", "quiet", kOther, kNow);
  for (int i = 0; i < 120; ++i) {
    enroll_from("2001:db8:1:" + std::to_string(i) + "::1", "host-" + std::to_string(i), kIdentity,
                kNow + 1 + i);
  }
  EXPECT_THAT(settled(kNow + 200), SizeIs(100));
  EXPECT_THAT(settled(kNow + 200), testing::Contains("quiet bbbb waiting"));
}

TEST_F(Admissions, WhereEachSiteHasOneThatWaitsTheOneThatAskedFirstIsForgotten) {
  for (int i = 0; i < 100; ++i)
    enroll_from("2001:db8:" + std::to_string(i) + "::1", "host-" + std::to_string(i), kIdentity, kNow + i);
  enroll_from("192.0.2.1", "quiet", kOther, kNow + 100);  // which stands before them in every other order
  EXPECT_THAT(settled(kNow + 200), SizeIs(100));
  EXPECT_THAT(settled(kNow + 200), testing::Contains("quiet bbbb waiting"));
  EXPECT_THAT(settled(kNow + 200), testing::Not(testing::Contains("host-0 aaaa waiting")));
}

}  // namespace
}  // namespace hostwatch::auth::test
