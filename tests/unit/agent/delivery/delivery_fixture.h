#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/delivery/delivery.h"
#include "agent/spool/spool.h"
#include "tests/unit/agent/delivery/eventually.h"
#include "tests/unit/agent/delivery/stand_in_server.h"

namespace hostwatch::agent::test {

/// A spool in memory and, once start() was called, what empties it; waits between tries are short enough for
/// a test. As much is fresh as a test likes; make_spool() gives another one.
class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() {
    settings.retry.base = std::chrono::milliseconds(2);
    settings.retry.cap = std::chrono::milliseconds(20);
    settings.retry.slow = std::chrono::milliseconds(2);
    settings.shortest_rest = settings.longest_rest = std::chrono::milliseconds(1);
    SpoolSettings all_fresh;
    all_fresh.fresh_readings = 100'000;
    all_fresh.fresh_bytes = 100U << 20U;
    make_spool(all_fresh);
  }

  void make_spool(const SpoolSettings& of) { spool = std::make_unique<Spool>(of); }

  void push(int readings, const std::string& hostname = "web-1") {
    for (int i = 0; i < readings; ++i) spool->push({hostname, ++last_timestamp, 1, 2, 3, {}, std::nullopt});
  }

  /// A server that lives as long as the test: longer than the connection to it.
  StandInServer& serve(StandInServer::Answer answer, int port = 0) {
    return *servers.emplace_back(std::make_unique<StandInServer>(std::move(answer), port));
  }

  Delivery& start(const net::ServerUrl& url) {
    settings.url = url;
    delivery = std::make_unique<Delivery>(
        *spool, settings,
        DeliveryHooks{[] { return 0.5; }, [this] { return unix_now.load(); }, [this] { ++facts_wanted; },
                      [this](std::int64_t time) { server_time = time; },
                      [this](const std::string& name) {
                        const std::scoped_lock lock(name_mutex);
                        name_taken = name;
                      }});
    return *delivery;
  }

  std::size_t waiting() const { return spool->statistics().waiting; }
  DeliveryCounts counts() const { return delivery->counts(); }
  std::string taken() {
    const std::scoped_lock lock(name_mutex);
    return name_taken;
  }
  bool emptied() {
    return eventually([this] { return waiting() == 0; });
  }

  DeliverySettings settings;
  std::unique_ptr<Spool> spool;
  int last_timestamp = 0;
  std::atomic<std::int64_t> unix_now = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
  std::atomic<int> facts_wanted = 0;
  std::atomic<std::int64_t> server_time = 0;
  std::mutex name_mutex;
  std::string name_taken;
  std::vector<std::unique_ptr<StandInServer>> servers;
  std::unique_ptr<Delivery> delivery;
};

}  // namespace hostwatch::agent::test
