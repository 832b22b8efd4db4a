#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/tag.h"
#include "server/alerts/rules/rule.h"
#include "server/alerts/trial/trial_series.h"

namespace hostwatch::alerts {

// Tests of rules, as people write them (docs/alerts.md, "Testing rules"). Times are seconds since the test's
// beginning.

struct TrialHost {
  std::string name;
  protocol::Tags tags;
  std::vector<TrialSeries> series;
};

/// Readings that arrive later than they are taken.
struct TrialDelay {
  std::string host;
  std::int64_t from = 0;  ///< those taken from then
  std::int64_t to = 0;    ///< to before then
  std::int64_t arrives = 0;
};

/// A host's clock is another from then on.
struct TrialClockStep {
  std::string host;
  std::int64_t at = 0;
  std::int64_t by = 0;  ///< seconds that it is ahead, or behind
};

/// An alarm that must be found; what is nothing may be anything.
struct TrialExpectation {
  std::string rule;
  std::string host;
  std::string instance;
  std::optional<std::string> severity;  ///< the highest
  std::optional<std::int64_t> fired;
  bool is_open = false;  ///< it must not have ended
  std::optional<std::int64_t> ended;
  std::optional<std::int64_t> messages;  ///< that told of it
  std::optional<bool> late;
  std::int64_t within = 0;  ///< seconds that times may be off
};

struct Trial {
  std::string name;
  std::int64_t interval = 10;
  std::vector<TrialHost> hosts;
  std::vector<TrialDelay> delays;
  std::vector<TrialClockStep> clock_steps;
  std::vector<std::int64_t> restarts;
  std::int64_t afterwards = 0;  ///< the test goes on for so long when the series are over
  std::vector<TrialExpectation> expected;
  bool expects_no_other = true;
};

struct TrialFile {
  std::string rules;               ///< a folder or file, from where the test file is; empty: see the others
  bool shipped = false;            ///< the rules that come with the program
  std::vector<Rule> inline_rules;  ///< those that stand in the test file itself
  std::vector<Trial> trials;
};

/// What is wrong with a test file.
struct TrialFault {
  std::size_t line = 1;
  std::string text;
};

/// Reads a file of tests; comments are passed over, what is not of it is refused by name. Pure.
std::variant<TrialFile, TrialFault> read_trial_file(std::string_view text);

}  // namespace hostwatch::alerts
