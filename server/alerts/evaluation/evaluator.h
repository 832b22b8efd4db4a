#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/layout.h"
#include "server/alerts/evaluation/compiled_rule.h"
#include "server/alerts/evaluation/standing.h"
#include "server/alerts/evaluation/window.h"

namespace hostwatch::alerts {

/// A reading as it is evaluated. A value that is no number was not measured.
struct ReadingView {
  std::int64_t at = 0;  ///< Unix seconds
  protocol::SharedLayout layout;
  std::array<double, 3> basic{};        ///< cpu, ram, disk
  std::span<const double> values = {};  ///< as many as the layout has series
};

/// How the rules of one host stand for each of its instances; or of the server itself, with signals for
/// readings. Readings come in order of time. The same readings give the same transitions, however they come.
/// Which value is compared with what is worked out once for each layout, so that no name is looked at
/// again. Not thread-safe.
///
/// `for` counts covered time: between two readings in a row what has passed between them, at most three
/// intervals or 30 s, so that neither a gap nor a step of the clock fulfils it.
class Evaluator {
 public:
  /// Instances of a host that are watched; of further ones nothing is known.
  static constexpr std::size_t kMostInstances = 2000;
  static constexpr std::size_t kMostPlans = 4;

  explicit Evaluator(SharedRules rules) : rules_(std::move(rules)) {}

  /// One reading, newer than those before. `interval`: seconds between readings as the host says; 0: it does
  /// not, then the last step is taken for it.
  void evaluate(const ReadingView& reading, std::int64_t interval, TransitionSink& sink);

  /// The same for what is known already (after a start, or for new rules), in order of time: values, windows
  /// and steps are as if it had been evaluated, and nothing else happens.
  void prime(const ReadingView& reading, std::int64_t interval);
  /// Seconds of history before the last reading that prime() is to be given.
  std::int64_t history(std::int64_t interval) const;

  /// Other rules from now on. Of those that are the same text, or hold under the same id, instances that are
  /// not ok stay as they are. Those whose rule is gone are given to `gone`, once each.
  using Gone = std::function<void(const CompiledRule&, std::string_view instance, const Standing&)>;
  void set_rules(SharedRules rules, const Gone& gone);
  const RuleList& rules() const { return *rules_; }
  const SharedRules& shared_rules() const { return rules_; }

  /// What is not ok, as the store has it. What is of no rule here is passed over: false.
  bool restore(std::string_view rule, std::string_view instance, Standing standing);
  /// That it fired at that time, for telling whether it flaps.
  void restore_firing(std::string_view rule, std::string_view instance, std::int64_t at);

  /// Instances that are not ok.
  struct Open {
    const CompiledRule& rule;
    std::string_view instance;
    Standing& standing;
  };
  template <typename Visit>
  void for_each_open(const Visit& visit) {
    for (const std::uint32_t number : open_) {
      Instance& one = instances_[number];
      visit(Open{(*rules_)[one.rule], one.name, *one.standing});
    }
  }
  bool has_open() const { return !open_.empty(); }

  /// Those that were open, and are ok again without a row: pending ones.
  struct Key {
    std::string rule;
    std::string instance;
  };
  /// True if it is not ok (again).
  bool is_open(const Key& key) const;
  std::vector<Key> take_closed() { return std::exchange(closed_, {}); }

  /// The time of the last reading before the next one: what has passed since then is covered time, too.
  void set_previous(std::int64_t at);

  /// Windows begin anew: the clock was put back.
  void forget_windows();

  std::size_t instances() const { return instances_.size(); }
  std::size_t windows() const { return windows_.size() + trends_.size(); }
  /// What is known already waits for prime(): the rules are new.
  bool wants_history() const { return wants_history_; }
  void set_has_history() { wants_history_ = false; }

 private:
  static constexpr std::int64_t kNever = -1;

  struct Instance {
    std::uint32_t rule = 0;
    std::uint32_t first_condition = 0;   ///< in conditions_
    std::int64_t step = 0;               ///< covered time between its last two readings
    std::int64_t covered = kNever;       ///< covered_ at its last reading
    std::unique_ptr<Standing> standing;  ///< null: ok
    std::string name;
  };
  struct ConditionState {
    std::int64_t measured = INT64_MIN;
    double value = 0;          ///< that is compared
    std::uint32_t window = 0;  ///< in windows_ or trends_, from 1 on; 0: it has none
    std::uint8_t fires = 0;    ///< a bit a level
    std::uint8_t clears = 0;
  };
  /// Where the value of a condition stands in the readings of a layout.
  struct Step {
    std::uint32_t instance = 0;
    std::uint32_t position = 0;  ///< 0 to 2: basic; from 3 on: values
    std::uint32_t whole = 0;     ///< of the metric that it is a percentage of
    std::uint8_t condition = 0;
    bool is_percentage = false;
  };
  struct Plan {
    protocol::SharedLayout layout;
    std::vector<Step> steps;  ///< by instance
  };

  const Plan& plan_for(const protocol::SharedLayout& layout);
  Plan make_plan(const protocol::SharedLayout& layout);
  class Index;
  void find_instances(const protocol::Layout& layout, Index& index);
  void find_instance_of(const protocol::Layout::Series& series, RuleList::Use use, Index& index);
  void add_steps(std::uint32_t number, const Index& index, std::vector<Step>& steps) const;
  void add_instance(std::uint32_t rule, std::string_view name);
  std::optional<std::uint32_t> find_instance(std::string_view rule, std::string_view name);
  void add_conditions(const CompiledRule& rule);
  std::int64_t note_step(std::int64_t passed, std::int64_t interval);
  std::int64_t cover(Instance& instance, std::int64_t longest_step) const;
  void catch_up(const Instance& instance, std::int64_t at) const;
  template <typename Visit>
  void measure_all(const ReadingView& reading, const Visit& visit);
  bool measure(const Step& step, const ReadingView& reading);
  double derived(const CompiledCondition& condition, ConditionState& state, std::int64_t at, double value);

  struct Judgement {
    std::array<bool, 2> fires{};
    std::array<bool, 2> clears{};
    bool is_stale = false;
  };
  Judgement judge(const Instance& instance, std::int64_t at) const;
  void advance(std::uint32_t number, std::int64_t at, std::int64_t longest_step, TransitionSink& sink);
  void step_pending(std::uint32_t number, const Judgement& now, std::int64_t at, TransitionSink& sink);
  void step_firing(std::uint32_t number, const Judgement& now, std::int64_t at, TransitionSink& sink);
  void fire(std::uint32_t number, std::uint8_t level, std::int64_t at, TransitionSink& sink);
  void close(std::uint32_t number);
  void look_for_missing(std::int64_t at, TransitionSink& sink);
  std::int64_t last_measured(const Instance& instance) const;

  SharedRules rules_;
  std::vector<Instance> instances_;
  std::vector<ConditionState> conditions_;
  std::vector<Window> windows_;
  std::vector<Trend> trends_;
  std::vector<Plan> plans_;  ///< the last used first
  std::vector<std::uint32_t> open_;
  std::vector<Key> closed_;
  std::map<std::uint32_t, std::array<std::int64_t, 4>> firings_;  ///< the last four of an instance
  std::int64_t previous_ = INT64_MIN;                             ///< time of the last reading
  std::int64_t last_step_ = 0;                                    ///< between the last two
  std::int64_t covered_ = 0;                                      ///< covered time since it began
  std::int64_t stale_after_ = 600;                                ///< seconds
  std::int64_t primed_ = INT64_MIN;                               ///< time of the last one of prime()
  bool wants_history_ = true;
};

}  // namespace hostwatch::alerts
