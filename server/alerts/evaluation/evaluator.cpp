// Readings to transitions. What is compared with what: evaluator_plans.cpp.
#include "server/alerts/evaluation/evaluator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hostwatch::alerts {
namespace {

constexpr std::int64_t kLeastStep = 30;
constexpr std::int64_t kLongestInterval = 86400;
/// A series that is not measured for so long, or for so many steps, is missing.
constexpr std::int64_t kMissingAfter = 600;
constexpr std::int64_t kMissingSteps = 2;  ///< of the longest step, which is three intervals
/// What is missing for so long is over.
constexpr std::int64_t kOverAfter = 86400;
constexpr std::int64_t kLookForMissing = 60;
/// So many firings within an hour are one alarm that flaps, until it has been quiet for a while.
constexpr std::int64_t kFlappingWithin = 3600;
constexpr std::int64_t kQuietAfterFlapping = 1800;

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

void count(std::int64_t& chain, bool goes_on, std::int64_t covered, std::int64_t most) {
  chain = !goes_on ? Standing::kNone : chain == Standing::kNone ? 0 : std::min(chain + covered, most);
}

}  // namespace

/// `passed`: seconds since the reading before. Gives the longest step that counts.
std::int64_t Evaluator::note_step(std::int64_t passed, std::int64_t interval) {
  const std::int64_t longest_step =
      std::max(kLeastStep, 3 * std::min(interval != 0 ? interval : last_step_, kLongestInterval));
  stale_after_ = std::max(kMissingAfter, kMissingSteps * longest_step);
  last_step_ = passed;
  covered_ += std::min(passed, longest_step);
  return longest_step;
}

/// `visit(instance)` for each instance of which something is measured.
template <typename Visit>
void Evaluator::measure_all(const ReadingView& reading, const Visit& visit) {
  const std::vector<Step>& steps = plan_for(reading.layout).steps;
  for (std::size_t i = 0; i < steps.size();) {
    const std::uint32_t instance = steps[i].instance;
    bool is_measured = false;
    for (; i < steps.size() && steps[i].instance == instance; ++i) {
      is_measured = measure(steps[i], reading) || is_measured;
    }
    if (is_measured) visit(instance);
  }
}

void Evaluator::evaluate(const ReadingView& reading, std::int64_t interval, TransitionSink& sink) {
  const bool is_first = previous_ == INT64_MIN;
  const std::int64_t passed = is_first ? 0 : std::max<std::int64_t>(reading.at - previous_, 0);
  const std::int64_t longest_step = note_step(passed, interval);
  measure_all(reading, [&](std::uint32_t number) { advance(number, reading.at, longest_step, sink); });
  // By the readings' time, so that it is the same whenever evaluation began.
  const bool looks = is_first || reading.at / kLookForMissing != previous_ / kLookForMissing;
  previous_ = reading.at;
  if (looks) look_for_missing(reading.at, sink);
}

void Evaluator::prime(const ReadingView& reading, std::int64_t interval) {
  const bool is_first = primed_ == INT64_MIN || reading.at <= primed_;
  const std::int64_t longest_step = note_step(is_first ? 0 : reading.at - primed_, interval);
  measure_all(reading, [&](std::uint32_t number) {
    Instance& instance = instances_[number];
    cover(instance, longest_step);
    if (instance.standing != nullptr) catch_up(instance, reading.at);
  });
  primed_ = reading.at;
  previous_ = std::max(previous_, reading.at);
}

/// Besides windows: what is missing must have been measured before, and sources that are read less often than
/// the others have steps of their own.
std::int64_t Evaluator::history(std::int64_t interval) const {
  const std::int64_t longest_step =
      std::max(kLeastStep, 3 * std::min(std::max(interval, last_step_), kLongestInterval));
  const std::int64_t stale_after = std::max(kMissingAfter, kMissingSteps * longest_step);
  return std::max(rules_->longest_window(), 2 * stale_after);
}

bool Evaluator::measure(const Step& step, const ReadingView& reading) {
  const auto value_at = [&](std::uint32_t position) {
    return position < 3 ? reading.basic[position] : reading.values[position - 3];
  };
  double value = value_at(step.position);
  if (step.is_percentage) {
    const double whole = value_at(step.whole);
    value = whole > 0 ? value / whole * 100 : kNotKnown;
  }
  if (std::isnan(value)) return false;
  const Instance& instance = instances_[step.instance];
  const CompiledCondition& condition = (*rules_)[instance.rule].conditions[step.condition];
  ConditionState& state = conditions_[instance.first_condition + step.condition];
  const bool is_first = state.measured == INT64_MIN;
  state.measured = reading.at;
  if (condition.is_rebooted) {
    state.fires = !is_first && value < state.value ? 3 : 0;
    state.clears = state.fires == 0 ? 3 : 0;
    state.value = value;
    return true;
  }
  state.value = derived(condition, state, reading.at, value);
  const Comparison comparison = condition.compare(state.value);
  state.fires = static_cast<std::uint8_t>((comparison.fires[0] ? 1 : 0) | (comparison.fires[1] ? 2 : 0));
  state.clears = static_cast<std::uint8_t>((comparison.clears[0] ? 1 : 0) | (comparison.clears[1] ? 2 : 0));
  return true;
}

