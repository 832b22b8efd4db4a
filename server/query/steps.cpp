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

std::int64_t round_step(std::int64_t span, std::int64_t points) {
  // A range that begins inside a bucket touches one bucket more than it is long.
  const std::int64_t whole = std::max<std::int64_t>(points - 1, 1);
  return round_step_from(std::max<std::int64_t>((span + whole - 1) / whole, 1));
}

std::int64_t resolution_for(std::int64_t step) {
  if (step != 0 && step % storage::kHour == 0) return storage::kHour;
  return step != 0 && step % storage::kMinute == 0 ? storage::kMinute : 0;
}

double round_average(const std::string& metric, double average) {
  const auto* known = protocol::find_metric(metric);
  return known != nullptr ? protocol::round_to(average, std::min(known->decimals + 1, 6)) : average;
}

}  // namespace hostwatch::query
