// A store that fails or is slow, and what clients are told.
#include <gmock/gmock.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "tests/unit/server/api/api_fixture.h"
#include "tests/unit/server/storage/no_alerts.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;

/// A store that throws while `failing` and waits in append() while `blocked`.
class TroubledStore final : public storage::Store {
 public:
  std::vector<storage::AppendResult> append(
      std::span<const std::span<const protocol::ReceivedReading>> requests, std::int64_t) override {
    std::unique_lock lock(mutex_);
    ++appending_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !blocked_; });
    check();
    std::vector<storage::AppendResult> results(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) results[i].accepted = requests[i].size();
    return results;
  }
  bool delete_host(std::string_view) override { return check(); }
  bool delete_history(std::string_view, std::int64_t) override { return check(); }
  bool maintain(std::int64_t) override { return false; }
  void probe() override { check(); }
  void visit_hosts(const storage::HostVisitor&) const override { check(); }
  void visit_values(const storage::ValuesVisitor&) const override { check(); }
  std::vector<std::string> host_names() const override { return {"a"}; }
  std::vector<storage::HostBrief> hosts_with(std::span<const protocol::Tag>) const override {
    return {{"a", 10}};
  }
  protocol::HostFacts facts_of(std::string_view) const override { return {}; }
  std::int64_t earliest_kept(std::int64_t now) const override { return now - 86400; }
  std::int64_t earliest_history(std::int64_t now) const override { return now - 86400; }
  std::uint64_t count(std::string_view, std::int64_t, std::int64_t, std::uint64_t) const override {
    check();
    return 0;
  }
  void read(const storage::ReadRequest&, const storage::PartVisitor&) const override { check(); }
  storage::SeriesName series_name(std::uint32_t) const override { return {}; }
  bool keeps(std::string_view, std::int64_t) const override { return true; }
  bool admits(std::string_view name) const override { return name != "one-too-many"; }
  bool admit(std::string_view name, storage::HostComes, std::int64_t) override { return admits(name); }
  bool knows(std::string_view name) const override { return name == "a"; }
  std::size_t max_hosts() const override { return 10; }
  storage::StoreStatistics statistics() const override { return {}; }
  storage::AlertStore& alerts() override { return alerts_; }
  const storage::AlertStore& alerts() const override { return alerts_; }

  void set_failing(bool failing) { failing_ = failing; }
  void set_blocked(bool blocked) {
    const std::lock_guard lock(mutex_);
    blocked_ = blocked;
    changed_.notify_all();
  }
  void wait_until_appending() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return appending_ != 0; });
  }

 private:
  storage::NoAlerts alerts_;
  bool check() const {
    if (failing_) throw storage::StoreError("the disk is \"full\"");
    return true;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> failing_{false};
  bool blocked_ = false;
  int appending_ = 0;
};

Answer post(int port, const std::string& body) {
  return ask(port, "POST", "/metrics", "Content-Type: application/json\r\n", body);
}

TEST(ApiFailure, AStoreThatFailsIsSaidAndRecovers) {
  TroubledStore store;
  ApiServer api(store);
  EXPECT_EQ(ask(api.port(), "GET", "/health").status, 200);
  store.set_failing(true);
  const Answer refused = post(api.port(), reading("a", kNow));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.head, HasSubstr("\r\nRetry-After: 5\r\n"));
  EXPECT_EQ(refused.parsed(), (json{{"error", "the readings are not stored: the disk is \"full\""}}));

  const Answer health = ask(api.port(), "GET", "/health");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.parsed(), (json{{"status", "failing"}, {"reason", "the disk is \"full\""}}));

  store.set_failing(false);
  EXPECT_EQ(post(api.port(), reading("a", kNow)).status, 200);
  EXPECT_EQ(ask(api.port(), "GET", "/health").status, 200);
}

