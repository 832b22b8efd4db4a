// The queue in front of the store: group commit, back-pressure, failure and recovery, with a store that waits
// for us.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "server/ingest/ingest_queue.h"
#include "server/ingest/reading_memory.h"
#include "tests/unit/server/storage/no_alerts.h"

namespace hostwatch::ingest {
namespace {

using storage::AppendResult;

/// Lets the test decide when a commit ends and how.
class GatedStore final : public storage::Store {
 public:
  std::vector<AppendResult> append(std::span<const std::span<const protocol::ReceivedReading>> requests,
                                   std::int64_t /*now*/) override {
    std::unique_lock lock(mutex);
    batches.push_back(requests.size());
    for (const auto& request : requests) order += request.front().hostname + " ";
    changed.notify_all();
    changed.wait(lock, [this] { return open; });
    if (fails) throw storage::StoreError("the disk is full");
    std::vector<AppendResult> results;
    for (const auto& request : requests) results.push_back({request.size(), 0, 0});
    return results;
  }
  bool maintain(std::int64_t /*now*/) override {
    const std::lock_guard lock(mutex);
    ++maintained;
    changed.notify_all();
    return false;
  }
  void probe() override {
    const std::lock_guard lock(mutex);
    if (fails) throw storage::StoreError("the disk is full");
  }
  bool delete_host(std::string_view) override { return true; }
  bool delete_history(std::string_view, std::int64_t) override { return true; }
  void visit_hosts(const storage::HostVisitor&) const override {}
  void visit_values(const storage::ValuesVisitor&) const override {}
  std::vector<std::string> host_names() const override { return {}; }
  std::vector<storage::HostBrief> hosts_with(std::span<const protocol::Tag>) const override { return {}; }
  protocol::HostFacts facts_of(std::string_view) const override { return {}; }
  std::int64_t earliest_kept(std::int64_t) const override { return 0; }
  std::int64_t earliest_history(std::int64_t) const override { return 0; }
  std::uint64_t count(std::string_view, std::int64_t, std::int64_t, std::uint64_t) const override {
    return 0;
  }
  void read(const storage::ReadRequest&, const storage::PartVisitor&) const override {}
  storage::SeriesName series_name(std::uint32_t) const override { return {}; }
  bool keeps(std::string_view, std::int64_t) const override { return true; }
  bool admits(std::string_view) const override { return true; }
  bool admit(std::string_view, storage::HostComes, std::int64_t) override { return true; }
  bool knows(std::string_view) const override { return true; }
  std::size_t max_hosts() const override { return 10; }
  storage::StoreStatistics statistics() const override { return {}; }
  storage::AlertStore& alerts() override { return no_alerts; }
  const storage::AlertStore& alerts() const override { return no_alerts; }

  void set(bool is_open, bool is_failing) {
    const std::lock_guard lock(mutex);
    open = is_open;
    fails = is_failing;
    changed.notify_all();
  }
  void wait_for_batches(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return batches.size() >= count; });
  }

  storage::NoAlerts no_alerts;
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  bool fails = false;
  int maintained = 0;
  std::vector<std::size_t> batches;
  std::string order;  ///< the hosts of the requests
};

class IngestQueueTest : public ::testing::Test {
 protected:
  static std::vector<protocol::ReceivedReading> readings(std::size_t count,
                                                         const std::string& host = "web-1") {
    return std::vector(count, protocol::received(protocol::Reading{host, 1, 1, 1, 1, {}, std::nullopt}));
  }
  std::future<IngestOutcome> submit(IngestQueue& queue, std::size_t count,
                                    const std::string& client = "web-1", SentBy sent_by = SentBy::anyone) {
    auto promise = std::make_shared<std::promise<IngestOutcome>>();
    EXPECT_TRUE(queue.submit(
        client, readings(count, client),
        [promise](const IngestOutcome& outcome) { promise->set_value(outcome); }, sent_by));
    return promise->get_future();
  }
  GatedStore store_;
};

