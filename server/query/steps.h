#pragma once

#include <cstdint>
#include <string>

namespace hostwatch::query {

/// The smallest round step (1, 2, 5, 10, 15, 30 s, 1, 2, 5 min, …) that is not shorter than `seconds`; beyond
/// a year whole days. At least 1.
std::int64_t round_step_from(std::int64_t seconds);

/// The smallest round step at which `span` seconds make at most `points` buckets, counting that a range may
/// begin and end inside one. At least 1.
std::int64_t round_step(std::int64_t span, std::int64_t points);

/// The beginning of the bucket of `step` seconds (at least 1) that `time` lies in.
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  const std::int64_t remainder = time % step;
  return time - (remainder < 0 ? remainder + step : remainder);
}

/// The coarsest roll-ups that a step can be made of, as storage::ReadRequest::resolution has them.
std::int64_t resolution_for(std::int64_t step);

/// Averages have more digits than readings; one more than the readings' own is all that means something. Of
/// metrics outside the catalogue all digits are kept.
double round_average(const std::string& metric, double average);

}  // namespace hostwatch::query
