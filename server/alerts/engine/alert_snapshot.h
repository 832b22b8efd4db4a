#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/alerts/engine/rule_book.h"
#include "server/alerts/telling/silence.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// An open alarm as it is just now.
struct OpenAlarm {
  storage::AlarmRow row;
  double value = 0;  ///< last measured
  bool is_clearing = false;
  bool is_settling = false;        ///< its host has just come back: told a little later
  std::int64_t unknown_since = 0;  ///< Unix seconds; not measured, or its host is silent, since; 0: it is
  std::vector<std::string> told;   ///< channels that were told of it
  std::optional<Silences::Hold> silenced;
};

/// What is on its way to an alarm.
struct PendingAlarm {
  std::string rule;
  std::string host;
  std::string instance;
  std::string severity;
  std::int64_t since = 0;
  std::int64_t held = 0;  ///< seconds of its rule's `for`
  double value = 0;
};

/// How many alarms are open, by severity.
struct AlarmCounts {
  std::uint32_t critical = 0;
  std::uint32_t warning = 0;
  std::uint32_t info = 0;

  friend bool operator==(const AlarmCounts&, const AlarmCounts&) = default;
};

/// What is counted since the start, and what is now.
struct AlertFigures {
  std::uint64_t instances = 0;
  std::uint64_t windows = 0;
  std::uint64_t evaluations = 0;  ///< readings that were evaluated
  double evaluation_seconds = 0;
  std::uint64_t transitions = 0;
  std::uint64_t late = 0;          ///< of these
  std::uint64_t dead_letters = 0;  ///< messages given up within a day
  std::uint64_t invalid_rules = 0;
  bool rules_reload_ok = true;
};

/// Alarms as any thread may look at them. Never changes; at most a second old.
struct AlertSnapshot {
  std::map<std::int64_t, OpenAlarm> open;
  std::vector<PendingAlarm> pending;
  std::map<std::string, AlarmCounts, std::less<>> by_host;  ///< those that have any
  AlarmCounts all;
  std::map<std::string, SharedEntry, std::less<>> rules;
  std::vector<std::string> rule_problems;
  AlertFigures figures;
};

using SharedSnapshot = std::shared_ptr<const AlertSnapshot>;

}  // namespace hostwatch::alerts
