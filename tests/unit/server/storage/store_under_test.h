#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/chunk/reading_rows.h"
#include "server/storage/store.h"

namespace hostwatch::storage {

/// The figure of that name; fails the test if there is none.
inline double detail_of(const Store& store, std::string_view name) {
  for (const StoreDetail& detail : store.statistics().details) {
    if (detail.name == name) return detail.value;
  }
  ADD_FAILURE() << "the store has no figure " << name;
  return -1;
}

/// A store of any kind, that can be closed and opened again; and the verbs that the tests speak in.
class StoreUnderTest {
 public:
  static constexpr std::int64_t kNow = 1763884800;

  StoreUnderTest() = default;
  virtual ~StoreUnderTest() = default;
  StoreUnderTest(const StoreUnderTest&) = delete;
  StoreUnderTest& operator=(const StoreUnderTest&) = delete;

  virtual Store& store() = 0;
  /// Closes the store and opens it again, as a restart of the server does.
  virtual void reopen() = 0;
  /// Does all maintenance that is due a while after kNow.
  virtual void maintain() = 0;

  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5,
                                   std::vector<protocol::Sample> samples = {}) {
    return {host, timestamp, cpu, 41.5, 73.2, std::move(samples), std::nullopt};
  }
  AppendResult append(const std::vector<protocol::Reading>& readings, std::int64_t now = kNow) {
    const std::vector<protocol::ReceivedReading> as_received = protocol::received(readings);
    const std::span<const protocol::ReceivedReading> one(as_received);
    return store().append(std::span(&one, 1), now).front();
  }
  /// A host's cpu by time, as read back; fails the test if a time comes twice or out of order.
  std::map<std::int64_t, double> cpu_of(const std::string& host, std::int64_t from = 0,
                                        std::int64_t to = INT64_MAX) {
    std::map<std::int64_t, double> result;
    std::int64_t previous = INT64_MIN;
    read_readings(store(), {host, from, to, false, {"cpu"}},
                  [&](std::int64_t timestamp, std::span<const StoredValue> values) {
                    EXPECT_GT(timestamp, previous) << host;
                    previous = timestamp;
                    result[timestamp] = values.front().value;
                  });
    return result;
  }
};

}  // namespace hostwatch::storage