double Evaluator::derived(const CompiledCondition& condition, ConditionState& state, std::int64_t at,
                          double value) {
  if (state.window == 0) return value;
  if (condition.source.value.kind == ValueKind::time_until) return trends_[state.window - 1].add(at, value);
  return windows_[state.window - 1].add(at, value);
}

/// A rule holds where all of its conditions do; it is over where one of them is beyond its limit. What was
/// not measured of late does neither.
Evaluator::Judgement Evaluator::judge(const Instance& instance, std::int64_t at) const {
  const std::size_t size = (*rules_)[instance.rule].conditions.size();
  unsigned fires = 3;
  unsigned clears = 0;
  Judgement judgement;
  for (std::size_t i = 0; i < size; ++i) {
    const ConditionState& state = conditions_[instance.first_condition + i];
    if (state.measured == INT64_MIN || at - state.measured > stale_after_) {
      fires = 0;
      judgement.is_stale = true;
      continue;
    }
    fires &= state.fires;
    clears |= state.clears;
  }
  const bool has_high = (*rules_)[instance.rule].levels.size() > 1;
  judgement.fires = {fires != 0, has_high && (fires & 2U) != 0};
  judgement.clears = {(clears & 1U) != 0, has_high && (clears & 2U) != 0};
  return judgement;
}

/// A standing that was restored is as it was when it was stored last: since then it was measured.
void Evaluator::catch_up(const Instance& instance, std::int64_t at) const {
  Standing& standing = *instance.standing;
  if (at <= standing.measured) return;
  standing.measured = at;
  standing.value = conditions_[instance.first_condition].value;
  if (standing.phase == Phase::pending) return;
  const Condition& first = (*rules_)[instance.rule].conditions.front().source;
  standing.worst = first.direction == Direction::above ? std::max(standing.worst, standing.value)
                                                       : std::min(standing.worst, standing.value);
}

/// The covered time since the instance was measured last. Sources that are read less often than the host's
/// others have steps of their own.
std::int64_t Evaluator::cover(Instance& instance, std::int64_t longest_step) const {
  const std::int64_t step = instance.covered == kNever ? 0 : covered_ - instance.covered;
  const std::int64_t covered = std::min(step, std::max(longest_step, 3 * instance.step));
  instance.step = step;
  instance.covered = covered_;
  return covered;
}

void Evaluator::advance(std::uint32_t number, std::int64_t at, std::int64_t longest_step,
                        TransitionSink& sink) {
  Instance& instance = instances_[number];
  const std::int64_t covered = cover(instance, longest_step);
  const Judgement now = judge(instance, at);
  if (instance.standing == nullptr) {
    if (!now.fires[0]) return;
    instance.standing = std::make_unique<Standing>();
    instance.standing->since = at;
    open_.push_back(number);
  }
  Standing& standing = *instance.standing;
  standing.value = conditions_[instance.first_condition].value;
  standing.measured = at;
  const std::int64_t before[] = {standing.held, standing.held_high, standing.cleared, standing.cleared_high};
  const Rule& rule = (*rules_)[instance.rule].rule;
  const std::int64_t quiet =
      standing.is_flapping ? std::max(rule.clear_hold, kQuietAfterFlapping) : rule.clear_hold;
  count(standing.held, now.fires[0], covered, rule.hold);
  count(standing.held_high, now.fires[1], covered, rule.hold);
  count(standing.cleared, now.clears[0], covered, quiet);
  count(standing.cleared_high, now.clears[1], covered, rule.clear_hold);
  const std::int64_t after[] = {standing.held, standing.held_high, standing.cleared, standing.cleared_high};
  if (!std::equal(std::begin(before), std::end(before), std::begin(after))) standing.is_unsaved = true;
  if (standing.phase == Phase::pending) {
    step_pending(number, now, at, sink);
  } else {
    step_firing(number, now, at, sink);
  }
}

void Evaluator::step_pending(std::uint32_t number, const Judgement& now, std::int64_t at,
                             TransitionSink& sink) {
  const Instance& instance = instances_[number];
  const Standing& standing = *instance.standing;
  if (!now.fires[0]) return close(number);
  const std::int64_t hold = (*rules_)[instance.rule].rule.hold;
  if (standing.held_high >= hold) return fire(number, 1, at, sink);
  if (standing.held >= hold) fire(number, 0, at, sink);
}

