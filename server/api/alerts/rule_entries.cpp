#include "server/api/alerts/rule_entries.h"

#include <algorithm>
#include <utility>

#include "server/alerts/rules/rule_json.h"
#include "server/alerts/rules/rule_metric.h"

namespace hostwatch::api {
namespace {

std::string_view name_of(alerts::RuleSource source) {
  switch (source) {
    case alerts::RuleSource::page:
      return "page";
    case alerts::RuleSource::file:
      return "file";
    case alerts::RuleSource::shipped:
      return "shipped";
  }
  return "";
}

}  // namespace

RuleEntryWriter::RuleEntryWriter(const Services& services, const alerts::AlertSnapshot& snapshot) {
  auto& hosts = against_.hosts.emplace();
  for (storage::HostBrief& host : services.store.hosts_with({})) {
    protocol::Tags tags = services.store.facts_of(host.name).tags;
    hosts.push_back({std::move(host.name), std::move(tags)});
  }
  auto& channels = against_.channels.emplace();
  for (const delivery::Channel& one : *services.alerts.channels.all()) channels.push_back(one.name);
  for (const auto& [id, alarm] : snapshot.open) ++open_[alarm.row.rule];
}

std::size_t RuleEntryWriter::hosts_of(const alerts::Rule& rule) const {
  if (alerts::rule_metric(rule.when.front().metric).of_server) return 0;
  const auto is_about = [&rule](const alerts::CheckedHost& host) {
    return alerts::selects(rule.hosts, host.name, host.tags);
  };
  return static_cast<std::size_t>(std::count_if(against_.hosts->begin(), against_.hosts->end(), is_about));
}

std::string RuleEntryWriter::json(const alerts::RuleEntry& entry) const {
  const auto open = open_.find(entry.rule.id);
  util::JsonObjectWriter object;
  object.json("rule", alerts::rule_text(entry.rule));
  object.text("source", name_of(entry.source));
  object.number("revision", entry.revision);
  object.number("changed", entry.changed);
  object.text("changed_by", entry.changed_by);
  object.number("hosts", static_cast<std::int64_t>(hosts_of(entry.rule)));
  object.number("open", open == open_.end() ? 0 : static_cast<std::int64_t>(open->second));
  object.json("problems", texts_json(alerts::check_rule(entry.rule, against_)));
  return object.finish();
}

}  // namespace hostwatch::api
