#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "protocol/catalogue.h"
#include "server/alerts/rules/json_members.h"
#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// Reads `above` or `below`, of which there must be one, into the condition, whose metric and value are known
/// already. What is left out of `clear`: 2 points from a percentage's limit, 3 % from any other, at most half
/// of the way to where the metric's range ends. Throws MemberFault.
void read_limits(JsonMembers& members, Condition& condition);

/// All limits by severity, each with `fire` and `clear`.
nlohmann::ordered_json limits_json(const Condition& condition);

/// A number, or a text with a unit. Throws MemberFault.
double read_quantity(const nlohmann::json& value, const std::string& path,
                     std::optional<protocol::Unit> unit);

/// As read_quantity() reads it: "20GiB", "5m", 90.
nlohmann::ordered_json quantity_json(double value, std::optional<protocol::Unit> unit);

}  // namespace hostwatch::alerts
