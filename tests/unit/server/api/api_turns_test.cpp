// Queries that take long: whoever asks for them delays nobody else, least of all those who administer.
#include <gmock/gmock.h>

#include <future>
#include <vector>

#include "tests/unit/server/api/access_fixture.h"
#include "tests/unit/server/api/gated_store.h"

namespace hostwatch::api::test {
namespace {

using testing::HasSubstr;

constexpr const char* kSlow = "/data?hostname=slow&step=0";
constexpr int kRunningOfOne = static_cast<int>(kQueries.max_running_of_one);
constexpr int kWaitingOfOne = static_cast<int>(kQueries.max_waiting_of_one);

class TurnsTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    ASSERT_EQ(send("POST", "/metrics", std::string(kJson) + bearer(auth::Scope::write),
                   "[" + reading("slow", kNow) + "," + reading("fast", kNow) + "]")
                  .status,
              200);
    gated_ = std::make_unique<GatedStore>(*store_);
    api_.reset();
    api_ = std::make_unique<ApiServer>(*gated_, ingest::IngestOptions{}, small_intake(), settings);
  }
  void TearDown() override {
    gated_->open();
    AccessTest::TearDown();
    gated_.reset();
  }

  /// A client that asks and waits for the answer.
  std::unique_ptr<RawClient> asking(const std::string& target, const std::string& headers) const {
    auto client = std::make_unique<RawClient>(api_->port());
    client->send("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n");
    return client;
  }
  /// As many as one caller may have, and the threads are at some of them.
  void take_all_of_one(const std::string& headers, std::vector<std::unique_ptr<RawClient>>& clients) const {
    const int before = gated_->begun();
    const int threads = static_cast<int>(kQueries.threads);
    for (int i = 0; i < kRunningOfOne; ++i) clients.push_back(asking(kSlow, headers));
    ASSERT_TRUE(eventually([&] { return gated_->begun() == std::min(before + kRunningOfOne, threads); }));
  }
  /// One more than may wait: it is told so, which is when all the others wait.
  void fill_places_of_one(const std::string& headers,
                          std::vector<std::unique_ptr<RawClient>>& clients) const {
    std::vector<pollfd> sockets;
    for (int i = 0; i < kWaitingOfOne + 1; ++i) {
      clients.push_back(asking(kSlow, headers));
      sockets.push_back({clients.back()->socket(), POLLIN, 0});
    }
    ASSERT_TRUE(eventually([&] { return ::poll(sockets.data(), sockets.size(), 0) == 1; }));
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      EXPECT_THAT(clients[kRunningOfOne + i]->rest(), HasSubstr(" 503 "));
      clients[kRunningOfOne + i] = nullptr;
    }
  }
  int fast(const std::string& headers) const {
    return send("GET", "/data?hostname=fast&step=0", headers).status;
  }

  std::unique_ptr<GatedStore> gated_;
};

TEST_F(TurnsTest, OneCallerLeavesThreadsAndPlacesToOthers) {
  const std::string greedy = bearer(auth::Scope::read);
  const std::string other = bearer(auth::Scope::read);
  std::vector<std::unique_ptr<RawClient>> clients;
  take_all_of_one(greedy, clients);
  fill_places_of_one(greedy, clients);
  EXPECT_EQ(fast(other), 200);
  EXPECT_EQ(fast(signed_in()), 200);
  EXPECT_EQ(gated_->begun(), kRunningOfOne);
}

TEST_F(TurnsTest, OneTokensConnectionsLeavePlacesToOthers) {
  const std::string greedy = bearer(auth::Scope::agent, "web-1");
  const std::string other = bearer(auth::Scope::agent, "web-2");
  std::vector<std::unique_ptr<RawClient>> held;
  for (int i = 0; i < 100; ++i) {  // as many as there may be
    held.push_back(std::make_unique<RawClient>(api_->port()));
    held.back()->send("GET /session HTTP/1.1\r\nHost: a\r\n" + greedy + "\r\nGET /session HT");
    EXPECT_THAT(held.back()->answer(), HasSubstr(" 200 "));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(send("GET", "/health").status, 200);
    EXPECT_EQ(send("POST", "/metrics", kJson + other, reading("web-2", kNow + i)).status, 200);
  }
}

TEST_F(TurnsTest, WhoAdministersWaitsForNoQuery) {
  const std::string revoked = bearer(auth::Scope::read);
  const std::int64_t number = last_token_;
  const std::string enroll = bearer(auth::Scope::enroll);
  const std::string admin = signed_in();
  const std::string session = signed_in();
  std::vector<std::unique_ptr<RawClient>> clients;
  take_all_of_one(revoked, clients);
  take_all_of_one(bearer(auth::Scope::read), clients);
  ASSERT_EQ(gated_->begun(), static_cast<int>(kQueries.threads)) << "no thread of the queries is left";

  EXPECT_EQ(send("DELETE", "/tokens/" + std::to_string(number), admin).status, 200);
  EXPECT_EQ(fast(revoked), 401);
  EXPECT_EQ(send("GET", "/tokens", admin).status, 200);
  EXPECT_EQ(send("POST", "/tokens", admin + kJson, R"({"name":"new","scope":"read"})").status, 200);
  EXPECT_EQ(send("POST", "/enroll", enroll + kJson + "Hostwatch-Agent: 00112233445566778899aabbccddeeff\r\n",
                 R"({"hostname":"web-9"})")
                .status,
            200);
  EXPECT_EQ(send("DELETE", "/session", session).status, 200);
  EXPECT_EQ(send("GET", "/hosts", admin).status, 200);
  EXPECT_EQ(send("POST", "/hosts/fast/clean", admin).status, 200);
  EXPECT_EQ(send("DELETE", "/hosts/fast", admin).status, 200);
}

/// Neither what waits is begun, nor what is being read goes on to its end.
TEST_F(TurnsTest, QueriesOfClientsThatHaveGoneAreGivenUp) {
  const std::string greedy = bearer(auth::Scope::read);
  std::vector<std::unique_ptr<RawClient>> clients;
  take_all_of_one(greedy, clients);
  fill_places_of_one(greedy, clients);
  const int finished = gated_->finished();
  clients.clear();
  // A query under way asks for its client every 50 ms: it has not just asked.
  const auto asks_again = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > asks_again; }));
  gated_->open();
  // In the same caller's turn, so behind all of them.
  ASSERT_TRUE(eventually([&] { return fast(greedy) == 200; }));
  EXPECT_EQ(gated_->begun(), kRunningOfOne);
  EXPECT_EQ(gated_->finished(), finished);
}

/// A change is done for whoever asked for it, and went.
TEST_F(TurnsTest, WhatIsChangedIsChangedThoughTheClientHasGone) {
  const std::string revoked = bearer(auth::Scope::read);
  const std::string target = "/tokens/" + std::to_string(last_token_);
  const std::string admin = signed_in();
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  ASSERT_TRUE(api_->credential_changes().submit([opened] { opened.wait(); }));
  RawClient(api_->port()).send("DELETE " + target + " HTTP/1.1\r\nHost: a\r\n" + admin + "\r\n");
  gate.set_value();
  EXPECT_TRUE(eventually([&] { return fast(revoked) == 401; }));
}

}  // namespace
}  // namespace hostwatch::api::test
