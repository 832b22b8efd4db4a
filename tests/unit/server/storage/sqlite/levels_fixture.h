#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <random>

#include "server/storage/sqlite/admin/operations.h"
#include "tests/unit/server/storage/cpu_history.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage {

/// A store whose one host's readings a model remembers.
class LevelsTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t kDay = 86400;
  static constexpr std::int64_t kBorder = 1763596800;  ///< where a chunk of few readings begins
  static_assert(kBorder % (4 * kDay) == 0);

  void keep(std::int64_t readings, std::int64_t minutes = 365 * kDay, std::int64_t hours = 3650 * kDay) {
    fixture_.options.retention = {readings, minutes, hours};
    fixture_.reopen();
  }
  void post(std::int64_t time, std::int64_t now, std::vector<protocol::Sample> samples = {}) {
    const double cpu = static_cast<double>(random_() % 1000) / 10;
    batch_.push_back(StoreFixture::reading("web-1", time, cpu, std::move(samples)));
    if (batch_.size() >= 500) send(now);
  }
  void send(std::int64_t now) {
    for (const protocol::Reading& one : batch_) model_.emplace(one.timestamp, one.cpu);
    EXPECT_EQ(fixture_.append(batch_, now).accepted, batch_.size());
    batch_.clear();
  }
  void send_and_maintain(std::int64_t now) {
    send(now);
    fixture_.maintain(now);
  }
  query::HostHistory history(std::int64_t from, std::int64_t to, std::int64_t step) {
    return cpu_history(fixture_.store(), "web-1", from, to, step);
  }
  /// That each row of the answer says what the readings were, and that none is missing.
  void expect_exact(std::int64_t from, std::int64_t to, std::int64_t step) {
    struct Bucket {
      double count = 0;
      double sum = 0;
      double minimum = std::numeric_limits<double>::infinity();
      double maximum = 0;
    };
    std::map<std::int64_t, Bucket> wanted;
    for (auto at = model_.lower_bound(from); at != model_.end() && at->first <= to; ++at) {
      Bucket& bucket = wanted[at->first / step * step];
      ++bucket.count;
      bucket.sum += at->second;
      bucket.minimum = std::min(bucket.minimum, at->second);
      bucket.maximum = std::max(bucket.maximum, at->second);
    }
    const query::HostHistory answer = history(from, to, step);
    ASSERT_EQ(answer.timestamps.size(), wanted.size()) << "step " << step;
    if (wanted.empty()) return;
    const auto& cpu = *answer.find("cpu");
    std::size_t row = 0;
    for (const auto& [time, bucket] : wanted) {
      ASSERT_EQ(answer.timestamps[row], time);
      EXPECT_NEAR(cpu.average[row], bucket.sum / bucket.count, 0.0051) << "step " << step << " at " << time;
      EXPECT_EQ(cpu.minimum[row], bucket.minimum) << "step " << step << " at " << time;
      EXPECT_EQ(cpu.maximum[row], bucket.maximum) << "step " << step << " at " << time;
      ++row;
    }
  }
  void expect_sound(const std::string& path) {
    const CheckReport report = sqlite::check_database(path);
    EXPECT_THAT(report.problems, ::testing::IsEmpty());
    EXPECT_THAT(report.wrong_roll_ups, ::testing::IsEmpty());
    EXPECT_THAT(report.bookkeeping, ::testing::IsEmpty());
  }
  void expect_sound() { expect_sound(fixture_.path()); }
  std::int64_t ask(const std::string& sql) const {
    return SQLite::Database(fixture_.path(), SQLite::OPEN_READONLY, 5000).execAndGet(sql).getInt64();
  }
  std::string beside(const std::string& name) const {
    return (std::filesystem::path(fixture_.path()).parent_path() / name).string();
  }

  StoreFixture fixture_;
  std::mt19937 random_{14};
  std::vector<protocol::Reading> batch_;
  std::map<std::int64_t, double> model_;
};

}  // namespace hostwatch::storage
