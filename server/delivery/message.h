#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::delivery {

/// What one alarm did, as channels tell it. Texts come from hosts and people: they are data everywhere.
struct AlarmNotice {
  std::int64_t id = 0;
  std::string event;  ///< "fired", "raised", "repeat", "ended", "flapping", "test"
  std::string rule;
  std::string name;      ///< of the rule
  std::string severity;  ///< "warning", "critical", "info"
  std::string host;      ///< empty: the server itself
  std::string instance;
  std::map<std::string, std::string> tags;
  std::string metric;
  double value = 0;
  double limit = 0;  ///< not finite: there is none, as with a host that is silent; nor is the value told then
  std::string unit;  ///< as the catalogue says it; empty: none
  std::int64_t started = 0;
  std::int64_t fired = 0;
  std::optional<std::int64_t> ended;
  std::string end_reason;
  std::optional<double> end_value;
  bool late = false;
  std::int64_t repeat = 0;  ///< how often it was told again
  std::string help;         ///< placeholders replaced
  std::string runbook;
  std::string note;  ///< "silenced until now", "while away: 2 alarms, over"

  friend bool operator==(const AlarmNotice&, const AlarmNotice&) = default;
};

/// A message for one channel: the alarms that are told together. `id` is the same at each attempt.
struct Message {
  std::string id;  ///< 32 hexadecimal digits
  std::string channel;
  std::int64_t created = 0;
  std::int64_t due = 0;       ///< not before, Unix seconds
  std::int64_t attempts = 0;  ///< that were made
  std::vector<AlarmNotice> alarms;
  std::size_t left_out = 0;  ///< further alarms that are not listed (digest)

  friend bool operator==(const Message&, const Message&) = default;
};

/// A message as the JSON that the store keeps: all but `due` and `attempts`, which change and have columns of
/// their own. Bytes that are not UTF-8 become U+FFFD. Pure.
std::string message_body(const Message& message);

/// The message again, due when it was created and not attempted; nothing for what is none. Fields that a
/// newer version may have are passed over. Pure.
std::optional<Message> message_from_body(std::string_view body);

}  // namespace hostwatch::delivery
