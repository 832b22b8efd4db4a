#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/delivery/delivery_service.h"
#include "tests/unit/server/delivery/notices.h"
#include "tests/unit/server/delivery/sinks.h"

namespace hostwatch::delivery::test {

/// A service whose clocks stand still until they are set, and what it has told.
class ServiceTest : public testing::Test {
 protected:
  static constexpr std::int64_t kStart = 1763884803;

  ServiceTest() { settings_.public_url = "https://monitor.example"; }

  /// The service, with loopback allowed unless `policy` says otherwise.
  DeliveryService& start(std::vector<Channel> channels) {
    if (settings_.policy.allow.empty() && allows_loopback_) {
      settings_.policy.allow = {*net::AddressRange::parse("127.0.0.0/8")};
    }
    settings_.unix_now = [this] { return kStart + passed_.load(); };
    settings_.steady_now = [this] { return SteadyTime(std::chrono::seconds(1'000 + passed_.load())); };
    settings_.jitter = [] { return 0.5; };
    DeliveryCallbacks callbacks;
    callbacks.result = [this](const DeliveryResult& result) { take(result); };
    callbacks.healthy = [this] { return healthy_.load(); };
    callbacks.state = [this] {
      const std::lock_guard lock(mutex_);
      return state_;
    };
    service_ = std::make_unique<DeliveryService>(settings_, callbacks);
    service_->set_channels(std::make_shared<const std::vector<Channel>>(std::move(channels)));
    return *service_;
  }

  void pass(std::chrono::seconds time) {
    passed_ += time.count();
    service_->wake();
  }

  void take(const DeliveryResult& result) {
    const std::lock_guard lock(mutex_);
    results_.push_back(result);
    changed_.notify_all();
  }

  /// All results, once there are so many; fails if they do not come.
  std::vector<DeliveryResult> results(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return results_.size() >= count; }))
        << results_.size() << " of " << count << " results";
    auto all = results_;
    all.resize(std::max(all.size(), count));
    return all;
  }

  static Channel webhook(const std::string& name, const std::string& url) {
    Channel channel;
    channel.name = name;
    channel.settings = {{"url", url}};
    return channel;
  }

  static Message message(const std::string& id, const std::string& channel, std::int64_t alarm = 1) {
    Message made = disk_message(channel);
    made.id = id;
    made.created = made.due = kStart;
    made.alarms[0].id = alarm;
    return made;
  }

  using SteadyTime = std::chrono::steady_clock::time_point;

  bool allows_loopback_ = true;
  DeliverySettings settings_;
  std::atomic<std::int64_t> passed_{0};
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<DeliveryResult> results_;
  std::vector<AlarmNotice> state_;
  std::unique_ptr<DeliveryService> service_;  ///< last: it uses the others
};

}  // namespace hostwatch::delivery::test
