#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "server/alerts/rules/rule.h"

namespace hostwatch::alerts {

/// What is wrong with a rule, and where: "when[0].above.warning.fire"; "" is the rule as a whole.
struct RuleFault {
  std::string path;
  std::string text;  ///< for people: what to do

  /// "when[0].above.warning.fire: must be ...".
  std::string line() const;
};

/// Reads a rule as docs/alerts.md has it; everything that is not of it is refused by name. Pure.
std::variant<Rule, RuleFault> read_rule(const nlohmann::json& value);

/// The same from JSON text, in which comments are passed over; the error as RuleFault::line(). Pure.
std::variant<Rule, std::string> parse_rule(std::string_view json_text);

/// The rule as parse_rule() reads it: what is as it would be anyhow is left out, all limits are written out.
/// Of a rule that was read: parse_rule() gives the same one again.
nlohmann::ordered_json rule_json(const Rule& rule);

/// That as one line of text.
std::string rule_text(const Rule& rule);

}  // namespace hostwatch::alerts
