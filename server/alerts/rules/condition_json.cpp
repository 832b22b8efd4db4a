#include "server/alerts/rules/condition_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "protocol/names.h"
#include "server/alerts/rules/json_members.h"
#include "server/alerts/rules/limit_json.h"
#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kShortestWindow = 60;
constexpr std::int64_t kLongestWindow = 86400;

constexpr std::array<std::pair<std::string_view, ValueKind>, 4> kWindows{{{"mean", ValueKind::mean},
                                                                          {"min", ValueKind::minimum},
                                                                          {"max", ValueKind::maximum},
                                                                          {"increase", ValueKind::increase}}};

std::string metric_named(JsonMembers& members, std::string_view name) {
  const json* value = members.find(name);
  if (value == nullptr) members.fail(name, "is missing: which metric or signal is it about?");
  std::string metric = printable_text(*value, members.path_of(name), 100);
  if (!protocol::is_metric_name(metric)) {
    members.fail(name, "must be a metric's name: letters, digits and underscores");
  }
  return metric;
}

/// {"percent_of": METRIC}: of what has the same unit and the same instances, or none.
void read_percent_of(JsonMembers& members, const Condition& condition, ConditionValue& value) {
  value.percent_of = metric_named(members, "percent_of");
  const RuleMetric of = rule_metric(value.percent_of);
  const RuleMetric own = rule_metric(condition.metric);
  if (of.signal) members.fail("percent_of", "must be a metric: " + value.percent_of + " is a signal");
  if (of.unit && own.unit && *of.unit != *own.unit) {
    members.fail("percent_of", value.percent_of + " is measured in " + std::string(to_string(*of.unit)) +
                                   ", " + condition.metric + " in " + std::string(to_string(*own.unit)));
  }
  if (of.known && own.known && !of.instance_label.empty() && of.instance_label != own.instance_label) {
    members.fail("percent_of", value.percent_of + " is measured for each " + std::string(of.instance_label) +
                                   ", " + condition.metric + " is not");
  }
}

ConditionValue read_value(const json& given, const std::string& path, const Condition& condition) {
  ConditionValue value;
  if (given.is_string() && given.get_ref<const std::string&>() == "last") return value;
  if (!given.is_object()) {
    throw MemberFault(
        path,
        "must be \"last\", {\"mean\": \"5m\"} (or min, max, increase), {\"time_until\": 0, \"over\": "
        "\"6h\"} or {\"percent_of\": METRIC}");
  }
  JsonMembers members(given, path);
  int forms = 0;
  for (const auto& [name, kind] : kWindows) {
    const auto over = members.duration(name, kShortestWindow, kLongestWindow);
    if (!over) continue;
    ++forms;
    value.kind = kind;
    value.over = *over;
  }
  if (const json* bound = members.find("time_until")) {
    ++forms;
    value.kind = ValueKind::time_until;
    value.bound = read_quantity(*bound, members.path_of("time_until"), rule_metric(condition.metric).unit);
    const auto over = members.duration("over", kShortestWindow, kLongestWindow);
    if (!over) members.fail("over", "is missing: by the trend of how long? Such as \"6h\"");
    value.over = *over;
  }
  if (given.contains("percent_of")) {
    ++forms;
    read_percent_of(members, condition, value);
  } else {
    members.find("percent_of");  // for the list of those that there are
  }
  members.refuse_others();
  if (forms != 1)
    throw MemberFault(path, "must be one of mean, min, max, increase, time_until and percent_of");
  return value;
}

/// What a signal has instead of instances and limits.
void read_signal(JsonMembers& members, const RuleMetric& metric, Condition& condition) {
  for (const char* name : {"instance", "except", "value"}) {
    if (members.find(name) != nullptr) members.fail(name, condition.metric + " has none: it is a signal");
  }
  if (!metric.yes_or_no) return read_limits(members, condition);
  for (const char* name : {"above", "below"}) {
    if (members.find(name) == nullptr) continue;
    members.fail(name,
                 condition.metric + " has no limits, it is so or not: write \"severity\": \"critical\"");
  }
  const auto severity = severity_named(members.text("severity", 20));
  if (!severity) members.fail("severity", "must be \"info\", \"warning\" or \"critical\"");
  condition.limits.at(static_cast<std::size_t>(*severity)) = kSignalLimit;
}

void read_instances(JsonMembers& members, const RuleMetric& metric, Condition& condition) {
  if (const json* instance = members.find("instance")) {
    condition.instance = printable_text(*instance, members.path_of("instance"), protocol::kMaxInstanceBytes);
  }
  condition.except = members.patterns("except");
  if (!metric.known || !metric.instance_label.empty()) return;
  if (condition.instance != "*") members.fail("instance", condition.metric + " has no instances");
  if (!condition.except.empty()) members.fail("except", condition.metric + " has no instances");
}

ordered_json value_json(const Condition& condition) {
  const ConditionValue& value = condition.value;
  if (!value.percent_of.empty()) return {{"percent_of", value.percent_of}};
  if (value.kind == ValueKind::time_until) {
    return {{"time_until", quantity_json(value.bound, rule_metric(condition.metric).unit)},
            {"over", format_duration(value.over)}};
  }
  for (const auto& [name, kind] : kWindows) {
    if (kind == value.kind) return {{name, format_duration(value.over)}};
  }
  return "last";
}

}  // namespace

Condition read_condition(const json& value, const std::string& path) {
  JsonMembers members(value, path);
  Condition condition;
  condition.metric = metric_named(members, "metric");
  const RuleMetric metric = rule_metric(condition.metric);
  if (metric.signal) {
    read_signal(members, metric, condition);
  } else {
    read_instances(members, metric, condition);
    if (const json* given = members.find("value")) {
      condition.value = read_value(*given, members.path_of("value"), condition);
    }
    read_limits(members, condition);
  }
  members.refuse_others();
  return condition;
}

ordered_json condition_json(const Condition& condition) {
  ordered_json result{{"metric", condition.metric}};
  if (rule_metric(condition.metric).yes_or_no) {
    for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
      if (condition.limits.at(static_cast<std::size_t>(one))) result["severity"] = to_string(one);
    }
    return result;
  }
  if (condition.instance != "*") result["instance"] = condition.instance;
  if (!condition.except.empty()) result["except"] = condition.except;
  if (condition.value != ConditionValue()) result["value"] = value_json(condition);
  result[condition.direction == Direction::above ? "above" : "below"] = limits_json(condition);
  return result;
}

}  // namespace hostwatch::alerts
