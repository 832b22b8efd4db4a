#include "agent/collectors/disks/patient_stat.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/collectors/disks/latch_statvfs.h"

namespace hostwatch::agent::test {
namespace {

using namespace std::chrono_literals;
using Outcome = StatAnswer::Outcome;

// Patience that is never used up where an answer comes, and soon where none comes: so no test depends on the
// clock.
constexpr auto kForever = 10min;
constexpr auto kShort = 20ms;

TEST(PatientStat, AnswersInTheOrderOfTheQuestions) {
  FakeFileSystems fakes;
  fakes.set("/a", sized(1, 0, 0));
  fakes.fail("/b", ESTALE);
  fakes.set("/c", sized(3, 0, 0));
  PatientStat patient(fakes.statvfs(), kForever);
  for (int tick = 0; tick < 3; ++tick) {
    const auto answers = patient.ask({"/a", "/b", "/c"});
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].outcome, Outcome::answered);
    EXPECT_EQ(answers[0].values.f_blocks, 1U);
    EXPECT_EQ(answers[1].outcome, Outcome::answered);
    EXPECT_EQ(answers[1].error, ESTALE);
    EXPECT_EQ(answers[2].values.f_blocks, 3U);
  }
  EXPECT_FALSE(patient.stuck());
}

TEST(PatientStat, NothingToAskTakesNoThread) {
  PatientStat patient([](const std::string&, struct statvfs&) { return 0; }, kForever);
  EXPECT_TRUE(patient.ask({}).empty());
  EXPECT_FALSE(patient.stuck());
}

TEST(PatientStat, OneThatDoesNotAnswerIsSilentAndTheRestNotAsked) {
  FakeFileSystems fakes;
  for (const char* path : {"/a", "/dead", "/c"}) fakes.set(path, sized(1, 0, 0));
  fakes.hang("/dead");
  PatientStat patient(fakes.statvfs(), kShort);
  const auto answers = patient.ask({"/dead", "/c"});
  EXPECT_EQ(answers[0].outcome, Outcome::silent);
  EXPECT_EQ(answers[1].outcome, Outcome::not_asked);
  EXPECT_TRUE(patient.stuck());
  fakes.release_all();
}

TEST(PatientStat, WhileStuckNothingIsAskedAgain) {
  FakeFileSystems fakes;
  fakes.set("/dead", sized(1, 0, 0));
  fakes.hang("/dead");
  PatientStat patient(fakes.statvfs(), kShort);
  for (int tick = 0; tick < 5; ++tick) {
    EXPECT_EQ(patient.ask({"/dead"})[0].outcome, Outcome::silent);
  }
  EXPECT_EQ(fakes.asked("/dead"), 1);
  fakes.release_all();
}

TEST(PatientStat, WhenItIsBackTheSilentOneIsAskedLast) {
  FakeFileSystems fakes;
  for (const char* path : {"/dead", "/b", "/c"}) fakes.set(path, sized(1, 0, 0));
  fakes.hang("/dead");
  PatientStat patient(fakes.statvfs(), 200ms);
  EXPECT_EQ(patient.ask({"/dead", "/b", "/c"})[0].outcome, Outcome::silent);
  fakes.release("/dead");
  wait_until_back([&] { return patient.stuck(); });
  fakes.hang("/dead");
  const auto answers = patient.ask({"/dead", "/b", "/c"});
  EXPECT_EQ(answers[0].outcome, Outcome::silent);
  EXPECT_EQ(answers[1].outcome, Outcome::answered);
  EXPECT_EQ(answers[2].outcome, Outcome::answered);
  fakes.release_all();
}

TEST(PatientStat, AnswersAgainAfterItsRelease) {
  FakeFileSystems fakes;
  fakes.set("/dead", sized(7, 0, 0));
  fakes.hang("/dead");
  PatientStat patient(fakes.statvfs(), kShort);
  patient.ask({"/dead"});
  fakes.release_all();
  wait_until_back([&] { return patient.stuck(); });
  // A busy machine may need more than one try within so little patience.
  StatAnswer answer;
  for (int attempt = 0; answer.outcome != Outcome::answered && attempt < 1000; ++attempt) {
    answer = patient.ask({"/dead"})[0];
    wait_until_back([&] { return patient.stuck(); });
  }
  EXPECT_EQ(answer.values.f_blocks, 7U);
}

}  // namespace
}  // namespace hostwatch::agent::test
