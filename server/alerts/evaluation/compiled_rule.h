#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/alerts/rules/rule.h"
#include "util/text/text_hash.h"

namespace hostwatch::alerts {

/// How a value stands to a condition's limits, by level (0: the lower severity of the rule, 1: the higher).
struct Comparison {
  std::array<bool, 2> fires{};
  std::array<bool, 2> clears{};
};

/// A condition with the limits that its rule's severities have for it.
struct CompiledCondition {
  Condition source;
  std::array<Limit, 2> limits;  ///< by level
  bool is_rebooted = false;  ///< kHostRebooted: the series is the host's uptime, and falling is what counts
  bool has_limits = true;    ///< false of what is so or not
  std::string_view metric() const { return source.metric; }

  /// A value that is no number fires nothing and clears nothing.
  Comparison compare(double value) const;
};

/// A rule as it is evaluated. Never changes.
struct CompiledRule {
  Rule rule;
  std::vector<Severity> levels;  ///< one or two, ascending
  std::vector<CompiledCondition> conditions;
  bool has_instances = false;  ///< some condition is on a metric that the catalogue gives instances

  std::uint8_t last_level() const { return levels.size() > 1 ? 1 : 0; }
};

using SharedRule = std::shared_ptr<const CompiledRule>;

/// `rule` must have been accepted by parse_rule(): one to four conditions, one or two severities.
SharedRule compile(Rule rule);

/// The rules that hold for one host, or several alike. Never changes.
class RuleList {
 public:
  struct Use {
    std::uint32_t rule = 0;
    std::uint8_t condition = 0;
  };

  explicit RuleList(std::vector<SharedRule> rules);

  const std::vector<SharedRule>& rules() const { return rules_; }
  const CompiledRule& operator[](std::size_t i) const { return *rules_[i]; }
  std::size_t size() const { return rules_.size(); }

  /// The conditions on a metric, or with it as what they are a percentage of.
  const std::vector<Use>* uses_of(std::string_view metric) const;

  /// Seconds of history that windows are filled from.
  std::int64_t longest_window() const { return longest_window_; }
  /// The metrics that conditions are about, each once.
  std::vector<std::string> metrics() const;

 private:
  std::vector<SharedRule> rules_;
  std::unordered_map<std::string, std::vector<Use>, util::TextHash, std::equal_to<>> uses_;
  std::int64_t longest_window_ = 0;
};

using SharedRules = std::shared_ptr<const RuleList>;

}  // namespace hostwatch::alerts
