#include "server/api/hosts/told_hosts.h"

#include <gmock/gmock.h>

#include "server/api/hosts/host_lists.h"

namespace hostwatch::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Change = ToldHosts::Change;

/// The number of an answer that told of a host.
std::uint64_t tell(ToldHosts& told, const std::string& host, const char* lasting, const char* values) {
  told.begin();
  told.note(host, lasting, values, 0);
  told.end(0);
  return told.number_of(told.token()).value();
}

TEST(ToldHosts, OfAHostIsToldWhatHasChangedSinceThatAnswer) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "facts", "1");
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "1", first), Change::none);
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "2", first), Change::values);
  told.begin();
  EXPECT_EQ(told.note("a", "other facts", "2", first), Change::entry);
  told.begin();
  EXPECT_EQ(told.note("a", "other facts", "2", first), Change::entry) << "as long as one asks since then";
}

TEST(ToldHosts, OneWhoWasToldLaterIsToldLess) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "facts", "1");
  const std::uint64_t second = tell(told, "a", "facts", "2");
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "2", first), Change::values);
  EXPECT_EQ(told.note("a", "facts", "2", second), Change::none);
}

TEST(ToldHosts, WhatChangedInAnAnswerThatWasGivenUpIsToldInTheNext) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "facts", "1");
  told.begin();
  told.note("a", "facts", "2", first);  // and no end()
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "2", first), Change::values);
}

TEST(ToldHosts, ValuesThatChangeAndChangeBackAreToldAgainRatherThanNot) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "facts", "1");
  tell(told, "a", "facts", "2");
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "1", first), Change::values);
}

TEST(ToldHosts, ANewHostIsTold) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "", "");
  told.begin();
  EXPECT_EQ(told.note("b", "", "", first), Change::entry);
}

TEST(ToldHosts, HostsThatAreGoneAreNamedUntilOneHasBeenTold) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "", "");
  told.begin();
  EXPECT_THAT(told.end(first), ElementsAre("a"));
  const std::uint64_t second = told.number_of(told.token()).value();
  told.begin();
  EXPECT_THAT(told.end(first), ElementsAre("a"));
  EXPECT_THAT(told.end(second), IsEmpty());
}

TEST(ToldHosts, OneThatIsThereAgainIsNew) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "facts", "1");
  told.begin();
  told.end(first);
  told.begin();
  EXPECT_EQ(told.note("a", "facts", "1", first), Change::entry);
  EXPECT_THAT(told.end(first), IsEmpty());
}

TEST(ToldHosts, OneThatWasDeletedTwiceIsNamedOnce) {
  ToldHosts told(7);
  const std::uint64_t first = tell(told, "a", "", "");
  for (int times = 0; times < 2; ++times) {
    told.begin();
    told.end(first);
    told.begin();
    told.note("a", "", "", first);
    told.end(first);
  }
  told.begin();
  EXPECT_THAT(told.end(first), ElementsAre("a"));
}

TEST(ToldHosts, WhoIsToldEverythingIsToldOfNoDeletedHosts) {
  ToldHosts told(7);
  tell(told, "a", "", "");
  told.begin();
  EXPECT_THAT(told.end(0), IsEmpty());
}

TEST(ToldHosts, TokensOfOtherListsAndWhatIsNoneAreNotKnown) {
  ToldHosts told(7);
  EXPECT_EQ(told.number_of("7-0"), std::nullopt) << "there was no answer yet";
  tell(told, "a", "", "");
  EXPECT_EQ(told.token(), "7-1");
  EXPECT_EQ(told.number_of("7-1"), 1);
  for (const char* token : {"", "-", "7", "7-", "-1", "7-0", "7-2", "8-1", "7-1 ", " 7-1", "7-01x", "7--1",
                            "7-99999999999999999999", "77-1"}) {
    EXPECT_EQ(told.number_of(token), std::nullopt) << token;
  }
}

