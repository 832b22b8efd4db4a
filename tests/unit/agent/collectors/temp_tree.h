#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "agent/collectors/collector.h"

namespace hostwatch::agent::test {

/// A folder of its own for one test, gone afterwards.
class TempTree {
 public:
  TempTree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    root_ = pattern;
  }
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  /// Writes into the file as it is, as the kernel does: the same inode.
  void write(const std::string& path, std::string_view text) const {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }

  /// Copies a folder of fixtures/ over this tree.
  void lay_out(const std::string& fixture) const {
    std::filesystem::copy(
        std::filesystem::path(HOSTWATCH_FIXTURES) / fixture, root_,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }

  void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }
  std::string path(const std::string& inside = "") const {
    return (inside.empty() ? root_ : root_ / inside).string();
  }

  /// This tree as a host: its proc under proc/.
  Roots roots() const { return {path("proc"), root_.string()}; }

 private:
  std::filesystem::path root_;
};

/// A monotonic time: seconds after some beginning.
inline std::chrono::steady_clock::time_point at(double seconds) {
  const std::chrono::duration<double> since(1000 + seconds);
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(since));
}

/// Samples as "metric" or "metric{instance}" to value; fails the test if one is there twice.
inline std::map<std::string, double> by_name(const Collected& collected) {
  std::map<std::string, double> result;
  for (const protocol::Sample& sample : collected.samples) {
    const std::string name =
        sample.instance.empty() ? sample.metric : sample.metric + "{" + sample.instance + "}";
    EXPECT_TRUE(result.emplace(name, sample.value).second) << name << " is there twice";
  }
  return result;
}

/// What one tick of a collector adds.
inline Collected tick(Collector& collector, std::chrono::steady_clock::time_point now) {
  Collected collected;
  collector.collect(now, collected);
  return collected;
}

using Values = std::map<std::string, double>;

}  // namespace hostwatch::agent::test
