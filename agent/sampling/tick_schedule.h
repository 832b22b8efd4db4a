#pragma once

#include <chrono>

namespace hostwatch::agent {

/// When to sample: at `first`, and from there at whole intervals. The ticks are computed from `first` and not
/// from each other, so lateness never adds up; ticks that were missed (a busy or suspended machine) are
/// skipped.
class TickSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `interval` must be positive.
  TickSchedule(Time first, std::chrono::steady_clock::duration interval)
      : first_(first), interval_(interval) {}

  /// The earliest tick after `now`; `first` itself while it lies ahead.
  Time next_after(Time now) const {
    if (now < first_) return first_;
    return first_ + ((now - first_) / interval_ + 1) * interval_;
  }

 private:
  Time first_;
  std::chrono::steady_clock::duration interval_;
};

}  // namespace hostwatch::agent