TEST_F(IngestQueueTest, WhatGathersDuringACommitIsTheNextOne) {
  store_.set(false, false);
  IngestQueue queue(store_, {}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1));
  store_.wait_for_batches(1);
  for (std::size_t i = 2; i <= 10; ++i) outcomes.push_back(submit(queue, i));
  store_.set(true, false);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].get().result.accepted, i + 1) << "each request gets its own result";
  }
  EXPECT_THAT(store_.batches, ::testing::ElementsAre(1, 9));
  EXPECT_EQ(queue.statistics().accepted, 55U);
  EXPECT_EQ(queue.statistics().commits, 2U);
}

TEST_F(IngestQueueTest, ReadingsThatWereOnTheirWayDoNotBringADeletedHostBack) {
  store_.set(false, false);
  bool has_tokens = true;  // the writing thread's alone from here on
  IngestOptions options;
  options.has_tokens = [&](const std::string& host) { return host != "web-1" || has_tokens; };
  IngestQueue queue(store_, options, [] { return 0; });
  auto before = submit(queue, 1, "web-1", SentBy::host_itself);
  store_.wait_for_batches(1);
  std::promise<void> deleted;
  ASSERT_TRUE(queue.run(
      "web-1", [&](storage::Store&) { has_tokens = false; }, [&](const auto&) { deleted.set_value(); }));
  auto late = submit(queue, 2, "web-1", SentBy::host_itself);  // admitted while its token was there
  auto other = submit(queue, 3, "web-2", SentBy::host_itself);
  auto trusted = submit(queue, 4, "web-1", SentBy::anyone);  // by somebody who may bring any host
  store_.set(true, false);
  deleted.get_future().wait();
  EXPECT_FALSE(before.get().is_withdrawn);
  const IngestOutcome withdrawn = late.get();
  EXPECT_TRUE(withdrawn.is_withdrawn);
  EXPECT_EQ(withdrawn.result.accepted, 0U);
  EXPECT_EQ(other.get().result.accepted, 3U) << "each request gets its own result";
  EXPECT_EQ(trusted.get().result.accepted, 4U);
  EXPECT_EQ(queue.statistics().accepted, 8U);
}

TEST_F(IngestQueueTest, WhereAllIsWithdrawnNothingIsWritten) {
  IngestOptions options;
  options.has_tokens = [](const std::string&) { return false; };
  IngestQueue queue(store_, options, [] { return 0; });
  EXPECT_TRUE(submit(queue, 1, "web-1", SentBy::host_itself).get().is_withdrawn);
  EXPECT_THAT(store_.batches, ::testing::IsEmpty());
  EXPECT_EQ(queue.statistics().commits, 0U);
}

TEST_F(IngestQueueTest, AFullQueueTurnsAwayAtOnceAndTakesAgainLater) {
  store_.set(false, false);
  const std::size_t room = 16 * sizeof(protocol::ReceivedReading);  // 9 of 12 are one client's at most
  IngestQueue queue(store_, {.max_waiting_bytes = room, .max_readings_per_commit = 100}, [] { return 0; });
  auto first = submit(queue, 1);
  store_.wait_for_batches(1);
  EXPECT_FALSE(queue.turns_away("web-1"));
  auto second = submit(queue, 8);
  EXPECT_EQ(queue.statistics().waiting_bytes, 9 * sizeof(protocol::ReceivedReading))
      << "what is being stored counts as well";
  EXPECT_FALSE(queue.submit("web-1", readings(1), [](const IngestOutcome&) { FAIL() << "was turned away"; }));
  EXPECT_TRUE(queue.turns_away("web-1")) << "so that nothing is spent on a request";
  EXPECT_EQ(queue.statistics().refused, 2U);
  store_.set(true, false);
  second.get();
  while (queue.turns_away("web-1"))
    std::this_thread::yield();  // its memory is free a moment after its answer
  EXPECT_EQ(queue.statistics().waiting_bytes, 0U);
  EXPECT_EQ(submit(queue, 1).get().result.accepted, 1U);
}

