// What people change: each is on disk on return.
#include <spdlog/spdlog.h>

#include <utility>

#include "server/alerts/engine/alert_engine.h"

namespace hostwatch::alerts {

void AlertEngine::begin_command() {
  now_ = parts_.clock();
  steady_ = parts_.steady();
  load_if_stale();
}

void AlertEngine::finish_command() {
  is_changed_ = true;
  write();
  publish();
}

AlertEngine::RuleChange AlertEngine::put_rule(Rule rule, std::optional<std::int64_t> revision,
                                              const std::string& by) {
  begin_command();
  const SharedEntry* const known = book_.find(rule.id);
  RuleEntry entry;
  RuleChange change{RuleChange::Result::made, nullptr};
  if (known != nullptr) {
    const RuleEntry& before = (*known)->entry;
    if (before.source == RuleSource::file) return {RuleChange::Result::of_file, *known};
    if (!revision || *revision != before.revision) return {RuleChange::Result::wrong_revision, *known};
    entry.revision = before.revision + 1;
    change.result = RuleChange::Result::changed;
  } else if (revision) {
    return {RuleChange::Result::wrong_revision, nullptr};
  }
  entry.rule = std::move(rule);
  entry.changed = now_;
  entry.changed_by = by;
  const std::string id = entry.rule.id;
  changes_.rules.push_back(to_row(entry));
  book_.put(std::move(entry));
  select_rules_anew();
  finish_command();
  change.entry = *book_.find(id);
  return change;
}

AlertEngine::RuleRemoval AlertEngine::remove_rule(const std::string& id) {
  begin_command();
  const SharedEntry* const known = book_.find(id);
  if (known == nullptr) return RuleRemoval::not_there;
  if ((*known)->entry.source == RuleSource::file) return RuleRemoval::of_file;
  if (!book_.remove(id)) return RuleRemoval::shipped;
  changes_.removed_rules.push_back(id);
  select_rules_anew();
  finish_command();
  return RuleRemoval::removed;
}

void AlertEngine::set_file_rules(std::vector<Rule> rules) {
  begin_command();
  book_.set_files(std::move(rules), now_);
  figures_.rules_reload_ok = true;
  select_rules_anew();
  finish_command();
}

void AlertEngine::note_reload_failed() {
  figures_.rules_reload_ok = false;
  is_changed_ = true;
}

void AlertEngine::select_rules_anew() {
  for (auto& [name, host] : hosts_) select_rules_anew(*host, "rule removed");
  const auto gone = [this](const CompiledRule&, std::string_view, const Standing& standing) {
    end_alarm(standing.alarm, "rule removed", nullptr);
  };
  server_.set_rules(book_.for_server(), gone);
  save_standings(server_, {}, now_ - steady_);
  tell_all();
}

/// `reason`: why a rule is not the host's any more, where it is one of the rules in force.
void AlertEngine::select_rules_anew(WatchedHost& host, std::string_view reason) {
  const auto gone = [&](const CompiledRule& rule, std::string_view, const Standing& standing) {
    const SharedEntry* const entry = book_.find(rule.rule.id);
    const bool is_disabled = entry != nullptr && !(*entry)->entry.rule.enabled;
    end_alarm(standing.alarm,
              entry == nullptr ? "rule removed"
              : is_disabled    ? "rule disabled"
                               : reason,
              &host);
  };
  SharedRules series = book_.for_series(host.name, host.tags);
  if (series != host.series.shared_rules()) host.series.set_rules(std::move(series), gone);
  SharedRules signals = book_.for_signals(host.name, host.tags);
  if (signals != host.signals.shared_rules()) host.signals.set_rules(std::move(signals), gone);
  save_standings(host.series, host.name, 0);
  save_standings(host.signals, host.name, now_ - steady_);
}

void AlertEngine::host_deleted(const std::string& hostname) {
  begin_command();
  WatchedHost* const host = find_host(hostname);
  if (host == nullptr) return;
  for (Evaluator* const evaluator : {&host->series, &host->signals}) {
    evaluator->for_each_open([&](const Evaluator::Open& open) {
      end_alarm(open.standing.alarm, "host deleted", host);
      storage::AlarmStateRow& row = changes_.removed_states.emplace_back();
      row.rule = open.rule.rule.id;
      row.host = hostname;
      row.instance = open.instance;
    });
  }
  silent_hosts_.remove(hostname);
  hosts_.erase(hostname);
  finish_command();
}

void AlertEngine::history_deleted(const std::string& hostname) {
  begin_command();
  WatchedHost* const host = find_host(hostname);
  if (host == nullptr) return;
  const auto gone = [&](const CompiledRule&, std::string_view, const Standing& standing) {
    end_alarm(standing.alarm, "history deleted", host);
  };
  host->series.set_rules(std::make_shared<const RuleList>(std::vector<SharedRule>()), gone);
  host->newest = INT64_MIN;
  select_rules_anew(*host, "history deleted");
  host->series.forget_windows();
  finish_command();
}

bool AlertEngine::acknowledge(std::int64_t alarm, const std::string& by, const std::string& note,
                              std::int64_t until) {
  begin_command();
  storage::AlarmRow* const found = alarms_.find(alarm);
  if (found == nullptr) return false;
  found->ack_by = by;
  found->ack_note = note;
  found->ack_until = until;
  AlarmBook::add_event(alarm, {now_, 0, now_}, by.empty() ? "acknowledgement taken back" : "acknowledged",
                       std::nullopt, by.empty() ? note : by + (note.empty() ? "" : ": " + note), changes_);
  tell(*found, find_host(found->host), std::nullopt);
  changes_.alarms.push_back(*found);
  finish_command();
  return true;
}

void AlertEngine::set_channels(std::vector<TellingChannel> channels) {
  begin_command();
  channels_ = channels;
  teller_.set_channels(std::move(channels), now_);
  finish_command();
}

void AlertEngine::set_routes(std::vector<Route> routes) {
  begin_command();
  teller_.set_routes(std::move(routes));
  finish_command();
}

Silence AlertEngine::add_silence(Silence silence) {
  begin_command();
  Silence kept = teller_.add_silence(std::move(silence));
  finish_command();
  return kept;
}

bool AlertEngine::remove_silence(std::int64_t id) {
  begin_command();
  if (!teller_.remove_silence(id)) return false;
  finish_command();
  return true;
}

bool AlertEngine::retry(const storage::DeliveryRow& dead) {
  begin_command();
  if (!teller_.retry(dead, now_)) return false;
  dead_letters_.erase(dead.id);
  finish_command();
  return true;
}

}  // namespace hostwatch::alerts
