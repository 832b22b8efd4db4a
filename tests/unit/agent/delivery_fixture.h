#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/delivery.h"
#include "agent/reading_queue.h"
#include "tests/unit/agent/eventually.h"
#include "tests/unit/agent/stand_in_server.h"

namespace hostwatch::agent::test {

/// A queue and, once start() was called, what empties it; waits between tries are short enough for a test.
class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() {
    settings.retry.base = std::chrono::milliseconds(2);
    settings.retry.cap = std::chrono::milliseconds(20);
    settings.retry.slow = std::chrono::milliseconds(2);
  }

  void push(int readings) {
    for (int i = 0; i < readings; ++i)
      queue.push(R"({"timestamp":)" + std::to_string(++last_timestamp) + "}");
  }

  /// A server that lives as long as the test: longer than the connection to it.
  StandInServer& serve(StandInServer::Answer answer, int port = 0) {
    return *servers.emplace_back(std::make_unique<StandInServer>(std::move(answer), port));
  }

  Delivery& start(const ServerUrl& url) {
    settings.url = url;
    delivery = std::make_unique<Delivery>(
        queue, settings,
        DeliveryHooks{[] { return 0.5; }, [this] { return unix_now.load(); }, [this] { ++facts_wanted; }});
    return *delivery;
  }

  DeliveryCounts counts() const { return delivery->counts(); }
  bool emptied() {
    return eventually([this] { return queue.size() == 0; });
  }

  DeliverySettings settings;
  ReadingQueue queue;
  int last_timestamp = 0;
  std::atomic<std::int64_t> unix_now = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
  std::atomic<int> facts_wanted = 0;
  std::vector<std::unique_ptr<StandInServer>> servers;
  std::unique_ptr<Delivery> delivery;
};

}  // namespace hostwatch::agent::test