TEST_F(IngestQueueTest, OthersPassWhoHasHadItsPartOfATransaction) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_readings_per_commit = 100, .max_readings_of_one = 10}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1));
  store_.wait_for_batches(1);
  for (int i = 0; i < 5; ++i) outcomes.push_back(submit(queue, 6, "greedy"));
  outcomes.push_back(submit(queue, 40, "other"));
  store_.set(true, false);
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
  EXPECT_THAT(store_.batches, ::testing::ElementsAre(1, 3, 2, 1)) << "two of its requests and the other's";
}

TEST_F(IngestQueueTest, AFewReadingsAreInTheNextTransactionHoweverManyFillTheQueue) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_readings_per_commit = 2000}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1, "first"));
  store_.wait_for_batches(1);
  for (int i = 0; i < 8; ++i) {
    for (int host = 0; host < 24; ++host) {
      outcomes.push_back(submit(queue, 500, "greedy-" + std::to_string(host)));
    }
  }
  outcomes.push_back(submit(queue, 1, "honest"));
  outcomes.push_back(submit(queue, 300, "catches-up"));
  store_.set(true, false);
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
  EXPECT_THAT(store_.order, ::testing::StartsWith("first honest catches-up greedy-0 ")) << "they came last";
}

TEST_F(IngestQueueTest, WhereTransactionsTakeLongTheyAreMadeOfFewerReadings) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_readings_per_commit = 2000, .commit_time = std::chrono::milliseconds(0)},
                    [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1));
  store_.wait_for_batches(1);
  for (int i = 0; i < 18; ++i) outcomes.push_back(submit(queue, 250));
  store_.set(true, false);
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
  EXPECT_THAT(store_.batches, ::testing::ElementsAre(1, 4, 2, 2, 2, 2, 2, 2, 2)) << "500 at least";
}

TEST_F(IngestQueueTest, ClientsShareTheTransactionsByTheValuesThatTheySend) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_readings_per_commit = 1}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1, "first"));
  store_.wait_for_batches(1);
  for (int i = 0; i < 2; ++i) outcomes.push_back(submit(queue, 30, "large"));
  for (int i = 0; i < 5; ++i) outcomes.push_back(submit(queue, 11, "small"));
  store_.set(true, false);
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
  EXPECT_EQ(store_.order, "first small small large small small small large ");
}

TEST_F(IngestQueueTest, WhoFillsTheQueueIsTurnedAwayAndOthersAreNot) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_waiting_bytes = 640 * sizeof(protocol::ReceivedReading)}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1, "greedy-0"));
  store_.wait_for_batches(1);
  for (int host = 0; host < 24; ++host) {
    const std::string greedy = "greedy-" + std::to_string(host);
    while (queue.submit(greedy, readings(1, greedy), [](const IngestOutcome&) {})) {
    }
  }
  EXPECT_TRUE(queue.turns_away("greedy-0"));
  EXPECT_FALSE(queue.turns_away("other"));
  queue.wait_for_room("other");
  outcomes.push_back(submit(queue, 8, "other"));
  store_.set(true, false);
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
}

TEST_F(IngestQueueTest, WhoMayWaitIsToldWhenThereIsRoom) {
  store_.set(false, false);
  const std::size_t room = 2 * sizeof(protocol::ReceivedReading);
  IngestQueue queue(store_, {.max_waiting_bytes = room, .max_readings_per_commit = 100}, [] { return 0; });
  queue.wait_for_room("web-1");  // there is
  auto first = submit(queue, 1);
  ASSERT_TRUE(queue.turns_away("web-1"));
  std::promise<void> has_room;
  std::jthread waiter([&] {
    queue.wait_for_room("web-1");
    has_room.set_value();
  });
  store_.set(true, false);
  has_room.get_future().wait();
  EXPECT_FALSE(queue.turns_away("web-1"));
}

