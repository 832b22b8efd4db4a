#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/alerts/evaluation/evaluator.h"
#include "server/alerts/rules/severity.h"

namespace hostwatch::alerts {

/// An alarm that history would have raised. Times are the readings'.
struct FoundAlarm {
  std::string rule;
  std::string host;
  std::string instance;
  Severity severity = Severity::warning;  ///< the highest that it had
  std::int64_t started = 0;
  std::int64_t fired = 0;
  std::int64_t raised = 0;  ///< to its highest severity; 0: it began with that
  std::int64_t ended = 0;   ///< 0: it is open
  std::string end_reason;   ///< empty: it is open
  double value_fired = 0;
  double value_worst = 0;
};

/// Transitions to alarms, of one host and one list of rules. Not thread-safe.
class AlarmCollector : public TransitionSink {
 public:
  /// Alarms that fired before `from` are passed over. `most`: alarms that are kept; the others are counted.
  AlarmCollector(std::string_view host, std::int64_t from, std::size_t most)
      : host_(host), from_(from), most_(most) {}

  void note(const Transition& transition) override;
  /// An alarm that is open when the history ends.
  void note_open(const Standing& standing);

  std::uint64_t fired() const { return fired_; }
  const std::vector<FoundAlarm>& alarms() const { return alarms_; }

 private:
  FoundAlarm* find(const Standing& standing);

  std::string host_;
  std::int64_t from_;
  std::size_t most_;
  std::uint64_t fired_ = 0;
  std::vector<FoundAlarm> alarms_;
};

/// The history of one host, evaluated with one list of rules. Not thread-safe.
class HostReplay {
 public:
  HostReplay(const SharedRules& rules, std::string_view host, std::int64_t from, std::size_t most)
      : evaluator_(rules), collector_(host, from, most) {}

  /// Readings in order of time. `interval`: as Evaluator::evaluate().
  void take(const ReadingView& reading, std::int64_t interval) {
    evaluator_.evaluate(reading, interval, collector_);
  }

  /// No more come.
  const AlarmCollector& finish();

 private:
  Evaluator evaluator_;
  AlarmCollector collector_;
};

}  // namespace hostwatch::alerts
