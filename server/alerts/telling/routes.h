#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/alerts/rules/rule.h"
#include "server/alerts/rules/severity.h"
#include "server/delivery/channel.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

using Tags = std::map<std::string, std::string>;

/// What telling must know of a channel.
struct TellingChannel {
  std::string name;
  delivery::ChannelKind kind = delivery::ChannelKind::webhook;
  bool is_default = true;
  bool enabled = true;

  friend bool operator==(const TellingChannel&, const TellingChannel&) = default;
};

/// Webhook, mail, ntfy and slack get messages; an alertmanager gets the state and a heartbeat no alarms.
bool gets_messages(delivery::ChannelKind kind);

/// Which alarms go to which channels; what is empty asks for nothing.
struct Route {
  Severity severity = Severity::warning;                      ///< the least
  std::map<std::string, std::vector<std::string>> tags = {};  ///< of each key one of the values
  std::vector<std::string> rules = {};                        ///< patterns: one must match
  std::vector<std::string> hosts = {};                        ///< likewise; the server's own alarms have ""
  std::vector<std::string> to = {};                           ///< names of channels, at least one
  std::int64_t after = 0;  ///< escalation: seconds that it must have been open without acknowledgement

  friend bool operator==(const Route&, const Route&) = default;
};

/// Reads [{"severity","tags","rules","hosts","to","after"}]; `after` in seconds or as "15m"; an empty text is
/// an empty list. Throws TellingError that names the field.
std::vector<Route> routes_from_json(std::string_view text);

/// As routes_from_json() reads it.
std::string routes_to_json(const std::vector<Route>& routes);

/// Names that routes send to and that are no channel's, for a warning.
std::vector<std::string> unknown_channels(std::span<const Route> routes,
                                          std::span<const TellingChannel> channels);

/// A channel that an alarm goes to, once it has been open and unacknowledged for `after` seconds.
struct Target {
  std::string channel;
  std::int64_t after = 0;

  friend bool operator==(const Target&, const Target&) = default;
};

/// Whom an alarm goes to as it is now, each channel once, in order, with the least `after` of all routes that
/// match. A rule's own `notify` stands before routes: then these do not count. Without any route: what is
/// warning or critical goes to every default channel. What is info goes to nobody. Channels that are not
/// there, or get no messages, are left out; those that are disabled are not. An alarm about dead letters does
/// not go to the channel whose they are (its instance). `rule` may be null. Pure.
std::vector<Target> targets(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                            std::span<const Route> routes, std::span<const TellingChannel> channels);

/// The same, of them those that are due when it has been open and unacknowledged for `open_for` seconds.
std::vector<std::string> targets(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                                 std::span<const Route> routes, std::span<const TellingChannel> channels,
                                 std::int64_t open_for);

/// True if one of the patterns matches, or there is none. Pure.
bool matches_any(const std::vector<std::string>& patterns, std::string_view text);

/// True if the tags have one of the values of each key. Pure.
bool has_tags(const std::map<std::string, std::vector<std::string>>& wanted, const Tags& tags);

}  // namespace hostwatch::alerts
