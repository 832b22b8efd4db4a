#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hostwatch::storage {

// Alarms as the store keeps them (docs/storage.md). Times are Unix seconds; 0: not yet. What texts mean is
// server/alerts' business; here they are data.

/// A rule of the page or of the files, as JSON.
struct RuleRow {
  std::string id;
  std::int64_t revision = 1;
  std::string source;  ///< "page", "file", "shipped"
  std::string definition;
  std::int64_t changed = 0;
  std::string changed_by;

  friend bool operator==(const RuleRow&, const RuleRow&) = default;
};

/// Where one rule stands for one instance of one host; there is a row only where that is not ok.
struct AlarmStateRow {
  std::string rule;
  std::string host;
  std::string instance;
  std::string state;              ///< "pending", "firing", "clearing"
  std::string severity;           ///< of the alarm; of a pending one: the lowest
  std::int64_t since = 0;         ///< time of the reading with which it began
  std::int64_t held = 0;          ///< seconds of covered time at the lower severity's limits
  std::int64_t held_high = 0;     ///< at the higher one's
  std::int64_t cleared = 0;       ///< beyond what ends it
  std::int64_t cleared_high = 0;  ///< beyond what ends the higher severity
  std::int64_t alarm = 0;         ///< its alarm; 0: none yet
  std::int64_t measured = 0;      ///< the last reading that had its series
  double value = 0;               ///< of its first condition, at that reading

  friend bool operator==(const AlarmStateRow&, const AlarmStateRow&) = default;
};

/// One alarm, from firing to its end.
struct AlarmRow {
  std::int64_t id = 0;
  std::string rule;
  std::string host;  ///< empty: of the server itself
  std::string instance;
  std::string severity;      ///< as it is now; of an ended one: the highest it had
  std::string highest;       ///< the highest it had
  std::int64_t started = 0;  ///< time of the first reading that breached
  std::int64_t fired = 0;    ///< of the reading that fulfilled `for`
  std::int64_t ended = 0;    ///< of the reading that ended it; 0: open
  std::string end_reason;    ///< "cleared", "no longer measured", "rule removed", ...; empty: open
  double value_fired = 0;
  double value_worst = 0;
  std::optional<double> value_ended;
  double limit = 0;   ///< of the first condition, that it went beyond
  bool late = false;  ///< found in a backlog: nobody was told at the time
  bool flapping = false;
  std::string ack_by;
  std::int64_t ack_until = 0;  ///< 0: until it ends
  std::string ack_note;

  friend bool operator==(const AlarmRow&, const AlarmRow&) = default;
};

/// What happened to an alarm, in order.
struct AlarmEventRow {
  std::int64_t alarm = 0;
  std::int64_t at = 0;       ///< the reading's time
  std::int64_t decided = 0;  ///< the server's clock
  std::string kind;  ///< "fired", "raised", "lowered", "ended", "acknowledged", "silenced", "told", ...
  std::optional<double> value;
  std::string detail;  ///< text for people

  friend bool operator==(const AlarmEventRow&, const AlarmEventRow&) = default;
};

/// What a channel was told last of an alarm.
struct AlarmToldRow {
  std::int64_t alarm = 0;
  std::string channel;
  std::string state;  ///< "warning", "critical", "ended", "flapping"
  std::int64_t at = 0;
  std::string delivery;  ///< id of the message

  friend bool operator==(const AlarmToldRow&, const AlarmToldRow&) = default;
};

/// A message to a channel.
struct DeliveryRow {
  std::string id;  ///< 32 hexadecimal digits, for ever the message's
  std::string channel;
  std::string body;  ///< JSON of what is told, not rendered
  std::int64_t created = 0;
  std::int64_t due = 0;
  std::int64_t attempts = 0;
  std::string state;        ///< "waiting", "sent", "dead", "merged"
  std::int64_t status = 0;  ///< HTTP's or SMTP's, of the last attempt; 0: there was none
  std::string error;

  friend bool operator==(const DeliveryRow&, const DeliveryRow&) = default;
};

/// A silence, as JSON.
struct SilenceRow {
  std::int64_t id = 0;
  std::string definition;
  std::string author;
  std::int64_t created = 0;
  std::int64_t until = 0;

  friend bool operator==(const SilenceRow&, const SilenceRow&) = default;
};

/// What is to be written together; in this order.
struct AlertChanges {
  std::vector<RuleRow> rules;                 ///< as they are from now on
  std::vector<std::string> removed_rules;     ///< ids
  std::vector<AlarmRow> alarms;               ///< new ones and changed ones
  std::vector<AlarmStateRow> states;          ///< as they are from now on
  std::vector<AlarmStateRow> removed_states;  ///< of them the key alone counts
  std::vector<AlarmEventRow> events;
  std::vector<AlarmToldRow> told;
  std::vector<DeliveryRow> deliveries;  ///< new ones and changed ones
  std::vector<SilenceRow> silences;
  std::vector<std::int64_t> removed_silences;
  std::optional<std::string> routes;          ///< JSON
  std::int64_t forget_alarms_before = 0;      ///< ended ones, with all that belongs to them
  std::int64_t forget_deliveries_before = 0;  ///< that wait for nothing any more

  bool empty() const;
  void clear() { *this = AlertChanges(); }
};

/// Which alarms are asked for; what is empty asks for nothing.
struct AlarmQuery {
  bool open = true;
  bool ended = true;
  std::vector<std::string> hosts;
  std::vector<std::string> rules;
  std::string severity;   ///< the highest that they had
  std::int64_t from = 0;  ///< they were open at some time between these
  std::int64_t to = INT64_MAX;
  std::int64_t limit = 1000;  ///< the newest ones
};

/// Which messages are asked for; what is empty asks for nothing.
struct DeliveryQuery {
  std::string id;
  std::string channel;
  std::string state;
  std::int64_t limit = 1000;  ///< the newest ones
};

/// One alarm with all that belongs to it.
struct AlarmStory {
  AlarmRow alarm;
  std::vector<AlarmEventRow> events;
  std::vector<AlarmToldRow> told;
  std::vector<DeliveryRow> deliveries;  ///< that told of it
};

/// What the evaluation stands on after a start.
struct AlertState {
  std::vector<RuleRow> rules;
  std::vector<AlarmStateRow> states;
  std::vector<AlarmRow> open_alarms;
  std::vector<AlarmToldRow> told;    ///< of open alarms
  std::vector<DeliveryRow> waiting;  ///< oldest first
  std::vector<SilenceRow> silences;
  std::string routes;           ///< JSON; empty: none
  std::int64_t last_alarm = 0;  ///< greatest id that was given
  std::int64_t last_silence = 0;
};

}  // namespace hostwatch::storage
