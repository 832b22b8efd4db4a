#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// What a series was in the last `over` seconds, in slots that are aligned to the readings' time: the same
/// readings give the same value, whenever it began. Readings must come in order of time. Not thread-safe.
class Window {
 public:
  /// `kind`: mean, minimum, maximum or increase. `over`: seconds, kWindowSlots at least.
  Window(ValueKind kind, std::int64_t over);

  /// The value with this reading; NaN while less than half of the window is known.
  double add(std::int64_t at, double value);

  void clear();

 private:
  struct Slot {
    std::int64_t number = INT64_MIN;  ///< of the time since 1970 in slots
    double value = 0;                 ///< sum, least, greatest, or what it grew by
    std::uint32_t count = 0;
  };
  double value_at(std::int64_t newest) const;

  std::array<Slot, kWindowSlots> slots_;
  double previous_ = 0;  ///< of a counter
  std::int64_t previous_at_ = INT64_MIN;
  std::int64_t over_;
  ValueKind kind_;
};

/// When a series reaches a bound, by its trend: the slope (Theil and Sen: the median of the slopes between
/// every two) of the means of kTrendSlots slots, as a whole and in its last quarter. Reckoned when a slot is
/// complete. Not thread-safe.
///
/// H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950; P. K. Sen,
/// "Estimates of the regression coefficient based on Kendall's tau", 1968.
class Trend {
 public:
  /// `over`: seconds, kTrendSlots at least.
  Trend(double bound, std::int64_t over);

  /// Seconds until the bound is reached by both trends, the later of the two; +infinity if they do not lead
  /// there; NaN while less than 80 % of the slots are known. 0: it is there.
  double add(std::int64_t at, double value);

  void clear();

 private:
  struct Slot {
    std::int64_t number = INT64_MIN;
    double sum = 0;
    std::uint32_t count = 0;
  };
  void reckon(std::int64_t current);
  double slope(std::int64_t current, std::int64_t slots) const;

  std::array<Slot, kTrendSlots + 1> slots_;  ///< and the one that is under way
  std::int64_t reckoned_for_ = INT64_MIN;
  double slope_ = 0;  ///< a second; the one that reaches the bound later
  bool leads_there_ = false;
  bool is_known_ = false;
  double bound_;
  std::int64_t width_;  ///< seconds of a slot
};

}  // namespace hostwatch::alerts
