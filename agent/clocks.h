#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "agent/sampling/reading_clock.h"

namespace hostwatch::agent {

/// The clocks that an agent reads; parameters so that a test can set them. Called from several threads.
struct Clocks {
  std::function<std::int64_t()> unix_seconds;  ///< wall clock
  /// Unlike the steady clock it goes on while the machine sleeps, as the server's does.
  std::function<ReadingClock::Time()> boot_time;
  std::function<std::chrono::steady_clock::time_point()> steady;  ///< measures how long things take
};

/// Those of this machine.
Clocks system_clocks();

}  // namespace hostwatch::agent
