#include "server/alerts/rules/rule_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/tag.h"
#include "server/alerts/rules/condition_json.h"
#include "server/alerts/rules/json_document.h"
#include "server/alerts/rules/json_members.h"
#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"
#include "util/files/small_file.h"
#include "util/text/text.h"

namespace hostwatch::alerts {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostConditions = 4;
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestHelp = 2000;
constexpr std::size_t kLongestAddress = 1000;
constexpr std::size_t kMostTagValues = 100;
constexpr std::size_t kMostChannels = 16;
constexpr std::int64_t kLongestHold = 86400;
constexpr std::int64_t kShortestRepeat = 60;
constexpr std::int64_t kLongestRepeat = 30 * 86400;

constexpr std::array<std::pair<std::string_view, Missing>, 3> kMissing{
    {{"hold", Missing::hold}, {"end", Missing::end}, {"fire", Missing::fire}}};

std::string read_id(JsonMembers& members) {
  const std::string id = members.text("id", kLongestName);
  if (!is_rule_id(id)) {
    members.fail("id", id.empty()
                           ? "is missing: small letters, digits and hyphens, such as \"disk-full\""
                           : "must be 1 to 63 small letters, digits and hyphens, such as \"disk-full\"");
  }
  return id;
}

/// Several lines, each printable.
std::string read_help(JsonMembers& members) {
  const json* value = members.find("help");
  if (value == nullptr) return {};
  if (!value->is_string()) members.fail("help", "must be a text, \"...\"");
  const std::string& text = value->get_ref<const std::string&>();
  if (text.size() > kLongestHelp) members.fail("help", "is longer than 2000 bytes");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (const auto why = util::why_not_printable(util::trim(text.substr(begin, end - begin))))
      members.fail("help", *why);
    begin = end + 1;
  }
  return text;
}

/// It becomes a link: nothing but a page.
std::string read_runbook(JsonMembers& members) {
  std::string address = members.text("runbook", kLongestAddress);
  if (!address.empty() && !address.starts_with("https://") && !address.starts_with("http://")) {
    members.fail("runbook", "must be an address that begins with https:// or http://");
  }
  return address;
}