TEST(ApiFailure, HealthRecoversWithoutAnyReading) {
  TroubledStore store;
  ApiServer api(store);
  store.set_failing(true);
  post(api.port(), reading("a", kNow));
  EXPECT_EQ(ask(api.port(), "GET", "/health").status, 503);
  store.set_failing(false);
  EXPECT_TRUE(eventually([&] { return ask(api.port(), "GET", "/health").status == 200; }));
}

TEST(ApiFailure, EveryOtherRequestSays503AsWell) {
  TroubledStore store;
  ApiServer api(store);
  store.set_failing(true);
  for (const auto& [method, target] :
       {std::pair{"GET", "/hosts"}, std::pair{"GET", "/data"}, std::pair{"GET", "/metrics"},
        std::pair{"DELETE", "/hosts/a"}, std::pair{"POST", "/hosts/a/clean"}}) {
    const Answer answer = ask(api.port(), method, target);
    EXPECT_EQ(answer.status, 503) << target;
    EXPECT_THAT(answer.head, HasSubstr("\r\nRetry-After: ")) << target;
    EXPECT_THAT(answer.body, HasSubstr("the disk is")) << target;
  }
  EXPECT_EQ(ask(api.port(), "GET", "/dashboard").status, 200) << "the page needs no store";
}

TEST(ApiFailure, AFullQueueTurnsAwayAndLosesNothing) {
  TroubledStore store;
  store.set_blocked(true);
  ingest::IngestOptions small;
  // One being stored, two that wait: three quarters of what one client may have.
  small.max_waiting_bytes = 23 * sizeof(protocol::ReceivedReading) / 4;
  small.max_waiting_work = 0;
  ApiServer api(store, small);
  const int port = api.port();
  const auto send = [port](const std::string& name) {
    return std::async(std::launch::async, [port, name] { return post(port, reading(name, kNow)); });
  };
  auto being_stored = send("a");
  store.wait_until_appending();
  // The writer holds the first; one more after the other until the queue is full.
  std::vector<std::future<Answer>> waiting;
  waiting.push_back(send("b"));
  waiting.push_back(send("c"));
  const auto refused_at_last = [&] {
    const Answer answer = ask(port, "DELETE", "/hosts/a");
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.head, HasSubstr("\r\nRetry-After: 1\r\n"));
  };
  const auto queue_is_full = [&] {
    return ask(port, "GET", "/metrics").body.find("hostwatch_server_queue_values 3\n") != std::string::npos;
  };
  EXPECT_TRUE(eventually(queue_is_full));
  const Answer refused = post(port, reading("d", kNow));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.head, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(post(port, reading("d", kNow)).head, HasSubstr("\r\nRetry-After: 2\r\n"));
  EXPECT_THAT(post(port, "neither JSON nor looked at").head, HasSubstr("\r\nRetry-After: 3\r\n"));
  EXPECT_THAT(post(port, reading("d", kNow)).head, HasSubstr("\r\nRetry-After: 1\r\n"))
      << "those who are turned away together do not come back together";
  EXPECT_EQ(refused.body,
            R"({"error":"more readings arrive than can be stored; send them again in a moment"})");
  refused_at_last();
  EXPECT_EQ(ask(port, "GET", "/health").status, 200) << "a busy server is not a broken one";

  store.set_blocked(false);
  EXPECT_EQ(being_stored.get().status, 200);
  for (auto& answer : waiting) EXPECT_EQ(answer.get().status, 200);
}

TEST(ApiFailure, HostsBeyondTheLimitAreNamed) {
  TroubledStore store;
  ApiServer api(store);
  const Answer answer =
      post(api.port(), "[" + reading("one-too-many", kNow) + "," + reading("a", kNow) + "]");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.parsed()["accepted"], 1);
  EXPECT_EQ(answer.parsed()["rejected"][0]["index"], 0);
  EXPECT_EQ(post(api.port(), reading("one-too-many", kNow)).status, 400);
}

}  // namespace
}  // namespace hostwatch::api::test
