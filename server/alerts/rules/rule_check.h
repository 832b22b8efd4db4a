#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

struct CheckedHost {
  std::string name;
  std::map<std::string, std::string> tags;
};

/// What rules are checked against; what is nothing is not known, and not checked.
struct CheckAgainst {
  std::optional<std::vector<CheckedHost>> hosts = {};
  std::optional<std::vector<std::string>> channels = {};  ///< by name
  std::int64_t interval = 10;                             ///< seconds between readings
};

/// What is odd about a rule that is not wrong: one that can never fire, is about no host, names what nobody
/// knows. Each a sentence that says what to do; none: nothing is. Pure.
std::vector<std::string> check_rule(const Rule& rule, const CheckAgainst& against);

}  // namespace hostwatch::alerts
