#include "server/alerts/rules/limit_json.h"

#include <algorithm>
#include <cmath>

#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"
#include "util/text/text.h"

namespace hostwatch::alerts {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using protocol::Unit;

constexpr double kPercentDistance = 2;  // points
constexpr double kShareDistance = 0.03;

/// How far from `fire` the range of what is compared goes on, on the side where it clears.
double room_behind(double fire, Direction direction, const RuleMetric& metric) {
  return direction == Direction::above ? fire - metric.minimum : metric.maximum - fire;
}

std::string where_it_ends(Direction direction, const Condition& condition, const RuleMetric& metric) {
  const bool falls = direction == Direction::above;
  return condition.metric + (falls ? " never falls below " : " never rises above ") +
         shown_quantity(falls ? metric.minimum : metric.maximum, metric.unit);
}

double clear_for(double fire, const std::string& path, const Condition& condition, const RuleMetric& metric) {
  const double room = room_behind(fire, condition.direction, metric);
  if (!(room > 0)) {
    throw MemberFault(
        path, "could never clear: " + where_it_ends(condition.direction, condition, metric) +
                  (condition.direction == Direction::above && fire == 0 ? "; write 0.5 for \"any\"" : ""));
  }
  double distance = metric.unit == Unit::percent ? kPercentDistance : std::fabs(fire) * kShareDistance;
  distance = std::min(distance, room / 2);
  if (metric.unit == Unit::bytes && distance >= 1) distance = std::round(distance);
  const double clear = condition.direction == Direction::above ? fire - distance : fire + distance;
  if (clear == fire) {
    throw MemberFault(path, "3 % of it are nothing, so say when it is over: {\"fire\": " +
                                ordered_json(fire).dump() + ", \"clear\": ...}");
  }
  return clear;
}

void check_clear(const Limit& limit, const std::string& path, const Condition& condition,
                 const RuleMetric& metric) {
  const bool above = condition.direction == Direction::above;
  if (above ? limit.clear >= limit.fire : limit.clear <= limit.fire) {
    throw MemberFault(path, std::string("must be ") + (above ? "below" : "above") +
                                " fire, so that a value that swings at the limit is one alarm");
  }
  if (above ? limit.clear < metric.minimum : limit.clear > metric.maximum) {
    throw MemberFault(path,
                      "would never be reached: " + where_it_ends(condition.direction, condition, metric));
  }
}

Limit read_limit(const json& value, const std::string& path, const Condition& condition) {
  const RuleMetric metric = compared(condition);
  Limit limit;
  if (!value.is_object()) {
    limit.fire = read_quantity(value, path, metric.unit);
    limit.clear = clear_for(limit.fire, path, condition, metric);
    return limit;
  }
  JsonMembers members(value, path);
  const json* fire = members.find("fire");
  if (fire == nullptr) members.fail("fire", "is missing");
  limit.fire = read_quantity(*fire, members.path_of("fire"), metric.unit);
  if (const json* clear = members.find("clear")) {
    limit.clear = read_quantity(*clear, members.path_of("clear"), metric.unit);
    check_clear(limit, members.path_of("clear"), condition, metric);
  } else {
    limit.clear = clear_for(limit.fire, members.path_of("fire"), condition, metric);
  }
  members.refuse_others();
  return limit;
}

/// What is worse must not fire before what is less bad, nor last longer.
void check_order(const Condition& condition, const std::string& path) {
  const Limit* lower = nullptr;
  std::string_view lower_name;
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    const auto& limit = condition.limits.at(static_cast<std::size_t>(one));
    if (!limit) continue;
    const double sign = condition.direction == Direction::above ? 1 : -1;
    const std::string here = path + "." + std::string(to_string(one));
    if (lower != nullptr && sign * limit->fire < sign * lower->fire) {
      throw MemberFault(here + ".fire", "would fire before " + std::string(lower_name) + " does");
    }
    if (lower != nullptr && sign * limit->clear < sign * lower->clear) {
      throw MemberFault(here + ".clear", "would last longer than " + std::string(lower_name) + " does");
    }
    lower = &*limit;
    lower_name = to_string(one);
  }
}

}  // namespace

void read_limits(JsonMembers& members, Condition& condition) {
  const json* above = members.find("above");
  const json* below = members.find("below");
  if (members.find("severity") != nullptr) {
    members.fail("severity",
                 condition.metric + " needs limits: write \"above\": {\"critical\": ...}, or below");
  }
  if ((above == nullptr) == (below == nullptr)) {
    members.fail(above == nullptr ? "above" : "below", above == nullptr
                                                           ? "is missing, or below: a limit by severity"
                                                           : "excludes above: make another condition of it");
  }
  condition.direction = above != nullptr ? Direction::above : Direction::below;
  const std::string path = members.path_of(above != nullptr ? "above" : "below");
  const json& given = above != nullptr ? *above : *below;
  if (!given.is_object()) {
    throw MemberFault(path, "must be an object of limits by severity: {\"warning\": 90, \"critical\": 97}");
  }
  JsonMembers limits(given, path);
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    if (const json* limit = limits.find(to_string(one))) {
      condition.limits.at(static_cast<std::size_t>(one)) =
          read_limit(*limit, limits.path_of(to_string(one)), condition);
    }
  }
  limits.refuse_others();
  if (given.empty()) throw MemberFault(path, "has no limit: info, warning or critical");
  check_order(condition, path);
}

ordered_json limits_json(const Condition& condition) {
  const std::optional<Unit> unit = compared(condition).unit;
  ordered_json result = ordered_json::object();
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    const auto& limit = condition.limits.at(static_cast<std::size_t>(one));
    if (!limit) continue;
    result[std::string(to_string(one))] = {{"fire", quantity_json(limit->fire, unit)},
                                           {"clear", quantity_json(limit->clear, unit)}};
  }
  return result;
}

double read_quantity(const json& value, const std::string& path, std::optional<Unit> unit) {
  double number = 0;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const auto read = parse_quantity(util::make_printable(value.get_ref<const std::string&>(), 60), unit);
    if (const auto* wrong = std::get_if<std::string>(&read)) throw MemberFault(path, *wrong);
    number = std::get<double>(read);
  } else {
    throw MemberFault(path, "must be a number, or a text with a unit");
  }
  if (!(std::fabs(number) <= protocol::kCustomMaximum)) throw MemberFault(path, "is too large");
  return number;
}

ordered_json quantity_json(double value, std::optional<Unit> unit) {
  constexpr double kGreatestWhole = 9007199254740992.0;  // 2^53
  constexpr double kSmallestSize = 1000;
  const bool whole = std::floor(value) == value && std::fabs(value) <= kGreatestWhole;
  if (whole && value >= kSmallestSize && (unit == Unit::bytes || unit == Unit::bytes_per_second)) {
    if (const auto text = format_size(value)) return *text + (unit == Unit::bytes ? "" : "/s");
  }
  if (whole && value > 0 && unit == Unit::seconds &&
      parse_duration(format_duration(static_cast<std::int64_t>(value)))) {
    return format_duration(static_cast<std::int64_t>(value));
  }
  if (whole) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace hostwatch::alerts