std::vector<std::string> read_tag_values(JsonMembers& tags, const std::string& key) {
  const json& value = *tags.find(key);
  std::vector<std::string> values;
  if (value.is_string()) {
    values.push_back(value.get<std::string>());
  } else {
    values = tags.texts(key, kMostTagValues, kLongestName);
  }
  if (values.empty()) tags.fail(key, "has no value: no host could match");
  for (const std::string& one : values) {
    if (const auto why = protocol::why_not_tag_value(one)) tags.fail(key, *why);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

HostSelector read_hosts(const json& value) {
  JsonMembers members(value, "hosts");
  HostSelector hosts;
  if (const json* given = members.find("tags")) {
    JsonMembers tags(*given, members.path_of("tags"));
    if (given->size() > protocol::kMostTags) members.fail("tags", "has more keys than a host can have tags");
    for (const auto& tag : given->items()) {
      if (const auto why = protocol::why_not_tag_key(tag.key())) {
        members.fail("tags", "'" + util::make_printable(tag.key(), 63) + "' is no key: " + *why);
      }
      hosts.tags.emplace(tag.key(), read_tag_values(tags, tag.key()));
    }
  }
  hosts.names = members.patterns("names");
  hosts.except = members.patterns("except");
  members.refuse_others();
  return hosts;
}

/// True if a condition bounds the level of what a trend is of: without that a new file on an empty disk
/// fires.
bool bounds_level(const Condition& condition, const Condition& trend) {
  const RuleMetric metric = rule_metric(condition.metric);
  const RuleMetric of = rule_metric(trend.metric);
  const bool is_level =
      condition.value.kind != ValueKind::increase && condition.value.kind != ValueKind::time_until;
  return is_level && !metric.signal &&
         (!metric.known || !of.known || metric.instance_label == of.instance_label);
}

/// What decides when a rule is looked at: all of its conditions have the same.
enum class Basis : std::uint8_t { readings, host_signals, server_signals };

Basis basis_of(const Condition& condition) {
  const RuleMetric metric = rule_metric(condition.metric);
  if (metric.of_server) return Basis::server_signals;
  // A reading tells of a reboot.
  return metric.signal && condition.metric != kHostRebooted ? Basis::host_signals : Basis::readings;
}

void check_trend(const std::vector<Condition>& when, const Condition& trend, const std::string& path) {
  if (trend.value.kind != ValueKind::time_until) return;
  if (std::any_of(when.begin(), when.end(), [&](const Condition& one) { return bounds_level(one, trend); }))
    return;
  throw MemberFault(
      path + ".value",
      "a trend alone fires for a new file on an empty disk: add a condition on the level, such as "
      "filesystem_used_percent above 60");
}

/// What conditions may not be together.
void check_together(const std::vector<Condition>& when) {
  std::string_view label;
  for (std::size_t i = 0; i < when.size(); ++i) {
    const std::string path = "when[" + std::to_string(i) + "]";
    const RuleMetric metric = rule_metric(when[i].metric);
    if (basis_of(when[i]) != basis_of(when[0])) {
      throw MemberFault(path + ".metric",
                        when[i].metric + " and " + when[0].metric +
                            " do not go together: readings, signals of a host and signals of the "
                            "server are rules of their own");
    }
    if (when.size() > 1 && when[i].metric == kHostSilent) {
      throw MemberFault(path + ".metric", "host_silent stands alone: a silent host measures nothing else");
    }
    if (!metric.instance_label.empty()) {
      if (!label.empty() && label != metric.instance_label) {
        throw MemberFault(path + ".metric", when[i].metric + " is measured for each " +
                                                std::string(metric.instance_label) + ", another for each " +
                                                std::string(label) + ": they do not belong together");
      }
      label = metric.instance_label;
    }
    check_trend(when, when[i], path);
  }
}

std::vector<Condition> read_when(JsonMembers& members) {
  const json* given = members.find("when");
  if (given == nullptr || !given->is_array() || given->empty() || given->size() > kMostConditions) {
    members.fail("when", "must be an array of 1 to 4 conditions, [{\"metric\": ...}]");
  }
  std::vector<Condition> when;
  for (const json& one : *given)
    when.push_back(read_condition(one, "when[" + std::to_string(when.size()) + "]"));
  check_together(when);
  return when;
}

Missing read_missing(JsonMembers& members) {
  const std::string text = members.text("missing", kLongestName);
  for (const auto& [name, missing] : kMissing) {
    if (text.empty() || text == name) return missing;
  }
  members.fail("missing", R"(must be "hold", "end" or "fire")");
}

std::vector<std::string> read_notify(JsonMembers& members) {
  std::vector<std::string> channels = members.texts("notify", kMostChannels, kLongestName);
  for (const std::string& channel : channels) {
    if (!is_rule_id(channel)) members.fail("notify", "'" + channel + "' is no name of a channel");
  }
  return channels;
}

std::optional<std::int64_t> read_repeat(JsonMembers& members) {
  const auto repeat = members.duration("repeat", 0, kLongestRepeat);
  if (repeat && *repeat != 0 && *repeat < kShortestRepeat) {
    members.fail("repeat", "must be at least 1m, or 0 for never");
  }
  return repeat;
}

Rule read_members(const json& value) {
  JsonMembers members(value, "");
  Rule rule;
  rule.id = read_id(members);
  rule.name = members.text("name", kLongestName);
  rule.help = read_help(members);
  rule.runbook = read_runbook(members);
  const json* hosts = members.find("hosts");
  if (hosts != nullptr) rule.hosts = read_hosts(*hosts);
  rule.when = read_when(members);
  rule.hold = members.duration("for", 0, kLongestHold).value_or(rule.hold);
  rule.clear_hold = members.duration("clear_for", 0, kLongestHold).value_or(rule.clear_hold);
  rule.missing = read_missing(members);
  rule.notify = read_notify(members);
  rule.repeat = read_repeat(members);
  rule.enabled = members.boolean("enabled", true);
  members.refuse_others();
  if (rule.severities().size() > 2)
    members.fail("when", "has limits of three severities; a rule has one or two");
  if (rule_metric(rule.when.front().metric).of_server && rule.hosts != HostSelector()) {
    members.fail("hosts", rule.when.front().metric + " is about the server, not about hosts");
  }
  return rule;
}

ordered_json hosts_json(const HostSelector& hosts) {
  ordered_json result = ordered_json::object();
  if (!hosts.tags.empty()) result["tags"] = hosts.tags;
  if (!hosts.names.empty()) result["names"] = hosts.names;
  if (!hosts.except.empty()) result["except"] = hosts.except;
  return result;
}

}  // namespace

std::variant<Rule, RuleFault> read_rule(const json& value) {
  try {
    return read_members(value);
  } catch (const MemberFault& fault) {
    return RuleFault{fault.path(), fault.what()};
  }
}

std::string RuleFault::line() const {
  return (path.empty() ? "the rule" : path) + ": " + text;
}

std::variant<Rule, std::string> parse_rule(std::string_view json_text) {
  const auto document = read_json_document(json_text);
  if (const auto* fault = std::get_if<JsonFault>(&document)) {
    return "line " + std::to_string(fault->line) + ": " + fault->text;
  }
  auto read = read_rule(std::get<JsonDocument>(document).value);
  if (const auto* fault = std::get_if<RuleFault>(&read)) return fault->line();
  return std::get<Rule>(std::move(read));
}

ordered_json rule_json(const Rule& rule) {
  ordered_json result{{"id", rule.id}};
  if (!rule.name.empty()) result["name"] = rule.name;
  if (!rule.help.empty()) result["help"] = rule.help;
  if (!rule.runbook.empty()) result["runbook"] = rule.runbook;
  if (rule.hosts != HostSelector()) result["hosts"] = hosts_json(rule.hosts);
  result["when"] = ordered_json::array();
  for (const Condition& condition : rule.when) result["when"].push_back(condition_json(condition));
  result["for"] = format_duration(rule.hold);
  result["clear_for"] = format_duration(rule.clear_hold);
  for (const auto& [name, missing] : kMissing) {
    if (missing == rule.missing && missing != Missing::hold) result["missing"] = name;
  }
  if (!rule.notify.empty()) result["notify"] = rule.notify;
  if (rule.repeat) result["repeat"] = format_duration(*rule.repeat);
  if (!rule.enabled) result["enabled"] = false;
  return result;
}

std::string rule_text(const Rule& rule) {
  return rule_json(rule).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace hostwatch::alerts