void Evaluator::fire(std::uint32_t number, std::uint8_t level, std::int64_t at, TransitionSink& sink) {
  const Instance& instance = instances_[number];
  const CompiledRule& rule = (*rules_)[instance.rule];
  Standing& standing = *instance.standing;
  standing.phase = Phase::firing;
  standing.level = level;
  standing.worst = standing.value;
  standing.is_unsaved = true;
  auto& firings = firings_.try_emplace(number, std::array<std::int64_t, 4>{}).first->second;
  std::rotate(firings.begin(), firings.begin() + 1, firings.end());
  firings.back() = at;
  sink.note({Change::fired, rule, instance.name, standing, at, {}});
  if (firings.front() != 0 && at - firings.front() <= kFlappingWithin) {
    standing.is_flapping = true;
    sink.note({Change::flapping, rule, instance.name, standing, at, {}});
  }
}

void Evaluator::step_firing(std::uint32_t number, const Judgement& now, std::int64_t at,
                            TransitionSink& sink) {
  const Instance& instance = instances_[number];
  const CompiledRule& rule = (*rules_)[instance.rule];
  Standing& standing = *instance.standing;
  const auto note = [&](Change change, std::string_view reason = {}) {
    standing.is_unsaved = true;
    sink.note({change, rule, instance.name, standing, at, reason});
  };
  if (standing.unknown_since != 0 && !now.is_stale) {
    standing.unknown_since = 0;
    note(Change::known);
  }
  const bool is_above = rule.conditions.front().source.direction == Direction::above;
  standing.worst =
      is_above ? std::max(standing.worst, standing.value) : std::min(standing.worst, standing.value);
  const std::int64_t quiet = standing.is_flapping ? kQuietAfterFlapping : 0;
  if (standing.cleared != Standing::kNone && standing.cleared >= std::max(rule.rule.clear_hold, quiet)) {
    note(Change::ended, kCleared);
    return close(number);
  }
  if (standing.level == 0 && now.fires[1] && standing.held_high >= rule.rule.hold) {
    standing.level = 1;
    note(Change::raised);
  } else if (standing.level == 1 && standing.cleared_high != Standing::kNone &&
             standing.cleared_high >= rule.rule.clear_hold) {
    standing.level = 0;
    note(Change::lowered);
  }
  const Phase phase = standing.cleared == Standing::kNone ? Phase::firing : Phase::clearing;
  if (phase != standing.phase) standing.is_unsaved = true;
  standing.phase = phase;
}

void Evaluator::close(std::uint32_t number) {
  Instance& instance = instances_[number];
  closed_.push_back({(*rules_)[instance.rule].rule.id, instance.name});
  instance.standing.reset();
  std::erase(open_, number);
}

bool Evaluator::is_open(const Key& key) const {
  return std::any_of(open_.begin(), open_.end(), [&](std::uint32_t number) {
    const Instance& one = instances_[number];
    return one.name == key.instance && (*rules_)[one.rule].rule.id == key.rule;
  });
}

std::int64_t Evaluator::last_measured(const Instance& instance) const {
  std::int64_t oldest = INT64_MAX;
  const std::size_t size = (*rules_)[instance.rule].conditions.size();
  for (std::size_t i = 0; i < size; ++i) {
    oldest = std::min(oldest, conditions_[instance.first_condition + i].measured);
  }
  return oldest;
}

/// Of what its host sends no more though it sends: see Missing.
void Evaluator::look_for_missing(std::int64_t at, TransitionSink& sink) {
  const std::vector<std::uint32_t> open = open_;
  for (const std::uint32_t number : open) {
    const Instance& instance = instances_[number];
    const CompiledRule& rule = (*rules_)[instance.rule];
    Standing& standing = *instance.standing;
    const std::int64_t missing = at - standing.measured;
    if (missing <= stale_after_) continue;
    standing.is_unsaved = true;
    if (standing.phase == Phase::pending) {
      close(number);
    } else if (rule.rule.missing == Missing::end ||
               (rule.rule.missing == Missing::hold && missing > kOverAfter)) {
      sink.note({Change::ended, rule, instance.name, standing, at, kNotMeasured});
      close(number);
    } else if (standing.unknown_since == 0) {
      standing.unknown_since = standing.measured;
      sink.note({Change::unknown, rule, instance.name, standing, at, {}});
    }
  }
  for (std::uint32_t number = 0; number < instances_.size(); ++number) {
    Instance& instance = instances_[number];
    if (instance.standing != nullptr || (*rules_)[instance.rule].rule.missing != Missing::fire) continue;
    const std::int64_t measured = last_measured(instance);
    if (measured == INT64_MIN || at - measured <= stale_after_) continue;
    instance.standing = std::make_unique<Standing>();
    open_.push_back(number);
    instance.standing->since = measured;
    instance.standing->measured = measured;
    instance.standing->unknown_since = measured;
    instance.standing->value = conditions_[instance.first_condition].value;
    fire(number, 0, at, sink);
  }
}

}  // namespace hostwatch::alerts
