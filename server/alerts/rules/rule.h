#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/alerts/rules/severity.h"

namespace hostwatch::alerts {

/// When a severity begins and when it is over; never equal, so that a value that swings at the limit is one
/// alarm.
struct Limit {
  double fire = 0;
  double clear = 0;

  friend bool operator==(const Limit&, const Limit&) = default;
};

enum class Direction : std::uint8_t { above, below };

/// What of a series is compared with the limits.
enum class ValueKind : std::uint8_t {
  last,       ///< the reading's own value
  mean,       ///< of the last `over` seconds, in kWindowSlots slots that are aligned to the readings' time
  minimum,    ///< likewise
  maximum,    ///< likewise
  increase,   ///< of a counter over `over` seconds; one that starts anew counts from 0
  time_until  ///< seconds until the series reaches `bound`, by its trend over `over` seconds
};

/// Slots of a window, and of one of time_until.
inline constexpr std::size_t kWindowSlots = 12;
inline constexpr std::size_t kTrendSlots = 24;

struct ConditionValue {
  ValueKind kind = ValueKind::last;
  std::int64_t over = 0;  ///< seconds, 60 to 86400; 0 for last
  double bound = 0;       ///< of time_until
  std::string percent_of =
      {};  ///< a metric: the value is a percentage of that one's, of the same instance or host

  friend bool operator==(const ConditionValue&, const ConditionValue&) = default;
};

/// One of a rule's conditions. All of a rule must hold for the same instance; one on a metric without
/// instances holds for all of a host's.
struct Condition {
  std::string metric;                    ///< of the catalogue, or one's own, or a signal (is_signal())
  std::string instance = "*";            ///< a pattern, see matches_pattern()
  std::vector<std::string> except = {};  ///< patterns of instances that do not count
  ConditionValue value = {};
  Direction direction = Direction::above;
  /// By severity. A severity that a condition has no limit for takes that of its next lower one, else of its
  /// next higher one.
  std::array<std::optional<Limit>, kSeverities> limits = {};

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// What a series that is not measured any more means.
enum class Missing : std::uint8_t { hold, end, fire };

/// Which hosts a rule is about; what is empty asks for nothing.
struct HostSelector {
  std::map<std::string, std::vector<std::string>> tags = {};  ///< of each key one of the values
  std::vector<std::string> names = {};                        ///< patterns: one must match
  std::vector<std::string> except = {};                       ///< patterns: none may match

  friend bool operator==(const HostSelector&, const HostSelector&) = default;
};

/// Where a rule comes from. Those of files are read-only for everybody else.
enum class RuleSource : std::uint8_t { page, file, shipped };

/// A rule as it is written (docs/alerts.md). Texts are data: placeholders are replaced when they are told.
struct Rule {
  std::string id;            ///< [a-z0-9-]{1,63}, for ever
  std::string name;          ///< for people; empty: the id
  std::string help = {};     ///< what to do
  std::string runbook = {};  ///< an address
  HostSelector hosts = {};
  std::vector<Condition> when = {};  ///< 1 to 4
  std::int64_t hold = 120;           ///< "for": seconds of covered time until it fires
  std::int64_t clear_hold = 120;     ///< "clear_for"
  Missing missing = Missing::hold;
  std::vector<std::string> notify = {};     ///< channels; empty: by routes
  std::optional<std::int64_t> repeat = {};  ///< seconds; nothing: by severity; 0: never
  bool enabled = true;

  /// The severities that it has limits for, ascending: one or two.
  std::vector<Severity> severities() const;

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// A rule and what is known of it.
struct RuleEntry {
  Rule rule;
  RuleSource source = RuleSource::page;
  std::int64_t revision = 1;  ///< grows with each change
  std::int64_t changed = 0;   ///< Unix seconds
  std::string changed_by = {};
};

/// "host_silent" and the like: what the server itself knows of a host, or of itself, instead of a metric.
bool is_signal(std::string_view metric);

// The signals.
inline constexpr std::string_view kHostSilent = "host_silent";               ///< no limits: it is so or not
inline constexpr std::string_view kHostRebooted = "host_rebooted";           ///< no limits
inline constexpr std::string_view kHostNameConflict = "host_name_conflict";  ///< no limits
inline constexpr std::string_view kHostClockSkew = "host_clock_skew";        ///< seconds, either way
inline constexpr std::string_view kManySilent = "server_hosts_silent";       ///< no limits: many at once
inline constexpr std::string_view kStoreFailing = "server_store_failing";    ///< no limits
inline constexpr std::string_view kDatabaseFree = "server_database_free_bytes";
inline constexpr std::string_view kDatabaseFreePercent = "server_database_free_percent";
inline constexpr std::string_view kDeadLetters = "server_dead_letters";

/// `*` stands for any number of characters, everything else for itself. Linear in the text but for the number
/// of stars. Pure.
bool matches_pattern(std::string_view pattern, std::string_view text);

/// True if the rule is about that host. Pure.
bool selects(const HostSelector& selector, std::string_view hostname,
             const std::map<std::string, std::string>& tags);

}  // namespace hostwatch::alerts
