#include "server/alerts/history/what_if.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

constexpr std::int64_t kFiveMinutes = 300;
constexpr std::int64_t kLongestHold = 86400;

RuleVariant with_hold(const Rule& rule, std::int64_t hold) {
  RuleVariant variant{"for " + (hold == 0 ? std::string("0") : format_duration(hold)), rule};
  variant.rule.hold = hold;
  return variant;
}

/// Twice as far from where it fires, within the range of what is compared. Nothing: it has no limits, or is
/// there already.
std::optional<RuleVariant> clearing_further(const Rule& rule) {
  RuleVariant variant{{}, rule};
  for (Condition& condition : variant.rule.when) {
    const RuleMetric metric = compared(condition);
    if (metric.yes_or_no) return std::nullopt;
    for (std::optional<Limit>& limit : condition.limits) {
      if (!limit) continue;
      const double further = std::clamp(2 * limit->clear - limit->fire, metric.minimum, metric.maximum);
      if (further == limit->clear || !std::isfinite(further)) continue;
      limit->clear = further;
      if (variant.change.empty()) variant.change = "clear " + shown_quantity(further, metric.unit);
    }
  }
  if (variant.change.empty()) return std::nullopt;
  return variant;
}

}  // namespace

std::vector<RuleVariant> variants_of(const Rule& rule) {
  std::vector<RuleVariant> variants;
  variants.push_back(
      with_hold(rule, rule.hold < kFiveMinutes ? kFiveMinutes : std::min(2 * rule.hold, kLongestHold)));
  if (auto further = clearing_further(rule)) variants.push_back(std::move(*further));
  if (rule.hold != 0) variants.push_back(with_hold(rule, 0));
  return variants;
}

}  // namespace hostwatch::alerts