TEST_F(IngestQueueTest, NobodyWaitsForAQueueThatIsStopped) {
  IngestQueue queue(store_, {.max_waiting_bytes = 0, .max_readings_per_commit = 100}, [] { return 0; });
  std::jthread waiter([&] { queue.wait_for_room("web-1"); });
  queue.stop();
}

TEST_F(IngestQueueTest, OneRequestThatIsLargerThanTheRoomIsTakenWhenNothingWaits) {
  IngestQueue queue(store_, {.max_waiting_bytes = 10, .max_readings_per_commit = 100}, [] { return 0; });
  EXPECT_EQ(submit(queue, 50).get().result.accepted, 50U);
}

TEST(ReadingMemory, CountsObjectsAndTheTextsOutsideOfThem) {
  std::vector<protocol::ReceivedReading> readings(1);
  const std::size_t plain = memory_of(readings);
  EXPECT_EQ(plain, sizeof(protocol::ReceivedReading));
  protocol::Layout layout;
  layout.push_back("load1", std::string(100, 'x'));
  readings[0].layout = std::make_shared<const protocol::Layout>(layout);
  readings[0].values.push_back(1);
  const std::size_t with_one = memory_of(readings);
  EXPECT_GE(with_one, plain + sizeof(double) + sizeof(protocol::Layout) + 105);
  readings.push_back(readings[0]);
  readings.shrink_to_fit();
  EXPECT_LE(memory_of(readings), with_one + sizeof(protocol::ReceivedReading) + sizeof(double))
      << "a layout is counted once where readings share it";
  readings[0].facts.emplace();
  const std::size_t without_tags = memory_of(readings);
  readings[0].facts->tags = {{"role", "db"}, {"site", std::string(150, 'f')}};
  EXPECT_GE(memory_of(readings), without_tags + 2 * sizeof(protocol::Tag) + 150);
}

TEST_F(IngestQueueTest, AFailureReachesEveryRequestAndEndsWithTheNextSuccess) {
  store_.set(true, true);
  IngestQueue queue(store_, {}, [] { return 0; });
  EXPECT_EQ(submit(queue, 1).get().error, "the disk is full");
  EXPECT_EQ(queue.failure(), "the disk is full");
  store_.set(true, false);
  EXPECT_FALSE(submit(queue, 1).get().error);
  EXPECT_FALSE(queue.failure());
  EXPECT_EQ(queue.statistics().failed, 1U);
}

TEST_F(IngestQueueTest, WorkThatOnlyLooksSaysNothingOfTheDatabase) {
  store_.set(true, true);
  IngestQueue queue(store_, {}, [] { return 0; });
  submit(queue, 1).get();
  const auto look = [&](const std::function<void(storage::Store&)>& work) {
    std::promise<bool> failed;
    queue.run(
        {}, work, [&](const std::optional<std::string>& error) { failed.set_value(error.has_value()); },
        WorkKind::looks);
    return failed.get_future().get();
  };
  EXPECT_FALSE(look([](storage::Store&) {}));
  EXPECT_EQ(queue.failure(), "the disk is full");
  EXPECT_TRUE(look([](storage::Store&) { throw storage::StoreError("it cannot be read"); }));
  EXPECT_EQ(queue.failure(), "the disk is full");
}

TEST_F(IngestQueueTest, AFailureEndsByItselfWhenTheStoreIsWellAgain) {
  store_.set(true, true);
  IngestQueue queue(store_, {}, [] { return 0; });
  submit(queue, 1).get();
  store_.set(true, false);
  while (queue.failure()) std::this_thread::yield();  // a probe clears it, without any request
}

