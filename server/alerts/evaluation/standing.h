#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/alerts/evaluation/compiled_rule.h"

namespace hostwatch::alerts {

enum class Phase : std::uint8_t { pending, firing, clearing };

/// "pending", "firing", "clearing".
std::string_view to_string(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

/// Where a rule stands for an instance, where that is not ok. Chains are seconds of covered time; -1: the
/// last reading was not of the kind.
struct Standing {
  static constexpr std::int64_t kNone = -1;

  Phase phase = Phase::pending;
  std::uint8_t level = 0;  ///< of the rule's severities
  bool is_flapping = false;
  bool is_unsaved = true;             ///< not as its row in the store
  std::int64_t since = 0;             ///< time of the first reading at the limits
  std::int64_t held = kNone;          ///< at the lower severity's limits
  std::int64_t held_high = kNone;     ///< at the higher one's
  std::int64_t cleared = kNone;       ///< beyond what ends it
  std::int64_t cleared_high = kNone;  ///< beyond what ends the higher severity
  std::int64_t alarm = 0;             ///< its number; 0: it has none
  std::int64_t measured = 0;          ///< time of the last reading with all that it is about
  std::int64_t unknown_since = 0;     ///< it is not measured any more since; 0: it is
  double value = 0;                   ///< of the first condition, last
  double worst = 0;                   ///< while it fires
};

/// What a reading, or the lack of some, changed.
enum class Change : std::uint8_t {
  fired,
  raised,
  lowered,
  flapping,
  ended,
  unknown,  ///< not measured any more
  known     ///< measured again
};

struct Transition {
  Change change;
  const CompiledRule& rule;
  std::string_view instance;
  Standing& standing;
  std::int64_t at;          ///< the reading's time
  std::string_view reason;  ///< of an end: kCleared, kNotMeasured
};

inline constexpr std::string_view kCleared = "cleared";
inline constexpr std::string_view kNotMeasured = "no longer measured";

class TransitionSink {
 public:
  virtual ~TransitionSink() = default;
  /// `transition.standing` may be changed: its `alarm`. Of one that ended it is gone afterwards.
  virtual void note(const Transition& transition) = 0;
};

}  // namespace hostwatch::alerts
