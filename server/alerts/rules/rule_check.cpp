#include "server/alerts/rules/rule_check.h"

#include <algorithm>
#include <cmath>

#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

/// Collects the sentences about one rule.
class Checker {
 public:
  Checker(const Rule& rule, const CheckAgainst& against) : rule_(rule), against_(against) {}

  std::vector<std::string> run() {
    for (std::size_t i = 0; i < rule_.when.size(); ++i) {
      const std::string path = "when[" + std::to_string(i) + "]";
      check_metric(path, rule_.when[i]);
      check_limits(path, rule_.when[i]);
      check_window(path, rule_.when[i]);
    }
    check_severities();
    check_times();
    check_hosts();
    check_channels();
    return std::move(warnings_);
  }

 private:
  void warn(const std::string& path, const std::string& text) { warnings_.push_back(path + ": " + text); }

  void check_name(const std::string& path, const std::string& metric) {
    if (rule_metric(metric).known) return;
    const std::string_view alike = alike_metric(metric);
    warn(path, metric + " is not in the catalogue: it is taken for a metric of your own" +
                   (alike.empty() ? "" : "; did you mean " + std::string(alike) + "?"));
  }

  void check_metric(const std::string& path, const Condition& condition) {
    check_name(path + ".metric", condition.metric);
    if (!condition.value.percent_of.empty()) {
      check_name(path + ".value.percent_of", condition.value.percent_of);
    }
    const bool covers_all =
        std::any_of(condition.except.begin(), condition.except.end(), [&](const std::string& pattern) {
          return pattern.find_first_not_of('*') == std::string::npos || pattern == condition.instance;
        });
    if (covers_all) warn(path + ".except", "leaves no instance: the rule can never fire");
  }

  void check_limits(const std::string& path, const Condition& condition) {
    const RuleMetric metric = compared(condition);
    if (metric.yes_or_no) return;
    const bool above = condition.direction == Direction::above;
    for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
      const auto& limit = condition.limits.at(static_cast<std::size_t>(one));
      if (!limit) continue;
      const std::string here = path + (above ? ".above." : ".below.") + std::string(to_string(one));
      const std::string fire = shown_quantity(limit->fire, metric.unit);
      if (above ? limit->fire >= metric.maximum : limit->fire <= metric.minimum) {
        warn(here,
             "can never hold: " + condition.metric + " is never " + (above ? "above " : "below ") + fire);
      } else if (above ? limit->fire < metric.minimum : limit->fire > metric.maximum) {
        warn(here,
             "always holds: " + condition.metric + " is always " + (above ? "above " : "below ") + fire);
      }
      // Of what is counted 0 and 1 are next to each other, and that is meant.
      const bool counted = !metric.known || metric.unit == protocol::Unit::count;
      const double step = counted ? 0 : std::pow(10.0, -metric.decimals);
      if (std::fabs(limit->fire - limit->clear) < step) {
        warn(here,
             "fire and clear are next to each other: a value that swings at the limit makes many alarms");
      }
    }
  }

  void check_window(const std::string& path, const Condition& condition) {
    if (condition.value.over == 0 || condition.value.over >= 2 * against_.interval) return;
    warn(path + ".value", "is over " + format_duration(condition.value.over) +
                              ", and a reading comes every " + format_duration(against_.interval) +
                              ": make it longer");
  }

  void check_severities() {
    const std::vector<Severity> severities = rule_.severities();
    if (severities.size() == 2) {
      const auto lower = static_cast<std::size_t>(severities[0]);
      const auto higher = static_cast<std::size_t>(severities[1]);
      const bool same = std::all_of(rule_.when.begin(), rule_.when.end(), [&](const Condition& one) {
        return !one.limits.at(lower) || !one.limits.at(higher) ||
               one.limits.at(lower)->fire == one.limits.at(higher)->fire;
      });
      if (same) {
        warn("when", std::string(to_string(severities[0])) + " and " + std::string(to_string(severities[1])) +
                         " fire together: leave one of them out");
      }
    }
    if (severities == std::vector{Severity::info} && !rule_.notify.empty()) {
      warn("notify", "nobody is told of what is info: make it warning");
    }
  }

  void check_times() {
    if (rule_.hold > 0 && rule_.hold < against_.interval) {
      warn("for", format_duration(rule_.hold) + " is shorter than the time between two readings, " +
                      format_duration(against_.interval) + ": it is over with the second one");
    }
    for (const Condition& one : rule_.when) {
      if (one.metric == kHostRebooted && rule_.hold > 0) {
        warn("for", "host_rebooted holds for a moment only: write \"for\": 0, or the rule never fires");
      }
    }
  }

  void check_hosts() {
    if (!against_.hosts || against_.hosts->empty() || rule_metric(rule_.when.front().metric).of_server)
      return;
    const bool any =
        std::any_of(against_.hosts->begin(), against_.hosts->end(),
                    [&](const CheckedHost& host) { return selects(rule_.hosts, host.name, host.tags); });
    if (!any) warn("hosts", "the rule is about none of the hosts that there are today");
  }

  void check_channels() {
    if (!against_.channels) return;
    for (const std::string& name : rule_.notify) {
      if (std::find(against_.channels->begin(), against_.channels->end(), name) == against_.channels->end()) {
        warn("notify", "there is no channel '" + name + "'");
      }
    }
  }

  const Rule& rule_;
  const CheckAgainst& against_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> check_rule(const Rule& rule, const CheckAgainst& against) {
  if (rule.when.empty()) return {};
  return Checker(rule, against).run();
}

}  // namespace hostwatch::alerts
