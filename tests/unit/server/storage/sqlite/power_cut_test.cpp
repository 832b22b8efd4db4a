// A 200 means on disk: the power fails at a random moment, and what was not synced is there in part or not at
// all. Everything that was acknowledged is there afterwards, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

#include "tests/unit/server/storage/sqlite/fault_disk.h"
#include "tests/unit/server/storage/store_fixture.h"

namespace hostwatch::storage::power_cut_test {
namespace {

constexpr std::int64_t kNow = StoreFixture::kNow;
constexpr int kHosts = 3;

using Readings = std::map<std::string, std::map<std::int64_t, double>>;

std::string host_name(int number) {
  return "host-" + std::to_string(number);
}

/// One life of a store, up to a power cut in the middle of something.
class Life {
 public:
  /// `with_errors`: now and then a write or a sync fails before the power does.
  Life(unsigned seed, bool with_errors) : random_(seed), with_errors_(with_errors) {
    fixture_.options.file_after_readings = 200;
    fixture_.options.compact_after_readings = 100;
    fixture_.reopen();
  }

  /// Goes on until the power fails; what it left is in `files`.
  void live_until_power_cut() {
    disk_.after(static_cast<std::int64_t>(random_() % 6000), [this] {
      for (const char* suffix : {"", "-wal"})
        files[suffix] = disk_.survives(fixture_.path() + suffix, random_);
      acknowledged_then = acknowledged_;
      under_way_then = under_way_;
    });
    while (files.empty()) step();
    disk_.heal();
  }

  std::map<std::string, std::string> files;
  Readings acknowledged_then;
  Readings under_way_then;

 private:
  void step() {
    const auto what = random_() % 100;
    if (with_errors_ && random_() % 10 == 0) {
      disk_.fail(1 + static_cast<std::int64_t>(random_() % 20), 1, SQLITE_IOERR_FSYNC);
    }
    if (what == 0) {
      disk_.heal();  // a store that cannot be opened is no store
      fixture_.reopen();
    } else if (what < 25) {
      try_until_done([this] { fixture_.store().maintain(now_); });
    } else if (what < 30) {
      fixture_.cpu_of(
          host_name(0));  // its connection stays open, and keeps the log from being emptied by a close
    } else {
      append();
    }
  }

  void try_until_done(const std::function<void()>& work) const {
    for (int i = 0; i < 5; ++i) {
      try {
        return work();
      } catch (const StoreError&) {
        if (!with_errors_) throw;
      }
    }
    throw std::runtime_error("one error, and five tries fail");
  }

  void append() {
    std::vector<protocol::Reading> readings;
    under_way_.clear();
    for (std::size_t i = 0; i < 1 + random_() % 40; ++i) {
      const std::string host = host_name(static_cast<int>(random_() % kHosts));
      const std::int64_t time = ++now_ - static_cast<std::int64_t>(random_() % 5) * 2000;
      const double cpu = static_cast<double>(random_() % 1000) / 10;
      std::vector<protocol::Sample> samples;
      for (std::size_t s = 0; s < random_() % 8; ++s) samples.push_back({"gauge", std::to_string(s), cpu});
      readings.push_back(StoreFixture::reading(host, time, cpu, std::move(samples)));
      if (!acknowledged_[host].contains(time)) under_way_[host].emplace(time, cpu);
    }
    try_until_done([&] { fixture_.append(readings, now_); });
    for (auto& [host, times] : under_way_) acknowledged_[host].merge(times);
    under_way_.clear();
  }

  std::mt19937 random_;
  bool with_errors_;
  FaultDisk disk_;
  StoreFixture fixture_;
  std::int64_t now_ = kNow;
  Readings acknowledged_;
  Readings under_way_;
};

/// The store that is opened on what the power cut left.
class Afterwards {
 public:
  explicit Afterwards(const std::map<std::string, std::string>& files) {
    fixture_.close();
    for (const auto& [suffix, content] : files) {
      std::ofstream file(fixture_.path() + suffix, std::ios::binary | std::ios::trunc);
      file.write(content.data(), static_cast<std::streamsize>(content.size()));
    }
    fixture_.reopen();
  }
  void expect_all_of(const Life& life) {
    for (int number = 0; number < kHosts; ++number) {
      const std::string host = host_name(number);
      Readings expected = life.acknowledged_then;
      const auto found = fixture_.cpu_of(host);
      const auto under_way = life.under_way_then.find(host);
      std::size_t extra = 0;
      for (const auto& [time, cpu] : found) {
        const auto known = expected[host].find(time);
        if (known != expected[host].end()) {
          EXPECT_EQ(cpu, known->second) << host << " at " << time;
          expected[host].erase(known);
        } else {
          ++extra;
          ASSERT_NE(under_way, life.under_way_then.end()) << host << " has a reading that was never sent";
          EXPECT_TRUE(under_way->second.contains(time));
        }
      }
      EXPECT_EQ(expected[host].size(), 0U) << "acknowledged readings of " << host << " are lost";
      if (extra != 0) {
        EXPECT_EQ(extra, under_way->second.size()) << "a transaction is there in part";
      }
    }
    fixture_.maintain(kNow + 100000);
    fixture_.close();
    SQLite::Database database(fixture_.path(), SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
  }

 private:
  StoreFixture fixture_;
};

void cut_power_again_and_again(bool with_errors) {
  const unsigned first = std::random_device()();
  for (unsigned seed = first; seed < first + 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(seed, with_errors);
    life.live_until_power_cut();
    if (life.files.at("").empty()) continue;  // the power failed before there was a database
    Afterwards(life.files).expect_all_of(life);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(PowerCut, WhatWasAcknowledgedIsThereOnceAndTheDatabaseIsSound) {
  cut_power_again_and_again(false);
}

// A sync that failed leaves a hole in the write-ahead log that no later sync fills.
TEST(PowerCut, SoItIsWhereSyncsHaveFailedBefore) {
  cut_power_again_and_again(true);
}

}  // namespace
}  // namespace hostwatch::storage::power_cut_test
