#include "server/alerts/evaluation/compiled_rule.h"

#include <algorithm>
#include <utility>

#include "protocol/catalogue.h"

namespace hostwatch::alerts {
namespace {

/// Of what is so or not: 1 or 0.
constexpr Limit kSoOrNot{.fire = 0.5, .clear = 0.5};

bool is_so_or_not(std::string_view metric) {
  return metric == kHostSilent || metric == kHostRebooted || metric == kHostNameConflict ||
         metric == kManySilent || metric == kStoreFailing;
}

/// That of the severity, else of the next lower one, else of the next higher one.
Limit limit_for(const Condition& condition, Severity severity) {
  const auto wanted = static_cast<std::size_t>(severity);
  for (std::size_t i = wanted + 1; i-- > 0;) {
    if (condition.limits[i]) return *condition.limits[i];
  }
  for (std::size_t i = wanted + 1; i < kSeverities; ++i) {
    if (condition.limits[i]) return *condition.limits[i];
  }
  return kSoOrNot;
}

bool has_instance_label(std::string_view metric) {
  const protocol::MetricDefinition* const known = protocol::find_metric(metric);
  return known != nullptr && !known->instance_label.empty();
}

}  // namespace

Comparison CompiledCondition::compare(double value) const {
  Comparison comparison;
  for (std::size_t level = 0; level < limits.size(); ++level) {
    const bool is_above = source.direction == Direction::above;
    comparison.fires[level] = is_above ? value > limits[level].fire : value < limits[level].fire;
    comparison.clears[level] = is_above ? value <= limits[level].clear : value >= limits[level].clear;
  }
  return comparison;
}

SharedRule compile(Rule rule) {
  auto compiled = std::make_shared<CompiledRule>();
  compiled->levels = rule.severities();
  for (const Condition& condition : rule.when) {
    CompiledCondition one;
    one.source = condition;
    one.is_rebooted = condition.metric == kHostRebooted;
    one.has_limits = !is_so_or_not(condition.metric);
    if (one.is_rebooted) one.source.metric = "uptime_seconds";
    for (std::size_t level = 0; level < one.limits.size(); ++level) {
      const Severity severity = compiled->levels[std::min(level, compiled->levels.size() - 1)];
      one.limits[level] = is_so_or_not(condition.metric) ? kSoOrNot : limit_for(condition, severity);
    }
    if (is_so_or_not(condition.metric)) one.source.direction = Direction::above;
    compiled->has_instances = compiled->has_instances || has_instance_label(condition.metric);
    compiled->conditions.push_back(std::move(one));
  }
  compiled->rule = std::move(rule);
  return compiled;
}

RuleList::RuleList(std::vector<SharedRule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const CompiledRule& rule = *rules_[i];
    for (std::size_t c = 0; c < rule.conditions.size(); ++c) {
      const Use use{static_cast<std::uint32_t>(i), static_cast<std::uint8_t>(c)};
      const ConditionValue& value = rule.conditions[c].source.value;
      uses_[rule.conditions[c].source.metric].push_back(use);
      // The oldest slot as a whole; and of a counter what it was before the oldest.
      const std::int64_t before = value.kind == ValueKind::increase ? value.over : value.over / 12;
      longest_window_ = std::max(longest_window_, value.over + before);
    }
  }
}

const std::vector<RuleList::Use>* RuleList::uses_of(std::string_view metric) const {
  const auto found = uses_.find(metric);
  return found == uses_.end() ? nullptr : &found->second;
}

std::vector<std::string> RuleList::metrics() const {
  std::vector<std::string> metrics;
  for (const SharedRule& rule : rules_) {
    for (const CompiledCondition& condition : rule->conditions) {
      metrics.push_back(condition.source.metric);
      if (!condition.source.value.percent_of.empty()) metrics.push_back(condition.source.value.percent_of);
    }
  }
  std::sort(metrics.begin(), metrics.end());
  metrics.erase(std::unique(metrics.begin(), metrics.end()), metrics.end());
  return metrics;
}

}  // namespace hostwatch::alerts
