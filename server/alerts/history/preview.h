#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/alerts/history/host_replay.h"
#include "server/alerts/rules/rule.h"
#include "server/query/answer_budget.h"
#include "server/storage/store.h"

namespace hostwatch::alerts {

/// What a rule would have done.
struct PreviewRequest {
  Rule rule;                  ///< as parse_rule() gives it
  std::int64_t from = 0;      ///< alarms that fired from here
  std::int64_t to = 0;        ///< to here, Unix seconds, both inclusive; not later than the present
  std::string hostname = {};  ///< of the hosts that the rule selects this one alone; empty: all
  bool with_variants = true;  ///< what_if is wanted
};

struct Preview {
  struct Noisy {
    std::string host;
    std::uint64_t fired = 0;
  };
  struct WhatIf {
    std::string change;
    std::uint64_t fired = 0;
  };
  std::uint64_t fired = 0;
  std::uint64_t hosts = 0;  ///< that some of them are of
  std::uint64_t told = 0;   ///< messages to one channel, see ToldEstimate
  std::uint64_t night = 0;  ///< fired from 22:00 to 6:00, by the server's time zone
  /// What live evaluation would have raised on the same readings, had they come in order. False where
  /// roll-ups served, and for what the history does not tell exactly (signals).
  bool exact = true;
  bool partial = false;  ///< not every host was looked at: it took too long
  std::uint64_t examined_hosts = 0;
  std::vector<FoundAlarm> alarms;  ///< the newest kMostAlarms, newest first
  std::vector<Noisy> noisiest;     ///< the five hosts with most
  std::vector<WhatIf> what_if;
};

inline constexpr std::size_t kMostPreviewAlarms = 1000;

/// More hosts than this are previewed by minutes, if the rule's `for` is a minute at least.
inline constexpr std::size_t kMostHostsByReadings = 50;

/// Evaluates stored readings as they are evaluated when they come, from long enough before `from` that
/// windows are full and what is held has been. Ends with what it has (`partial`) after three quarters of the
/// budget's time. Throws query::AnswerUnwanted, StoreError.
Preview preview(const storage::Store& store, const PreviewRequest& request, query::AnswerBudget& budget);

}  // namespace hostwatch::alerts
