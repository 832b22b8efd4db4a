#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/spool/spool.h"
#include "tests/support/temporary_folder.h"

namespace hostwatch::agent {

/// A spool in a folder, that can be opened again as after a kill: nothing is said to it before. Five readings
/// are fresh; a file takes about ten of the readings that push() makes.
class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() {
    settings.folder = folder.path();
    settings.segment_bytes = 1'000;
    settings.fresh_readings = 5;
    open();
  }

  void open() {
    spool.reset();
    spool = std::make_unique<Spool>(settings);
  }

  void push(int readings) {
    for (int i = 0; i < readings; ++i) {
      protocol::Reading reading{"web-1", ++last, static_cast<double>(last % 100), 2, 3, {}, std::nullopt};
      reading.samples = {{"load1", "", 0.5}, {"network_receive_bytes_per_second", "eth0", 123456}};
      spool->push(reading);
    }
  }

  static std::vector<std::int64_t> timestamps(const Batch& batch) {
    std::vector<std::int64_t> result;
    if (batch.readings == 0) return result;
    const auto json = nlohmann::json::parse(batch.body);
    if (json.is_object()) return {json["timestamp"].get<std::int64_t>()};
    for (const auto& reading : json) {
      result.push_back(reading["timestamp"].get<std::int64_t>());
      EXPECT_EQ(reading["cpu"].get<double>(), static_cast<double>(result.back() % 100));
    }
    EXPECT_EQ(result.size(), batch.readings);
    return result;
  }

  /// Takes everything out in batches of at most `most`, the backlog before what is fresh: in order of time.
  std::vector<std::int64_t> drain(std::size_t most = 7) {
    std::vector<std::int64_t> all;
    for (bool fresh : {false, true}) {
      while (true) {
        const Batch batch = fresh ? spool->fresh(most, 1'000'000) : spool->backlog(most, 1'000'000);
        if (batch.readings == 0) break;
        const auto some = timestamps(batch);
        all.insert(all.end(), some.begin(), some.end());
        spool->acknowledge(batch);
      }
    }
    return all;
  }

  static std::vector<std::int64_t> range(std::int64_t first, std::int64_t end) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = first; i <= end; ++i) numbers.push_back(i);
    return numbers;
  }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  std::uint64_t bytes_of_files() const {
    std::uint64_t sum = 0;
    for (const auto& path : files()) sum += std::filesystem::file_size(path);
    return sum;
  }

  std::size_t waiting() const { return spool->statistics().waiting; }

  hostwatch::test::TemporaryFolder folder;
  SpoolSettings settings;
  std::unique_ptr<Spool> spool;
  std::int64_t last = 0;
};

}  // namespace hostwatch::agent
