#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "agent/collectors/collector.h"
#include "tests/support/file_tree.h"

namespace hostwatch::agent::test {

/// A folder of its own for one test, laid out like a host's root.
class TempTree : public hostwatch::test::FileTree {
 public:
  /// Copies a folder of fixtures/ over this tree.
  void lay_out(const std::string& fixture) const {
    copy(std::filesystem::path(HOSTWATCH_FIXTURES) / fixture);
  }

  /// This tree as a host: its proc under proc/.
  Roots roots() const { return {path("proc"), path()}; }
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
