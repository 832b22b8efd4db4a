#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/catalogue.h"
#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// What a rule has to know of a metric or a signal: of the catalogue, or one's own.
struct RuleMetric {
  std::optional<protocol::Unit> unit;  ///< nothing: a metric of one's own, whose unit nobody knows
  double minimum = -protocol::kCustomMaximum;
  double maximum = protocol::kCustomMaximum;
  int decimals = protocol::kCustomDecimals;
  std::string_view instance_label;  ///< empty: it has none, or they are not known
  bool known = false;               ///< of the catalogue, or a signal
  bool signal = false;
  bool yes_or_no = false;  ///< a signal without limits
  bool of_server = false;  ///< a signal about the server itself, not about a host
};

/// Pure.
RuleMetric rule_metric(std::string_view name);

/// What the condition compares with its limits: the metric, or what its `value` makes of it (an increase, a
/// time, a percentage). Pure.
RuleMetric compared(const Condition& condition);

/// What a signal without limits has for one: it is 1 while it is so, else 0.
inline constexpr Limit kSignalLimit{0.5, 0.25};

/// The name of the catalogue that is written most alike, for a metric that is not there; empty: none is.
std::string_view alike_metric(std::string_view name);

}  // namespace hostwatch::alerts
