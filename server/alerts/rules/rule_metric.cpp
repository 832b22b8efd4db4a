#include "server/alerts/rules/rule_metric.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace hostwatch::alerts {
namespace {

using protocol::Unit;

struct Signal {
  std::string_view name;
  Unit unit = Unit::count;
  bool yes_or_no = false;
  bool of_server = false;
};

constexpr auto kSignalFacts = std::to_array<Signal>({
    {.name = kHostSilent, .yes_or_no = true},
    {.name = kHostRebooted, .yes_or_no = true},
    {.name = kHostNameConflict, .yes_or_no = true},
    {.name = kHostClockSkew, .unit = Unit::seconds},
    {.name = kManySilent, .yes_or_no = true, .of_server = true},
    {.name = kStoreFailing, .yes_or_no = true, .of_server = true},
    {.name = kDatabaseFree, .unit = Unit::bytes, .of_server = true},
    {.name = kDatabaseFreePercent, .unit = Unit::percent, .of_server = true},
    {.name = kDeadLetters, .of_server = true},
});

/// Characters to insert, leave out or change to make one of the other.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

RuleMetric rule_metric(std::string_view name) {
  RuleMetric result;
  for (const Signal& signal : kSignalFacts) {
    if (signal.name != name) continue;
    result.unit = signal.unit;
    result.minimum = 0;
    result.maximum = signal.unit == Unit::percent ? 100
                     : signal.yes_or_no           ? 1
                                                  : protocol::MetricDefinition::kHuge;
    result.decimals = 1;
    result.known = result.signal = true;
    result.yes_or_no = signal.yes_or_no;
    result.of_server = signal.of_server;
    return result;
  }
  if (const protocol::MetricDefinition* row = protocol::find_metric(name)) {
    result.unit = row->unit;
    result.minimum = row->minimum;
    result.maximum = row->maximum;
    result.decimals = row->decimals;
    result.instance_label = row->instance_label;
    result.known = true;
  }
  return result;
}

RuleMetric compared(const Condition& condition) {
  RuleMetric result = rule_metric(condition.metric);
  if (!condition.value.percent_of.empty()) {
    result.unit = Unit::percent;
    result.maximum = protocol::MetricDefinition::kHuge;
    result.decimals = 1;
  } else if (condition.value.kind == ValueKind::increase) {
    result.minimum = 0;  // a counter only grows
    if (result.known) result.maximum = protocol::MetricDefinition::kHuge;
  } else if (condition.value.kind == ValueKind::time_until) {
    result.unit = Unit::seconds;
    result.minimum = 0;
    result.maximum = protocol::MetricDefinition::kHuge;
    result.decimals = 0;
  }
  return result;
}

std::string_view alike_metric(std::string_view name) {
  constexpr std::size_t kMostEdits = 3;
  std::string_view best;
  std::size_t least = std::min(kMostEdits, name.size() / 3) + 1;
  const auto consider = [&](std::string_view candidate) {
    const std::size_t edits = edits_between(name, candidate);
    if (edits < least) least = edits, best = candidate;
  };
  for (const protocol::MetricDefinition& metric : protocol::catalogue()) consider(metric.name);
  for (const Signal& signal : kSignalFacts) consider(signal.name);
  return best;
}

}  // namespace hostwatch::alerts
