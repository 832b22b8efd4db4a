// Large bodies wait for a decoder; what is too much is turned away before anything is spent on it.
#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <vector>

#include "tests/unit/server/api/api_fixture.h"
#include "tests/unit/server/api/busy_pool.h"
#include "util/gzip.h"

namespace hostwatch::api::test::api_intake_test {
namespace {

using testing::HasSubstr;

const std::string kJson = "Content-Type: application/json\r\n";

/// An array of more than the 64 KiB that are decoded at once.
std::string large_array(const std::string& host) {
  std::string body = "[" + reading(host, kNow - 2000);
  for (int i = 1; i < 1500; ++i) body += "," + reading(host, kNow - 2000 + i);
  return body + "]";
}

class ApiIntake : public ApiTest {
 protected:
  std::future<Answer> send(const std::string& body, const std::string& headers = "") {
    return std::async(std::launch::async, [port = api_->port(), body, headers] {
      return ask(port, "POST", "/metrics", kJson + headers, body);
    });
  }

  /// Clients are told apart by what a proxy on this machine says of them.
  void start_behind_proxy(IntakeLimits limits) {
    AccessForTests access;
    access.settings.trusted_proxies = {*net::AddressRange::parse("127.0.0.1")};
    api_.reset();
    api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, limits, access);
  }
};

TEST_F(ApiIntake, LargeBodiesAreTakenLikeSmallOnes) {
  EXPECT_EQ(post(large_array("plain")).body, R"({"status":"ok","accepted":1500,"duplicates":0})");
  const std::string gzip = kJson + "Content-Encoding: gzip\r\n";
  EXPECT_EQ(post(util::deflate_gzip(large_array("zipped"), 6), gzip).body,
            R"({"status":"ok","accepted":1500,"duplicates":0})");
  const std::string old_name = kJson + "Content-Encoding: X-Gzip\r\n";  // RFC 9110, 8.4.1.3
  EXPECT_EQ(post(util::deflate_gzip(large_array("zipped"), 6), old_name).parsed()["duplicates"], 1500);
  EXPECT_EQ(post(util::deflate_gzip(reading("small", kNow), 6), old_name).parsed()["accepted"], 1);
  EXPECT_EQ(post(large_array("plain")).parsed()["duplicates"], 1500);
  const Answer broken = post(large_array("broken") + "x");
  EXPECT_EQ(broken.status, 400);
  EXPECT_THAT(broken.body, HasSubstr("not valid JSON"));
}

TEST_F(ApiIntake, SmallRequestsAndHealthDoNotWaitBehindLargeOnes) {
  BusyPool busy(api_->decoders(), kDecoders.threads);
  auto large = send(large_array("large"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(post(reading("small", kNow + i)).status, 200);
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(large.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  busy.release();
  EXPECT_EQ(large.get().parsed()["accepted"], 1500);
}

TEST_F(ApiIntake, MoreThanMayWaitForADecoderIsTurnedAway) {
  IntakeLimits tight = small_intake();
  tight.max_decoding_bytes = large_array("a").size() + 1000;
  api_.reset();  // a store has one writing thread
  api_ = std::make_unique<ApiServer>(*store_, ingest::IngestOptions{}, tight);
  BusyPool busy(api_->decoders(), kDecoders.threads);
  auto first = send(large_array("a"));
  // Of two, the one that came second is turned away at once; the other waits.
  auto second = send(large_array("b"));
  const auto is_ready = [](std::future<Answer>& answer) {
    return answer.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
  };
  ASSERT_TRUE(eventually([&] { return is_ready(first) || is_ready(second); }));
  Answer refused = is_ready(first) ? first.get() : second.get();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.head, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(get("/metrics").body, HasSubstr("hostwatch_server_requests_turned_away_total 1\n"));
  busy.release();
  Answer taken = first.valid() ? first.get() : second.get();
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(post(large_array("c")).status, 200) << "the room is free again";
}

TEST_F(ApiIntake, OneClientsBodiesLeaveRoomToOthers) {
  IntakeLimits tight = small_intake();
  tight.max_decoding_bytes = 4 * large_array("a").size() + 1000;
  start_behind_proxy(tight);
  BusyPool busy(api_->decoders(), kDecoders.threads);
  std::vector<std::future<Answer>> greedy;
  for (int i = 0; i < 3; ++i) greedy.push_back(send(large_array("a"), "X-Forwarded-For: 10.0.0.7\r\n"));
  std::future<Answer>* refused = nullptr;
  ASSERT_TRUE(eventually([&] {
    for (auto& one : greedy) {
      if (one.wait_for(std::chrono::seconds(0)) == std::future_status::ready) refused = &one;
    }
    return refused != nullptr;
  }));
  EXPECT_EQ(refused->get().status, 503) << "two of its bodies wait";
  auto other = send(large_array("b"), "X-Forwarded-For: 10.0.0.8\r\n");
  EXPECT_EQ(other.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  busy.release();
  EXPECT_EQ(other.get().status, 200);
  for (auto& one : greedy) {
    if (!one.valid()) continue;
    EXPECT_EQ(one.get().status, 200);
  }
}

TEST_F(ApiIntake, LargeBodiesOfSeveralClientsLeaveRoomToSmallOnes) {
  IntakeLimits tight = small_intake();
  tight.max_decoding_bytes = 32UL * 100 * 1024;
  start_behind_proxy(tight);
  BusyPool busy(api_->decoders(), kDecoders.threads);
  std::vector<std::future<Answer>> greedy;
  std::string huge = large_array("a");  // half of the room
  huge.insert(huge.size() - 1, 16UL * 100 * 1024 - huge.size() - 100, ' ');
  for (int client = 1; client <= 3; ++client) {
    for (int i = 0; i < 3; ++i) {
      greedy.push_back(send(huge, "X-Forwarded-For: 10.0.0." + std::to_string(client) + "\r\n"));
    }
  }
  const auto refused = [&] {
    return std::count_if(greedy.begin(), greedy.end(), [](auto& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  };
  ASSERT_TRUE(eventually([&] { return refused() == 7; })) << "one is in the room of all, one in the reserve";
  std::vector<std::future<Answer>> honest;
  for (int client = 1; client <= 4; ++client) {
    honest.push_back(send(large_array("b"), "X-Forwarded-For: 10.0.1." + std::to_string(client) + "\r\n"));
  }
  for (auto& one : honest) {
    EXPECT_EQ(one.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  }
  busy.release();
  for (auto& one : honest) EXPECT_EQ(one.get().status, 200);
}

TEST_F(ApiIntake, OneClientsBodiesLeaveADecoderToOthers) {
  start_behind_proxy(small_intake());
  std::promise<void> is_over;
  const std::shared_future<void> end = is_over.get_future().share();
  for (int i = 0; i < 10; ++i) api_->decoders().submit("10.0.0.7", [end] { end.wait(); });
  EXPECT_EQ(send(large_array("b"), "X-Forwarded-For: 10.0.0.8\r\n").get().status, 200);
  auto greedy = send(large_array("a"), "X-Forwarded-For: 10.0.0.7\r\n");
  EXPECT_EQ(greedy.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  is_over.set_value();
  EXPECT_EQ(greedy.get().status, 200);
}

TEST_F(ApiIntake, WhatWaitsForADecoderWhenTheServerStopsIsTurnedAwayOrStoredAndTold) {
  auto busy = std::make_unique<BusyPool>(api_->decoders(), kDecoders.threads);
  RawClient client(api_->port());
  const std::string body = large_array("late");
  client.send("POST /metrics HTTP/1.1\r\nHost: a\r\n" + kJson +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto waits = [&] {
    return get("/metrics").body.find("hostwatch_server_decoding_bytes 0\n") == std::string::npos;
  };
  ASSERT_TRUE(eventually(waits));
  busy->release();
  api_.reset();
  const std::string answer = client.answer();
  const bool is_stored = store_->count("late", 0, INT64_MAX, 10000) == 1500;
  EXPECT_THAT(answer,
              HasSubstr(is_stored ? R"({"status":"ok","accepted":1500,"duplicates":0})" : "HTTP/1.1 503 "));
  EXPECT_EQ(store_->count("late", 0, INT64_MAX, 10000), is_stored ? 1500U : 0U);
}

TEST_F(ApiIntake, AGzipTrailerThatLiesIsADamagedBody) {
  std::string body = util::deflate_gzip(large_array("liar"), 6);
  for (const char size : {'\0', '\x10'}) {
    body[body.size() - 4] = size;
    body[body.size() - 3] = body[body.size() - 2] = body[body.size() - 1] = '\0';
    const Answer answer = post(body, kJson + "Content-Encoding: gzip\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"error":"the body is not valid gzip"})");
  }
}

}  // namespace
}  // namespace hostwatch::api::test::api_intake_test
