// A file of rules of alarms: what is taken is written and read as the same, and can be checked; what is not
// has a reason. The text itself is also one with placeholders.
#include "server/alerts/rules/placeholders.h"
#include "server/alerts/rules/rule_check.h"
#include "server/alerts/rules/rule_files.h"
#include "server/alerts/rules/rule_json.h"
#include "server/alerts/rules/rule_metric.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace hostwatch::alerts;
using hostwatch::fuzz::must;

void try_limits(const Condition& condition) {
  const RuleMetric metric = compared(condition);
  for (const auto& limit : condition.limits) {
    if (!limit) continue;
    const bool above = condition.direction == Direction::above;
    must(above ? limit->clear < limit->fire : limit->clear > limit->fire);
    must(above ? limit->clear >= metric.minimum : limit->clear <= metric.maximum);
  }
}

void try_rule(const Rule& rule) {
  must(!rule.id.empty() && !rule.when.empty() && rule.when.size() <= 4);
  must(rule.severities().size() == 1 || rule.severities().size() == 2);
  for (const Condition& condition : rule.when) try_limits(condition);
  const auto again = parse_rule(rule_text(rule));
  must(std::holds_alternative<Rule>(again));
  must(std::get<Rule>(again) == rule);
  for (const std::string& warning : check_rule(rule, {.hosts = {{{"web-1", {{"role", "db"}}}}}}))
    must(!warning.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = hostwatch::fuzz::text_of(data, size);
  RuleFiles files;
  std::vector<FileFault> faults;
  read_rule_file_text(text, "file", files, faults);
  for (const FileRule& one : files.rules) {
    must(one.place.line >= 1);
    try_rule(one.rule);
  }
  for (const FileFault& fault : faults) must(!fault.text.empty() && fault.place.line >= 1);
  const PlaceholderValues values{.host = "web-1", .tags = {{"role", "{host}"}}};
  must(replace_placeholders(text, values, 1000).size() <= 1000);
  return 0;
}
