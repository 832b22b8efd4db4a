#include "server/api/alert_families.h"

#include <algorithm>

namespace hostwatch::api {
namespace {

const std::string kPrefix = "hostwatch_server_alert_";

void add_evaluation_figures(MetricFamilies& families, const alerts::AlertSnapshot& alarms) {
  const alerts::AlertFigures& figures = alarms.figures;
  families.gauge(kPrefix + "rules", "Rules in force.", static_cast<double>(alarms.rules.size()));
  families.gauge(kPrefix + "rules_invalid", "Stored rules that cannot be read.",
                 static_cast<double>(figures.invalid_rules));
  families.gauge(kPrefix + "rules_reload_ok",
                 "1 if the files of rules could be read when last asked to, else 0.",
                 figures.rules_reload_ok ? 1 : 0);
  families.gauge(kPrefix + "instances", "Instances of hosts that rules are evaluated for.",
                 static_cast<double>(figures.instances));
  families.gauge(kPrefix + "open", "Alarms that are open.", static_cast<double>(alarms.open.size()));
  families.gauge(kPrefix + "pending", "Conditions that hold, and not for long enough yet.",
                 static_cast<double>(alarms.pending.size()));
  families.counter(kPrefix + "evaluations_total", "Readings that were evaluated.", figures.evaluations);
  families.counter_of(kPrefix + "evaluation_seconds_total", "Time that evaluating took.",
                      figures.evaluation_seconds);
  families.counter(kPrefix + "transitions_total", "Alarms that fired, changed or ended.",
                   figures.transitions);
  families.counter(kPrefix + "late_total", "Transitions that were found in late readings.", figures.late);
  families.gauge(kPrefix + "dead_letters", "Messages that were given up within the last day.",
                 static_cast<double>(figures.dead_letters));
}

void add_delivery_figures(MetricFamilies& families,
                          const std::map<std::string, delivery::ChannelFigures>& channels, std::int64_t now) {
  const std::string name = kPrefix + "deliveries_total";
  const std::string help = "Attempts to deliver, by channel and result.";
  std::size_t waiting = 0;
  std::int64_t oldest = now;
  for (const auto& [channel, figures] : channels) {
    families.counter(name, help, figures.sent, {{"channel", channel}, {"result", "sent"}});
    families.counter(name, help, figures.failed, {{"channel", channel}, {"result", "failed"}});
    families.counter(name, help, figures.dead, {{"channel", channel}, {"result", "dead"}});
    waiting += figures.waiting;
    if (figures.oldest != 0) oldest = std::min(oldest, figures.oldest);
  }
  families.gauge(kPrefix + "outbox", "Messages that wait for their delivery.", static_cast<double>(waiting));
  families.gauge(kPrefix + "outbox_oldest_seconds", "How long the oldest of them has waited.",
                 static_cast<double>(now - oldest));
}

}  // namespace

void add_alert_families(MetricFamilies& families, const alerts::AlertSnapshot& alarms,
                        const std::map<std::string, delivery::ChannelFigures>& channels, std::int64_t now) {
  for (const auto& [id, alarm] : alarms.open) {
    families.gauge("hostwatch_alarm", "1 while the alarm is open.", 1,
                   {{"rule", alarm.row.rule},
                    {"hostname", alarm.row.host},
                    {"instance", alarm.row.instance},
                    {"severity", alarm.row.severity}});
  }
  add_evaluation_figures(families, alarms);
  add_delivery_figures(families, channels, now);
}

}  // namespace hostwatch::api