TEST_F(IngestQueueTest, StoppingStoresAllThatWasTakenAndTakesNoMore) {
  store_.set(false, false);
  IngestQueue queue(store_, {}, [] { return 0; });
  auto first = submit(queue, 1);
  store_.wait_for_batches(1);
  auto second = submit(queue, 2);
  std::jthread stopper([&] { queue.stop(); });
  store_.set(true, false);
  EXPECT_EQ(first.get().result.accepted, 1U);
  EXPECT_EQ(second.get().result.accepted, 2U);
  stopper.join();
  EXPECT_FALSE(queue.submit("web-1", readings(1), [](const IngestOutcome&) {}));
}

TEST_F(IngestQueueTest, WorkComesAfterTheReadingsOfItsHostAndBeforeAllOthers) {
  store_.set(false, false);
  IngestQueue queue(store_, {.max_readings_per_commit = 1}, [] { return 0; });
  std::vector<std::future<IngestOutcome>> outcomes;
  outcomes.push_back(submit(queue, 1, "first"));
  store_.wait_for_batches(1);
  for (int i = 0; i < 5; ++i) outcomes.push_back(submit(queue, 1, "other"));
  for (int i = 0; i < 2; ++i) outcomes.push_back(submit(queue, 20, "web-1"));
  std::promise<std::string> before;
  EXPECT_TRUE(queue.run(
      "web-1", [&](storage::Store&) { before.set_value(store_.order); },
      [](const std::optional<std::string>& error) { EXPECT_FALSE(error); }));
  outcomes.push_back(submit(queue, 1, "web-1"));
  store_.set(true, false);
  EXPECT_EQ(before.get_future().get(), "first web-1 web-1 ");
  for (auto& outcome : outcomes) EXPECT_FALSE(outcome.get().error);
}

TEST_F(IngestQueueTest, AFullQueueTakesWorkButNotAnyAmountOfIt) {
  store_.set(false, false);
  const std::size_t room = 2 * sizeof(protocol::ReceivedReading);
  IngestQueue queue(store_, {.max_waiting_bytes = room, .max_waiting_work = 2}, [] { return 0; });
  auto first = submit(queue, 1);
  store_.wait_for_batches(1);
  auto second = submit(queue, 10, "other");
  ASSERT_FALSE(queue.submit("another", readings(2), [](const IngestOutcome&) {}));
  std::promise<void> done;
  const auto nothing = [](const std::optional<std::string>&) {};
  EXPECT_TRUE(queue.run(
      "other", [](storage::Store&) {}, nothing));
  EXPECT_TRUE(queue.run(
      "other", [&](storage::Store&) { done.set_value(); }, nothing));
  EXPECT_FALSE(queue.run(
      "other", [](storage::Store&) {}, nothing));
  store_.set(true, false);
  done.get_future().get();
  while (!queue.run(
      "other", [](storage::Store&) {}, nothing))
    std::this_thread::yield();
}

TEST_F(IngestQueueTest, WorkThatThrowsIsToldToItsCaller) {
  IngestQueue queue(store_, {}, [] { return 0; });
  std::promise<std::optional<std::string>> error;
  queue.run(
      "web-1", [](storage::Store&) { throw storage::StoreError("no"); },
      [&](const std::optional<std::string>& told) { error.set_value(told); });
  EXPECT_EQ(error.get_future().get(), "no");
}

TEST_F(IngestQueueTest, AnAnswerThatFailsCostsItselfAlone) {
  IngestQueue queue(store_, {}, [] { return 0; });
  queue.submit("web-1", readings(1), [](const IngestOutcome&) { throw std::bad_alloc(); });
  queue.run(
      "web-1", [](storage::Store&) {}, [](const std::optional<std::string>&) { throw std::bad_alloc(); });
  EXPECT_EQ(submit(queue, 2).get().result.accepted, 2U);
}

TEST_F(IngestQueueTest, MaintenanceGoesOnWithoutRequests) {
  IngestQueue queue(store_, {}, [] { return 0; });
  std::unique_lock lock(store_.mutex);
  store_.changed.wait(lock, [&] { return store_.maintained >= 2; });
}

}  // namespace
}  // namespace hostwatch::ingest
