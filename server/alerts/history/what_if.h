#pragma once

#include <string>
#include <vector>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// A rule with something else than it has.
struct RuleVariant {
  std::string change;  ///< for people: "for 5m", "clear 84 %"
  Rule rule;
};

/// What one would try next: a longer `for`, none, and to clear further away. Pure.
std::vector<RuleVariant> variants_of(const Rule& rule);

}  // namespace hostwatch::alerts
