#include "server/query/steps.h"

#include <algorithm>
#include <array>

#include "protocol/catalogue.h"
#include "server/storage/column.h"

namespace hostwatch::query {
namespace {

constexpr std::array<std::int64_t, 27> kRoundSteps{
    1,      2,      5,      10,      15,      30,      60,      120,      300,
    600,    900,    1800,   3600,    7200,    10800,   21600,   43200,    86400,
    172800, 345600, 604800, 1209600, 2592000, 5184000, 7776000, 15552000, 31536000};

}  // namespace

std::int64_t round_step_from(std::int64_t seconds) {
  const auto found = std::lower_bound(kRoundSteps.begin(), kRoundSteps.end(), seconds);
  return found != kRoundSteps.end() ? *found : (seconds + 86399) / 86400 * 86400;
}

std::int64_t round_step(std::int64_t from, std::int64_t to, std::int64_t points, std::int64_t least) {
  // A range that begins inside a bucket touches one bucket more than it is long.
  const std::int64_t whole = std::max<std::int64_t>(points - 1, 1);
  std::int64_t step = round_step_from(std::max({(to - from + whole - 1) / whole, least, std::int64_t{1}}));
  if (points > 1) return step;
  // All times until the year 9999 lie in its first bucket.
  constexpr std::int64_t kLongest = std::int64_t{1} << 38U;
  while (step < kLongest && floor_to(from, step) != floor_to(to, step)) {
    step = step < kRoundSteps.back() ? round_step_from(step + 1) : 2 * step;
  }
  return step;
}

ReadRange read_range(std::int64_t step, std::int64_t from, std::int64_t to) {
  for (const std::int64_t whole : {storage::kHour, storage::kMinute}) {
    if (step == 0 || step % whole != 0) continue;
    const std::int64_t first = floor_to(from + whole - 1, whole);
    const std::int64_t last = floor_to(to, whole);
    if (first <= last) return {first, last + whole - 1, whole};
  }
  return {from, to, 0};
}

double round_average(const std::string& metric, double average) {
  const auto* known = protocol::find_metric(metric);
  return known != nullptr ? protocol::round_to(average, std::min(known->decimals + 1, 6)) : average;
}

}  // namespace hostwatch::query
