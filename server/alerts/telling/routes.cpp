#include "server/alerts/telling/routes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

#include "server/alerts/telling/definition_fields.h"

namespace hostwatch::alerts {

namespace {

constexpr std::size_t kMostRoutes = 200;

Route read_route(const nlohmann::json& object, const std::string& path) {
  const DefinitionFields fields(object, path, {"severity", "tags", "rules", "hosts", "to", "after"});
  Route route;
  if (const auto name = fields.text("severity", 16)) {
    const auto severity = severity_named(*name);
    if (!severity.has_value() || *severity == Severity::info) {
      throw TellingError(fields.path("severity"),
                         "must be \"warning\" or \"critical\" (nobody is told of info)");
    }
    route.severity = *severity;
  }
  route.tags = fields.tags("tags");
  route.rules = fields.texts("rules");
  route.hosts = fields.texts("hosts");
  route.to = fields.texts("to");
  if (route.to.empty()) throw TellingError(fields.path("to"), "must name at least one channel");
  route.after = fields.duration("after").value_or(0);
  return route;
}

bool route_matches(const Route& route, const storage::AlarmRow& alarm, Severity severity, const Tags& tags) {
  return severity >= route.severity && matches_any(route.rules, alarm.rule) &&
         matches_any(route.hosts, alarm.host) && has_tags(route.tags, tags);
}

}  // namespace

bool gets_messages(delivery::ChannelKind kind) {
  return kind != delivery::ChannelKind::alertmanager && kind != delivery::ChannelKind::heartbeat;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           return matches_pattern(pattern, text);
         });
}

bool has_tags(const std::map<std::string, std::vector<std::string>>& wanted, const Tags& tags) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& key_values) {
    const auto found = tags.find(key_values.first);
    const auto& values = key_values.second;
    return found != tags.end() && std::find(values.begin(), values.end(), found->second) != values.end();
  });
}

std::vector<Route> routes_from_json(std::string_view text) {
  std::vector<Route> routes;
  if (text.empty()) return routes;
  const auto list = parse_definition(text, "routes");
  if (!list.is_array()) throw TellingError("routes", "must be a list");
  if (list.size() > kMostRoutes) {
    throw TellingError("routes", "must not be more than " + std::to_string(kMostRoutes));
  }
  for (std::size_t i = 0; i < list.size(); i++) {
    routes.push_back(read_route(list[i], "routes[" + std::to_string(i) + "]"));
  }
  return routes;
}

std::string routes_to_json(const std::vector<Route>& routes) {
  auto list = nlohmann::ordered_json::array();
  for (const Route& route : routes) {
    list.push_back({{"severity", to_string(route.severity)},
                    {"tags", route.tags},
                    {"rules", route.rules},
                    {"hosts", route.hosts},
                    {"to", route.to},
                    {"after", route.after}});
  }
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> unknown_channels(std::span<const Route> routes,
                                          std::span<const TellingChannel> channels) {
  std::vector<std::string> unknown;
  for (const Route& route : routes) {
    for (const std::string& name : route.to) {
      const bool is_known = std::any_of(channels.begin(), channels.end(),
                                        [&](const TellingChannel& channel) { return channel.name == name; });
      if (!is_known && std::find(unknown.begin(), unknown.end(), name) == unknown.end())
        unknown.push_back(name);
    }
  }
  return unknown;
}

std::vector<Target> targets(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                            std::span<const Route> routes, std::span<const TellingChannel> channels) {
  std::vector<Target> found;
  const auto severity = severity_named(alarm.severity).value_or(Severity::info);
  if (severity == Severity::info) return found;
  // A channel that does not work cannot tell that it does not.
  const bool is_of_channel = rule != nullptr && !rule->when.empty() && rule->when[0].metric == kDeadLetters;
  const auto add = [&](const std::string& name, std::int64_t after) {
    const auto channel = std::find_if(channels.begin(), channels.end(),
                                      [&](const TellingChannel& one) { return one.name == name; });
    if (channel == channels.end() || !gets_messages(channel->kind)) return;
    if (is_of_channel && alarm.instance == name) return;
    const auto known =
        std::find_if(found.begin(), found.end(), [&](const Target& one) { return one.channel == name; });
    if (known == found.end()) {
      found.push_back({name, after});
    } else {
      known->after = std::min(known->after, after);
    }
  };
  if (rule != nullptr && !rule->notify.empty()) {
    for (const std::string& name : rule->notify) add(name, 0);
  } else if (routes.empty()) {
    for (const TellingChannel& channel : channels) {
      if (channel.is_default) add(channel.name, 0);
    }
  } else {
    for (const Route& route : routes) {
      if (!route_matches(route, alarm, severity, tags)) continue;
      for (const std::string& name : route.to) add(name, route.after);
    }
  }
  return found;
}

std::vector<std::string> targets(const storage::AlarmRow& alarm, const Rule* rule, const Tags& tags,
                                 std::span<const Route> routes, std::span<const TellingChannel> channels,
                                 std::int64_t open_for) {
  std::vector<std::string> due;
  for (Target& target : targets(alarm, rule, tags, routes, channels)) {
    if (target.after <= open_for) due.push_back(std::move(target.channel));
  }
  return due;
}

}  // namespace hostwatch::alerts
