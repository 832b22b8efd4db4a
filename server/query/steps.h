#pragma once

#include <cstdint>
#include <string>

namespace hostwatch::query {

/// The smallest round step (1, 2, 5, 10, 15, 30 s, 1, 2, 5 min, …) that is not shorter than `seconds`; beyond
/// a year whole days. At least 1.
std::int64_t round_step_from(std::int64_t seconds);

/// The smallest round step, at least `least`, at which the times from `from` to `to` lie in at most `points`
/// buckets. From two buckets on it goes by their distance alone: it counts that a range may begin and end
/// inside a bucket, so that it does not change as time goes on. For one bucket the step grows until both lie
/// in the same one, beyond a year by doubling. `points`: at least 1.
std::int64_t round_step(std::int64_t from, std::int64_t to, std::int64_t points, std::int64_t least = 1);

/// The beginning of the bucket of `step` seconds (at least 1) that `time` lies in.
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  const std::int64_t remainder = time % step;
  return time - (remainder < 0 ? remainder + step : remainder);
}

/// What is read of a range; the times are inclusive.
struct ReadRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t resolution = 0;  ///< as storage::ReadRequest's
};

/// What a step is made of: of whole hours where it is a multiple of one, else of whole minutes. Those count
/// that begin in the range, with all their readings, whether roll-ups stand for them already or not; where
/// none begins in it, and for other steps, the readings of the range.
ReadRange read_range(std::int64_t step, std::int64_t from, std::int64_t to);

/// Averages have more digits than readings; one more than the readings' own is all that means something. Of
/// metrics outside the catalogue all digits are kept.
double round_average(const std::string& metric, double average);

}  // namespace hostwatch::query
