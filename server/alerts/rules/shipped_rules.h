#pragma once

#include <string_view>
#include <vector>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// The rules that a server has from the first minute on, as a file of rules, with comments.
std::string_view shipped_rules_text();

/// The same, read.
std::vector<Rule> shipped_rules();

}  // namespace hostwatch::alerts
