// Which value of a layout is compared with what; instances; rules that change.
#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <unordered_map>

#include "server/alerts/evaluation/evaluator.h"

namespace hostwatch::alerts {
namespace {

constexpr std::array<std::string_view, 3> kBasic{"cpu", "ram", "disk"};

struct SeriesHash {
  std::size_t operator()(const protocol::Layout::Series& series) const {
    return std::hash<std::string_view>{}(series.metric) * 31 + std::hash<std::string_view>{}(series.instance);
  }
};

bool is_among(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, text); });
}

bool is_about(const Condition& condition, std::string_view instance) {
  return matches_pattern(condition.instance, instance) && !is_among(condition.except, instance);
}

}  // namespace

/// Names to numbers, while a plan is made.
class Evaluator::Index {
 public:
  Index(const protocol::Layout& layout, const std::vector<Instance>& instances) {
    for (std::uint32_t i = 0; i < kBasic.size(); ++i) positions_.emplace(Series{kBasic[i], {}}, i);
    for (std::uint32_t i = 0; i < layout.size(); ++i) positions_.emplace(layout[i], i + 3);
    for (const Instance& one : instances) known_[one.rule].emplace(one.name);
  }

  /// Where the metric is for the instance: as that instance's, else as the host's.
  std::optional<std::uint32_t> position(std::string_view metric, std::string_view instance) const {
    auto found = positions_.find(Series{metric, instance});
    if (found == positions_.end()) found = positions_.find(Series{metric, {}});
    if (found == positions_.end()) return std::nullopt;
    return found->second;
  }

  /// False if it was known already.
  bool learn(std::uint32_t rule, std::string_view instance) { return known_[rule].emplace(instance).second; }
  bool has_any(std::uint32_t rule) const {
    const auto found = known_.find(rule);
    return found != known_.end() && !found->second.empty();
  }

 private:
  using Series = protocol::Layout::Series;
  std::unordered_map<Series, std::uint32_t, SeriesHash> positions_;
  std::unordered_map<std::uint32_t, std::set<std::string, std::less<>>> known_;
};

const Evaluator::Plan& Evaluator::plan_for(const protocol::SharedLayout& layout) {
  auto found =
      std::find_if(plans_.begin(), plans_.end(), [&](const Plan& plan) { return plan.layout == layout; });
  if (found == plans_.end()) {
    found =
        std::find_if(plans_.begin(), plans_.end(), [&](const Plan& plan) { return *plan.layout == *layout; });
    if (found != plans_.end()) found->layout = layout;
  }
  if (found == plans_.end()) {
    Plan plan = make_plan(layout);  // may drop the others, which do not know of new instances
    if (plans_.size() == kMostPlans) plans_.pop_back();
    plans_.insert(plans_.begin(), std::move(plan));
  } else if (found != plans_.begin()) {
    std::rotate(plans_.begin(), found, std::next(found));
  }
  return plans_.front();
}

Evaluator::Plan Evaluator::make_plan(const protocol::SharedLayout& layout) {
  Index index(*layout, instances_);
  const std::size_t before = instances_.size();
  find_instances(*layout, index);
  if (instances_.size() != before) plans_.clear();
  Plan plan{layout, {}};
  for (std::uint32_t number = 0; number < instances_.size(); ++number) add_steps(number, index, plan.steps);
  plan.steps.shrink_to_fit();
  return plan;
}

void Evaluator::find_instances(const protocol::Layout& layout, Index& index) {
  const auto find_in = [&](const protocol::Layout::Series& series) {
    const std::vector<RuleList::Use>* const uses = rules_->uses_of(series.metric);
    if (uses == nullptr) return;
    for (const RuleList::Use use : *uses) find_instance_of(series, use, index);
  };
  // Those with instances first: a rule that has one has none without.
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (!layout[i].instance.empty()) find_in(layout[i]);
  }
  for (const std::string_view metric : kBasic) find_in({metric, {}});
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (layout[i].instance.empty()) find_in(layout[i]);
  }
}

void Evaluator::find_instance_of(const protocol::Layout::Series& series, RuleList::Use use, Index& index) {
  const CompiledRule& rule = (*rules_)[use.rule];
  const bool has_other_conditions = rule.conditions.size() > 1;
  if (!series.instance.empty()) {
    if (!is_about(rule.conditions[use.condition].source, series.instance)) return;
  } else if (has_other_conditions && (rule.has_instances || index.has_any(use.rule))) {
    return;  // it is joined to the instances of the others
  }
  if (instances_.size() < kMostInstances && index.learn(use.rule, series.instance)) {
    add_instance(use.rule, series.instance);
  }
}

