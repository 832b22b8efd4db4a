#include "server/alerts/engine/notice_text.h"

#include <ctime>

#include "protocol/catalogue.h"
#include "server/alerts/rules/placeholders.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

/// The unit of what is compared: of a derived value it is another than the metric's.
std::optional<protocol::Unit> unit_of(const Rule& rule) {
  const Condition& condition = rule.when.front();
  if (condition.value.kind == ValueKind::time_until) return protocol::Unit::seconds;
  if (!condition.value.percent_of.empty()) return protocol::Unit::percent;
  const protocol::MetricDefinition* const known = protocol::find_metric(condition.metric);
  if (known != nullptr) return known->unit;
  if (condition.metric == kHostClockSkew) return protocol::Unit::seconds;
  if (condition.metric == kDatabaseFree) return protocol::Unit::bytes;
  if (condition.metric == kDatabaseFreePercent) return protocol::Unit::percent;
  return std::nullopt;
}

/// Of the server's zone, as people read it.
std::string shown_time(std::int64_t at) {
  const std::time_t seconds = at;
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return {};
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts)};
}

}  // namespace

void describe_notice(const Rule& rule, delivery::AlarmNotice& notice) {
  const std::optional<protocol::Unit> unit = unit_of(rule);
  if (unit) notice.unit = protocol::to_string(*unit);
  PlaceholderValues values;
  values.host = notice.host;
  values.instance = notice.instance;
  values.value = shown_quantity(notice.value, unit);
  values.limit = shown_quantity(notice.limit, unit);
  values.since = shown_time(notice.started);
  values.tags = notice.tags;
  notice.name = replace_placeholders(notice.name, values);
  notice.help = replace_placeholders(rule.help, values);
  notice.runbook = replace_placeholders(rule.runbook, values);
}

}  // namespace hostwatch::alerts
