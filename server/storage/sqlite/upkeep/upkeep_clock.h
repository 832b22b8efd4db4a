#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "server/storage/settled_clock.h"

namespace hostwatch::storage::sqlite {

/// The time that upkeep goes by: see SettledClock. For the writing thread.
class UpkeepClock {
 public:
  /// `steady_seconds`: seconds of a clock that nobody sets, from any beginning.
  explicit UpkeepClock(std::function<std::int64_t()> steady_seconds)
      : steady_seconds_(std::move(steady_seconds)) {}

  /// `now`: the wall clock, Unix seconds. True if the settled time has gone back.
  bool settle(std::int64_t now) {
    const std::int64_t before = now_;
    const std::int64_t steady = steady_seconds_();
    now_ = clock_.settle(now, steady);
    steady_ = steady;
    return now_ < before;
  }

  std::int64_t now() const { return now_; }        ///< settled, Unix seconds
  std::int64_t steady() const { return steady_; }  ///< the steady clock, when it was settled

 private:
  std::function<std::int64_t()> steady_seconds_;
  SettledClock clock_;
  std::int64_t now_ = 0;
  std::int64_t steady_ = 0;
};

}  // namespace hostwatch::storage::sqlite