void Evaluator::add_steps(std::uint32_t number, const Index& index, std::vector<Step>& steps) const {
  const Instance& instance = instances_[number];
  const CompiledRule& rule = (*rules_)[instance.rule];
  for (std::size_t c = 0; c < rule.conditions.size(); ++c) {
    const Condition& condition = rule.conditions[c].source;
    const auto position = index.position(condition.metric, instance.name);
    if (!position) continue;
    Step step{.instance = number, .position = *position, .condition = static_cast<std::uint8_t>(c)};
    if (!condition.value.percent_of.empty()) {
      const auto whole = index.position(condition.value.percent_of, instance.name);
      if (!whole) continue;
      step.whole = *whole;
      step.is_percentage = true;
    }
    steps.push_back(step);
  }
}

void Evaluator::add_instance(std::uint32_t rule, std::string_view name) {
  Instance instance;
  instance.rule = rule;
  instance.name = name;
  instance.first_condition = static_cast<std::uint32_t>(conditions_.size());
  add_conditions((*rules_)[rule]);
  instances_.push_back(std::move(instance));
}

void Evaluator::add_conditions(const CompiledRule& rule) {
  for (const CompiledCondition& condition : rule.conditions) {
    ConditionState state;
    const ConditionValue& value = condition.source.value;
    if (value.kind == ValueKind::time_until) {
      trends_.emplace_back(value.bound, value.over);
      state.window = static_cast<std::uint32_t>(trends_.size());
    } else if (value.kind != ValueKind::last) {
      windows_.emplace_back(value.kind, value.over);
      state.window = static_cast<std::uint32_t>(windows_.size());
    }
    conditions_.push_back(state);
  }
}

/// Everything is begun anew but for the instances that are not ok: those stay under their rule's id.
void Evaluator::set_rules(SharedRules rules, const Gone& gone) {
  struct Kept {
    std::uint32_t rule;
    std::string instance;
    std::unique_ptr<Standing> standing;
    std::optional<std::array<std::int64_t, 4>> firings;
  };
  std::vector<Kept> kept;
  for (const std::uint32_t number : open_) {
    Instance& one = instances_[number];
    const CompiledRule& old = (*rules_)[one.rule];
    const auto& all = rules->rules();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const SharedRule& r) { return r->rule.id == old.rule.id; });
    if (found == all.end()) {
      gone(old, one.name, *one.standing);
      closed_.push_back({old.rule.id, one.name});
      continue;
    }
    one.standing->level = std::min<std::uint8_t>(one.standing->level, (*found)->last_level());
    const auto firings = firings_.find(number);
    kept.push_back({static_cast<std::uint32_t>(found - all.begin()), std::move(one.name),
                    std::move(one.standing),
                    firings == firings_.end() ? std::nullopt : std::optional(firings->second)});
  }
  rules_ = std::move(rules);
  instances_.clear();
  conditions_.clear();
  windows_.clear();
  trends_.clear();
  plans_.clear();
  open_.clear();
  firings_.clear();
  for (Kept& one : kept) {
    const auto number = static_cast<std::uint32_t>(instances_.size());
    add_instance(one.rule, one.instance);
    instances_.back().standing = std::move(one.standing);
    open_.push_back(number);
    if (one.firings) firings_.emplace(number, *one.firings);
  }
  wants_history_ = true;
  primed_ = INT64_MIN;
}

std::optional<std::uint32_t> Evaluator::find_instance(std::string_view rule, std::string_view name) {
  for (std::uint32_t number = 0; number < instances_.size(); ++number) {
    const Instance& one = instances_[number];
    if (one.name == name && (*rules_)[one.rule].rule.id == rule) return number;
  }
  for (std::uint32_t i = 0; i < rules_->size(); ++i) {
    if ((*rules_)[i].rule.id != rule) continue;
    add_instance(i, name);
    plans_.clear();
    return static_cast<std::uint32_t>(instances_.size() - 1);
  }
  return std::nullopt;
}

bool Evaluator::restore(std::string_view rule, std::string_view instance, Standing standing) {
  const auto number = find_instance(rule, instance);
  if (!number) return false;
  Instance& one = instances_[*number];
  standing.level = std::min<std::uint8_t>(standing.level, (*rules_)[one.rule].last_level());
  standing.is_unsaved = false;
  // Without prime() what passes from now on counts.
  if (one.covered == kNever) one.covered = covered_;
  if (one.standing == nullptr) open_.push_back(*number);
  one.standing = std::make_unique<Standing>(standing);
  return true;
}

void Evaluator::restore_firing(std::string_view rule, std::string_view instance, std::int64_t at) {
  const auto number = find_instance(rule, instance);
  if (!number) return;
  auto& firings = firings_.try_emplace(*number, std::array<std::int64_t, 4>{}).first->second;
  if (at <= firings.front()) return;
  firings.front() = at;
  std::sort(firings.begin(), firings.end());
}

void Evaluator::set_previous(std::int64_t at) {
  previous_ = at;
}

void Evaluator::forget_windows() {
  for (Window& window : windows_) window.clear();
  for (Trend& trend : trends_) trend.clear();
  previous_ = INT64_MIN;
}

}  // namespace hostwatch::alerts