TEST(ToldHosts, AfterTooManyDeletionsOldTokensAreNotKnown) {
  ToldHosts told(7);
  tell(told, "a", "", "");
  told.begin();
  told.end(0);
  EXPECT_EQ(told.number_of("7-1"), 1);
  told.begin();
  for (std::size_t i = 0; i < ToldHosts::kMostDeleted; ++i) told.note(std::to_string(i), "", "", 0);
  told.end(0);
  told.begin();
  told.end(0);
  EXPECT_EQ(told.number_of("7-1"), std::nullopt) << "that 'a' was deleted could not be told any more";
  EXPECT_EQ(told.number_of("7-2"), 2) << "who was told of that";
  EXPECT_EQ(told.end(3).size(), ToldHosts::kMostDeleted);
}

/// An answer with hosts of these numbers, to one who asks since another.
std::vector<std::string> answer_with(ToldHosts& told, std::size_t from, std::size_t to, std::uint64_t since) {
  told.begin();
  for (std::size_t i = from; i < to; ++i) told.note(std::to_string(i), "", "", since);
  return told.end(since);
}

TEST(ToldHosts, HoweverManyAreGoneAtOnceAllAreNamedToWhoseTokenWasKnown) {
  ToldHosts told(7);
  answer_with(told, 0, ToldHosts::kMostDeleted + 1, 0);
  ASSERT_EQ(told.number_of("7-1"), 1);
  EXPECT_EQ(answer_with(told, 0, 0, 1).size(), ToldHosts::kMostDeleted + 1);
  EXPECT_EQ(told.number_of("7-1"), std::nullopt) << "the next time they are not all there";
  EXPECT_EQ(told.number_of("7-2"), 2);
}

TEST(ToldHosts, ManyThatWentInTwoAnswersAreAllNamedToWhoseTokenWasKnown) {
  ToldHosts told(7);
  constexpr std::size_t kAll = ToldHosts::kMostDeleted + 1;
  answer_with(told, 0, kAll, 0);
  EXPECT_EQ(answer_with(told, kAll / 2, kAll, 1).size(), kAll / 2);
  ASSERT_EQ(told.number_of("7-1"), 1);
  EXPECT_EQ(answer_with(told, 0, 0, 1).size(), kAll);
  EXPECT_EQ(told.number_of("7-1"), std::nullopt);
  EXPECT_EQ(answer_with(told, 0, 0, 2).size(), kAll - kAll / 2) << "who was told of the first half";
}

std::string token_of(HostLists& lists, const std::string& question) {
  std::string token;
  lists.with(question, [&](ToldHosts& told) {
    told.begin();
    told.end(0);
    token = told.token();
  });
  return token;
}

bool knows(HostLists& lists, const std::string& question, const std::string& token) {
  bool is_known = false;
  lists.with(question, [&](ToldHosts& told) { is_known = told.number_of(token).has_value(); });
  return is_known;
}

TEST(HostListsTest, EachQuestionHasAListOfItsOwn) {
  HostLists lists;
  const std::string token = token_of(lists, "cpu");
  EXPECT_TRUE(knows(lists, "cpu", token));
  EXPECT_FALSE(knows(lists, "ram", token));
  HostLists after_a_restart;
  token_of(after_a_restart, "cpu");
  EXPECT_FALSE(knows(after_a_restart, "cpu", token));
}

TEST(HostListsTest, OfTooManyTheOneThatWasNotUsedForLongestIsForgotten) {
  HostLists lists;
  const std::string kept = token_of(lists, "kept");
  const std::string forgotten = token_of(lists, "forgotten");
  for (std::size_t i = 2; i < HostLists::kMostLists; ++i) token_of(lists, std::to_string(i));
  EXPECT_TRUE(knows(lists, "kept", kept));
  token_of(lists, "one more");
  EXPECT_TRUE(knows(lists, "kept", kept));
  EXPECT_FALSE(knows(lists, "forgotten", forgotten));
}

TEST(HostListsTest, ListsOfVeryManyHostsAreFewer) {
  HostLists lists;
  std::string large;
  lists.with("large", [&](ToldHosts& told) {
    told.begin();
    for (std::size_t i = 0; i <= HostLists::kMostHosts; ++i) told.note(std::to_string(i), "", "", 0);
    told.end(0);
    large = told.token();
  });
  EXPECT_TRUE(knows(lists, "large", large)) << "the one in use may be as large as it is";
  token_of(lists, "another");
  EXPECT_FALSE(knows(lists, "large", large));
}

}  // namespace
}  // namespace hostwatch::api
