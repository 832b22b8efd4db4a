#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/chunk/reading_rows.h"
#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage {

/// Values of so many series of one metric, whose instances are called PREFIX0 and so on.
inline std::vector<protocol::Sample> named(const std::string& prefix, int count) {
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < count; ++i) samples.push_back({"gauge", prefix + std::to_string(i), 1.5});
  return samples;
}

/// A store in a folder of its own, that can be closed and opened again; and the verbs that the tests speak
/// in.
class StoreFixture {
 public:
  static constexpr std::int64_t kNow = 1763884800;

  StoreFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    options.path = folder_ + "/metrics.db";
    options.steady_seconds = [this] { return steady_; };
    reopen();
  }
  ~StoreFixture() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  StoreFixture(const StoreFixture&) = delete;
  StoreFixture& operator=(const StoreFixture&) = delete;

  void close() { store_.reset(); }
  void reopen() {
    store_.reset();
    store_ = std::make_unique<sqlite::SqliteStore>(options);
  }
  Store& store() { return *store_; }
  const std::string& path() const { return options.path; }

  static protocol::Reading reading(const std::string& host, std::int64_t timestamp, double cpu = 12.5,
                                   std::vector<protocol::Sample> samples = {}) {
    return {host, timestamp, cpu, 41.5, 73.2, std::move(samples), std::nullopt};
  }
  AppendResult append(const std::vector<protocol::Reading>& readings, std::int64_t now = kNow) {
    const std::span<const protocol::Reading> one(readings);
    return store().append(std::span(&one, 1), now).front();
  }
  /// Does all maintenance that is due, at a time that the steady clock tells, too.
  void maintain(std::int64_t now = kNow + 1000) { maintain(now, now); }
  void maintain(std::int64_t now, std::int64_t steady) {
    steady_ = steady;
    while (store().maintain(now)) {
    }
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

  sqlite::SqliteOptions options;

 private:
  std::int64_t steady_ = kNow;
  std::string folder_;
  std::unique_ptr<sqlite::SqliteStore> store_;
};

}  // namespace hostwatch::storage
