#include "server/alerts/engine/rule_book.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "server/alerts/rules/rule_json.h"

namespace hostwatch::alerts {
namespace {

SharedEntry make_entry(RuleEntry entry) {
  auto made = std::make_shared<BookEntry>();
  made->compiled = compile(entry.rule);
  made->entry = std::move(entry);
  return made;
}

bool is_host_signal(std::string_view metric) {
  return metric == kHostSilent || metric == kHostClockSkew || metric == kHostNameConflict;
}

}  // namespace

RuleBook::RuleBook(std::vector<Rule> shipped) {
  for (Rule& rule : shipped) {
    const std::string id = rule.id;
    RuleEntry entry;
    entry.rule = std::move(rule);
    entry.source = RuleSource::shipped;
    shipped_.insert_or_assign(id, make_entry(std::move(entry)));
  }
  enforce();
}

void RuleBook::load(std::span<const storage::RuleRow> rows) {
  page_.clear();
  problems_.clear();
  for (const storage::RuleRow& row : rows) {
    auto parsed = parse_rule(row.definition);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) {
      problems_.push_back("rule '" + row.id + "' of the database: " + *wrong);
      continue;
    }
    RuleEntry entry;
    entry.rule = std::get<Rule>(std::move(parsed));
    entry.revision = row.revision;
    entry.changed = row.changed;
    entry.changed_by = row.changed_by;
    page_.insert_or_assign(row.id, make_entry(std::move(entry)));
  }
  enforce();
}

void RuleBook::set_files(std::vector<Rule> rules, std::int64_t now) {
  Entries files;
  for (Rule& rule : rules) {
    const auto before = files_.find(rule.id);
    if (before != files_.end() && before->second->entry.rule == rule) {
      files.insert(*before);
      continue;
    }
    RuleEntry entry;
    entry.source = RuleSource::file;
    entry.changed = now;
    entry.rule = std::move(rule);
    const std::string id = entry.rule.id;
    files.insert_or_assign(id, make_entry(std::move(entry)));
  }
  files_ = std::move(files);
  enforce();
}

void RuleBook::put(RuleEntry entry) {
  entry.source = RuleSource::page;
  const std::string id = entry.rule.id;
  page_.insert_or_assign(id, make_entry(std::move(entry)));
  enforce();
}

bool RuleBook::remove(std::string_view id) {
  const auto found = page_.find(id);
  if (found == page_.end()) return false;
  page_.erase(found);
  enforce();
  return true;
}

const SharedEntry* RuleBook::find(std::string_view id) const {
  const auto found = in_force_.find(id);
  return found == in_force_.end() ? nullptr : &found->second;
}

void RuleBook::enforce() {
  in_force_ = files_;
  in_force_.insert(page_.begin(), page_.end());
  in_force_.insert(shipped_.begin(), shipped_.end());
  lists_.clear();
}

RuleBook::Kind RuleBook::kind_of(const Rule& rule) {
  const std::string_view metric = rule.when.front().metric;
  if (is_host_signal(metric)) return Kind::host_signals;
  return is_signal(metric) && metric != kHostRebooted ? Kind::server_signals : Kind::series;
}

SharedRules RuleBook::select(Kind kind, std::string_view hostname, const protocol::Tags& tags) {
  std::vector<const CompiledRule*> key;
  std::vector<SharedRule> rules;
  for (const auto& [id, one] : in_force_) {
    const Rule& rule = one->entry.rule;
    if (!rule.enabled || kind_of(rule) != kind) continue;
    if (kind != Kind::server_signals && !selects(rule.hosts, hostname, tags)) continue;
    key.push_back(one->compiled.get());
    rules.push_back(one->compiled);
  }
  SharedRules& list = lists_[key];
  if (list == nullptr) list = std::make_shared<const RuleList>(std::move(rules));
  return list;
}

SharedRules RuleBook::for_series(std::string_view hostname, const protocol::Tags& tags) {
  return select(Kind::series, hostname, tags);
}

SharedRules RuleBook::for_signals(std::string_view hostname, const protocol::Tags& tags) {
  return select(Kind::host_signals, hostname, tags);
}

SharedRules RuleBook::for_server() {
  return select(Kind::server_signals, {}, {});
}

storage::RuleRow to_row(const RuleEntry& entry) {
  storage::RuleRow row;
  row.id = entry.rule.id;
  row.revision = entry.revision;
  row.source = "page";
  row.definition = rule_text(entry.rule);
  row.changed = entry.changed;
  row.changed_by = entry.changed_by;
  return row;
}

}  // namespace hostwatch::alerts
