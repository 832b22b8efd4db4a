// Queries that take long: whoever asks for them delays nobody else, least of all those who administer.
#include <gmock/gmock.h>

#include <vector>

#include "tests/unit/server/http/access_fixture.h"
#include "tests/unit/server/http/gated_store.h"

namespace hostwatch::http::test {
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
  for (int i = 0; i < kWaitingOfOne; ++i) clients.push_back(asking(kSlow, greedy));
  // Of those that come at once one is the first too many.
  ASSERT_TRUE(eventually([&] { return send("GET", kSlow, greedy).status == 503; }));
  EXPECT_EQ(fast(other), 200);
  EXPECT_EQ(fast(signed_in()), 200);
  EXPECT_EQ(gated_->begun(), kRunningOfOne);
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

}  // namespace
}  // namespace hostwatch::http::test
