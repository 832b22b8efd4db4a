#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "server/alerts/rules/rule_json.h"

namespace hostwatch::alerts::test {

/// The rule of that text, which must be one.
inline Rule good_rule(std::string_view text) {
  auto read = parse_rule(text);
  if (const auto* fault = std::get_if<std::string>(&read)) {
    ADD_FAILURE() << *fault << "\n" << text;
    return {};
  }
  return std::get<Rule>(std::move(read));
}

/// What is wrong with the rule of that text, which must be none.
inline std::string refused_rule(std::string_view text) {
  const auto read = parse_rule(text);
  const auto* fault = std::get_if<std::string>(&read);
  if (fault == nullptr) ADD_FAILURE() << "was taken: " << text;
  return fault == nullptr ? "" : *fault;
}

/// A rule of one condition.
inline std::string rule_with(std::string_view condition) {
  return R"({"id": "x", "when": [)" + std::string(condition) + "]}";
}

/// The first condition of a rule that has no other.
inline Condition good_condition(std::string_view condition) {
  const Rule rule = good_rule(rule_with(condition));
  return rule.when.empty() ? Condition() : rule.when.front();
}

inline std::string refused_condition(std::string_view condition) {
  return refused_rule(rule_with(condition));
}

inline Limit limit_of(const Condition& condition, Severity severity) {
  return condition.limits.at(static_cast<std::size_t>(severity)).value_or(Limit{});
}

}  // namespace hostwatch::alerts::test
