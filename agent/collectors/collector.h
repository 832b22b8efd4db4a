#pragma once

#include <chrono>
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
  std::string sys = {};        ///< --sys-root; empty: "sys" below rootfs
};

/// What one tick of all collectors found. A value that a host does not have, or that needs an earlier tick,
/// is left out; that is not an error.
struct Collected {
  std::optional<double> cpu;   ///< percent
  std::optional<double> ram;   ///< percent
  std::optional<double> disk;  ///< percent, of the root file system
  std::vector<protocol::Sample> samples;

  /// Adds a sample rounded to the catalogue's decimals. A value that is not finite or outside the metric's
  /// range is left out: the server would refuse the whole reading for it.
  void add(std::string_view metric, std::string_view instance, double value);

  /// Leaves at most `most` samples, as a reading may hold no more: of the metrics with the most instances the
  /// last instances go first, so that a machine of 1,000 cores loses cores and not its load. Returns how many
  /// went.
  std::size_t limit_samples(std::size_t most);
};

/// A source exists but could not be read or understood. Says what, where and why.
class CollectorError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One source of values; its name is in the registry (registry.h). Not thread-safe; collect() is called once
/// a tick.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Adds this source's values. `now` is monotonic: rates are over the time since the call before, and are
  /// left out of the first. A source that the host does not have adds nothing. Throws CollectorError.
  virtual void collect(std::chrono::steady_clock::time_point now, Collected& into) = 0;

  /// True while a thread of this collector waits in the kernel for something that does not answer (a dead
  /// network mount): destroying the collector would wait with it.
  virtual bool has_stuck_worker() const { return false; }
};

}  // namespace hostwatch::agent
