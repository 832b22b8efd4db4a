#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reading.h"

namespace hostwatch::agent {

/// Where a host's values are read: its own, or those of a host that is mounted into a container.
struct Roots {
  std::string proc = "/proc";  ///< --proc-root
  std::string rootfs = "/";    ///< --rootfs
};

/// What one tick of all collectors found. A value that a host does not have, or that needs an earlier tick, is left
/// out; that is not an error.
struct Collected {
  std::optional<double> cpu;   ///< percent
  std::optional<double> ram;   ///< percent
  std::optional<double> disk;  ///< percent, of the root file system
  std::vector<protocol::Sample> samples;

  /// Adds a sample rounded to the catalogue's decimals.
  void add(std::string_view metric, std::string_view instance, double value);
};

/// A source exists but could not be read or understood. Says what, where and why.
class CollectorError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One source of values. Not thread-safe; collect() is called once a tick.
class Collector {
 public:
  virtual ~Collector() = default;

  /// For the log: "cpu", "network".
  virtual std::string_view name() const = 0;

  /// Adds this source's values. `now` is monotonic: rates are over the time since the call before, and are left out
  /// of the first. A source that the host does not have adds nothing. Throws CollectorError.
  virtual void collect(std::chrono::steady_clock::time_point now, Collected& into) = 0;
};

/// Every collector that Hostwatch has.
std::vector<std::unique_ptr<Collector>> make_collectors(const Roots& roots);

/// Runs collectors so that one that fails does not silence the others: its failure is logged when it begins and when
/// it ends, not every tick. Not thread-safe.
class CollectorSet {
 public:
  explicit CollectorSet(std::vector<std::unique_ptr<Collector>> collectors);
  Collected collect(std::chrono::steady_clock::time_point now);

 private:
  struct Entry {
    std::unique_ptr<Collector> collector;
    bool failing = false;
  };
  std::vector<Entry> entries_;
};

}  // namespace hostwatch::agent
