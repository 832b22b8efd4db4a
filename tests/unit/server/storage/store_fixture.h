#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/sqlite/sqlite_store.h"
#include "tests/unit/server/storage/store_under_test.h"

namespace hostwatch::storage {

/// Values of so many series of one metric, whose instances are called PREFIX0 and so on.
inline std::vector<protocol::Sample> named(const std::string& prefix, int count) {
  std::vector<protocol::Sample> samples;
  for (int i = 0; i < count; ++i) samples.push_back({"gauge", prefix + std::to_string(i), 1.5});
  return samples;
}

/// SQLite's store in a folder of its own.
class StoreFixture : public StoreUnderTest {
 public:
  StoreFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    options.path = folder_ + "/metrics.db";
    options.steady_seconds = [this] { return steady_; };
    open();
  }
  ~StoreFixture() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void close() { store_.reset(); }
  void reopen() override { open(); }
  Store& store() override { return *store_; }
  const std::string& path() const { return options.path; }

  /// Does all maintenance that is due, at a time that the steady clock tells, too.
  void maintain() override { maintain(kNow + 1000); }
  void maintain(std::int64_t now) { maintain(now, now); }
  void maintain(std::int64_t now, std::int64_t steady) {
    steady_ = steady;
    while (store().maintain(now)) {
    }
  }
  sqlite::SqliteOptions options;

 private:
  void open() {
    store_.reset();
    store_ = std::make_unique<sqlite::SqliteStore>(options);
  }

  std::int64_t steady_ = kNow;
  std::string folder_;
  std::unique_ptr<sqlite::SqliteStore> store_;
};

}  // namespace hostwatch::storage
