#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// Reads one of a rule's conditions, which stands at `path`. Throws MemberFault.
Condition read_condition(const nlohmann::json& value, const std::string& path);

/// The condition as read_condition() reads it, with all limits written out.
nlohmann::ordered_json condition_json(const Condition& condition);

}  // namespace hostwatch::alerts
