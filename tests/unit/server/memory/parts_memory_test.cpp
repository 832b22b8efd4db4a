// What counts, queues and keeps credentials, where memory is wanting: a failure changes nothing, and giving
// back needs none.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "protocol/host_facts.h"
#include "server/auth/credential_store.h"
#include "server/auth/token_table.h"
#include "server/http/limits/authenticated_connections.h"
#include "server/http/limits/request_memory.h"
#include "server/http/limits/unauthenticated_connections.h"
#include "server/http/work_pool.h"
#include "server/storage/packed/series_dictionary.h"
#include "tests/unit/server/auth/store_folder.h"
#include "tests/unit/server/memory/failing_new.h"
#include "util/queue_shares.h"

namespace hostwatch {
namespace {

using test::fail_new;
using test::with_each_failure;

const std::string kIpv6 = "2001:db8:1234:5678:9abc:def0:1234:5678";

TEST(UnauthenticatedConnectionsMemory, OneThatFindsNoneIsNotCounted) {
  http::UnauthenticatedConnections unauthenticated({4, std::chrono::seconds(2)});
  std::uint64_t number = 0;
  with_each_failure([&](long) { number = unauthenticated.add(kIpv6, 7, {}); },
                    [&](long) { EXPECT_EQ(unauthenticated.count(kIpv6), number == 0 ? 0U : 1U); });
  fail_new(0);
  unauthenticated.remove(number);
  fail_new(-1);
  EXPECT_EQ(unauthenticated.count(kIpv6), 0U);
}

TEST(AuthenticatedConnectionsMemory, OneThatFindsNoneIsNotCountedAndStaysWithItsClient) {
  http::AuthenticatedConnections authenticated;
  const std::string anna = "a client of a long name, anna";
  const std::string bert = "a client of a long name, bert";
  std::optional<decltype(authenticated.add(anna, 0))> place;
  with_each_failure([&](long) { place = authenticated.add(anna, 7); },
                    [&](long) { EXPECT_EQ(authenticated.to_end().size(), place ? 1U : 0U); });
  const auto other = authenticated.add(anna, 8);
  bool is_berts = false;
  with_each_failure(
      [&](long) {
        authenticated.renew(*place, bert);
        is_berts = true;
      },
      [&](long) {
        EXPECT_EQ(authenticated.count(*place), is_berts ? 1U : 2U);
        EXPECT_EQ(authenticated.count(other), is_berts ? 1U : 2U);
        EXPECT_EQ(authenticated.to_end().size(), is_berts ? 2U : 4U)
            << "those of a client with two, then all";
      });
  fail_new(0);
  authenticated.remove(*place);
  authenticated.remove(other);
  fail_new(-1);
  EXPECT_THAT(authenticated.to_end(), ::testing::IsEmpty());
}

TEST(QueueSharesMemory, ARequestThatFindsNoneTakesNoRoom) {
  util::QueueShares shares(1000);
  const std::string client = "a client of a long name";
  std::optional<util::QueueShares::Place> place;
  with_each_failure([&](long) { place = shares.add(client, 700); },
                    [&](long) { EXPECT_EQ(shares.has_room_for(client, 1000), !place); });
  fail_new(0);
  shares.remove(*place);
  fail_new(-1);
  EXPECT_TRUE(shares.has_room_for(client, 1000));
}

TEST(DictionaryMemory, ANameThatFindsNoneHasNoNumber) {
  storage::SeriesDictionary series;
  const std::string metric = "a_metric_of_a_long_name";
  const std::string instance = "an instance of a long name";
  const long failures = with_each_failure([&](long) { series.add(metric, instance, 1, 5); },
                                          [&](long) {
                                            const bool is_known = series.find(metric, instance).number != 0;
                                            EXPECT_EQ(series.size(), is_known ? 4U : 3U);
                                            EXPECT_EQ(series.last(), series.size());
                                            EXPECT_EQ(series.brought_by(5).entries, is_known ? 1U : 0U);
                                            EXPECT_EQ(series.entry(4) != nullptr, is_known);
                                          });
  EXPECT_GT(failures, 3);
  with_each_failure([&](long) { series.retire(4, 0); },
                    [&](long) {
                      EXPECT_EQ(series.find(metric, instance).number != 0, !series.has_retired());
                      EXPECT_NE(series.entry(4), nullptr);
                    });
  fail_new(0);
  series.drop_retired(storage::SeriesDictionary::kRetiredSeconds);
  fail_new(-1);
  EXPECT_EQ(series.entry(4), nullptr);
  EXPECT_EQ(series.size(), 3U);
}

TEST(DictionaryMemory, ALayoutThatFindsNoneHasNoNumber) {
  storage::LayoutDictionary layouts;
  const std::string packed(50, 'x');
  const long failures = with_each_failure(
      [&](long) {
        layouts.add(packed, {{1, 1}, {2, 1}});
      },
      [&](long) {
        const bool is_known = layouts.find(packed) != 0;
        EXPECT_EQ(layouts.last(), is_known ? 1U : 0U);
        EXPECT_EQ(layouts.entry(1) != nullptr, is_known);
      });
  EXPECT_GT(failures, 3);
}

TEST(TokenTableMemory, ATokenThatFindsNoneIsInNoPart) {
  auth::TokenTable table;
  auth::Token token;
  token.id = 7;
  token.name = token.host = "a-host-of-a-long-name";
  const auth::Digest digest = auth::digest_of(token.name);
  const long failures = with_each_failure([&](long) { table.put(digest, token); },
                                          [&](long) {
                                            const std::size_t count = table.all().size();
                                            EXPECT_EQ(table.of_host(token.host).size(), count);
                                            EXPECT_EQ(table.hosts(), count);
                                          });
  EXPECT_GT(failures, 3);
  table.erase(7);
  EXPECT_THAT(table.all(), ::testing::IsEmpty());
}

TEST(RequestMemoryMemory, GivingBackNeedsNone) {
  http::RequestMemory memory({1000, 100, 600, 300});
  http::RequestMemory::Share share;
  with_each_failure(
      [&](long) {
        memory.hold(share, {kIpv6, true, {}}, 200);
      },
      [&](long) { EXPECT_EQ(memory.bytes(), share.bytes); });
  EXPECT_EQ(memory.bytes(), 200U);
  fail_new(0);
  memory.give_back(share);
  fail_new(-1);
  EXPECT_EQ(memory.bytes(), 0U);
  EXPECT_TRUE(memory.hold(share, {kIpv6, true, {}}, 300)) << "what is over is forgotten";
}

TEST(WorkPoolMemory, AJobThatFindsNoneLeavesNoTrace) {
  std::atomic<int> done{0};
  http::WorkPool pool({1, 100, 1, 1});
  with_each_failure(
      [&](long number) {
        pool.submit("a client with a long name " + std::to_string(number), [&done] { ++done; });
      },
      [](long) {});
  pool.stop();
  EXPECT_EQ(done, 1);
}

TEST(FactsMemory, ReadingAndWritingThemThrowsAndDoesNotEndTheProgram) {
  protocol::HostFacts facts;
  facts.os = "An operating system of a long name";
  facts.tags = {{"role", "a value that is no short text"}, {"site", "another value that is no short text"}};
  std::string text;
  EXPECT_GT(with_each_failure([&](long) { text = protocol::facts_json(facts); }, [](long) {}), 2);
  EXPECT_GT(with_each_failure([&](long) { EXPECT_EQ(protocol::facts_from_json(text), facts); }, [](long) {}),
            2);
}

class CredentialMemory : public auth::test::StoreFolder {};

TEST_F(CredentialMemory, WhatTheFileSaysIsKnownASecondAfterAnyFailure) {
  using namespace auth;
  CredentialStore store(path_);
  std::int64_t now = auth::test::kNow;
  std::size_t added = 0;
  with_each_failure(
      [&](long number) {
        Token token;
        token.name = token.host = "a-host-of-a-long-name-" + std::to_string(number);
        token.scope = Scope::agent;
        store.add_token(token, digest_of(token.name));
      },
      [&](long) {
        const auto known = store.tokens(++now);
        const auto stored = CredentialStore(path_).tokens(now);
        EXPECT_EQ(known.size(), stored.size());
        added = stored.size();
      });
  ASSERT_GT(added, 0U);
  std::vector<Token> left = store.tokens(++now);
  while (!left.empty()) {
    const std::string host = left.back().host;
    with_each_failure([&](long) { store.delete_host(host, Farewell::may_return, "user anna", now); },
                      [&](long) {
                        ++now;
                        EXPECT_EQ(store.tokens(now).size(), CredentialStore(path_).tokens(now).size());
                      });
    left = store.tokens(++now);
    EXPECT_EQ(store.find_token(digest_of(host), now), std::nullopt);
  }
}

TEST_F(CredentialMemory, WhoWasHeardIsWrittenDownAfterAnyFailure) {
  auth::CredentialStore store(path_);
  const auto host = [](long number) { return "a-host-of-a-long-name-" + std::to_string(number); };
  const auto failures = with_each_failure(
      [&](long number) {
        fail_new(-1);
        store.note_heard(host(number), std::string(32, 'a'));
        store.note_heard("another-" + host(number), std::string(32, 'b'));
        fail_new(number);
        store.save_uses(auth::test::kNow);
      },
      [&](long) { store.save_uses(auth::test::kNow); });
  EXPECT_GT(failures, 4);
  SQLite::Database file(path_);
  EXPECT_EQ(file.execAndGet("SELECT count(*) FROM heard_agent").getInt(), 2 * (failures + 1));
}

}  // namespace
}  // namespace hostwatch
