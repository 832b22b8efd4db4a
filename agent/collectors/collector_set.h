#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/collectors/collector.h"

namespace hostwatch::agent {

/// A collector and what it is called in the log and as an instance of agent_collector_*.
struct NamedCollector {
  std::string_view name;  ///< must outlive the collector
  std::unique_ptr<Collector> collector;
};

/// Runs collectors so that one that fails does not silence the others: its failure is logged when it begins
/// and when it ends, not every tick. From its first failure on, a collector has agent_collector_failing: 1 or
/// 0. Not thread-safe.
class CollectorSet {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `clock` measures how long each collector takes, for agent_collector_seconds; null: that is not measured.
  explicit CollectorSet(std::vector<NamedCollector> collectors, std::function<Time()> clock = nullptr);

  Collected collect(Time now);

  /// True if destroying this set would block, perhaps for ever: see Collector::has_stuck_worker(). A program
  /// that must end asks this when its sampling has stopped and all else is flushed, and then leaves by
  /// std::_Exit() instead of destroying the set.
  bool has_stuck_worker() const;

 private:
  struct Entry {
    NamedCollector named;
    bool failing = false;
    bool has_failed = false;
    std::chrono::duration<double> took{};
  };

  static void run(Entry& entry, Time now, Collected& into);
  void add_own_values(Collected& into) const;

  const std::function<Time()> clock_;
  std::vector<Entry> entries_;
  std::size_t expected_samples_ = 0;
  bool too_many_ = false;
};

}  // namespace hostwatch::agent
