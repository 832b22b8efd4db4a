#include "server/alerts/telling/silence.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "server/alerts/telling/definition_fields.h"

namespace hostwatch::alerts {

namespace {

constexpr std::size_t kMostReasonBytes = 500;
constexpr std::int64_t kKeptAfterEnd = 86'400;

Silence read_silence(std::string_view text, std::int64_t from) {
  const auto object = parse_definition(text, "silence");
  const DefinitionFields fields(object, "",
                                {"rules", "hosts", "tags", "instances", "from", "until", "weekly", "reason"});
  Silence silence;
  silence.rules = fields.texts("rules");
  silence.hosts = fields.texts("hosts");
  silence.instances = fields.texts("instances");
  silence.tags = fields.tags("tags");
  silence.from = fields.number("from").value_or(from);
  const auto until = fields.number("until");
  if (!until.has_value()) throw TellingError("until", "is obligatory: a silence must have an end");
  silence.until = *until;
  if (silence.until <= silence.from) throw TellingError("until", "must be after \"from\"");
  silence.weekly = fields.texts("weekly");
  for (std::size_t i = 0; i < silence.weekly.size(); i++) {
    weekly_window_from_text(silence.weekly[i], "weekly[" + std::to_string(i) + "]");
  }
  silence.reason = fields.text("reason", kMostReasonBytes).value_or("");
  if (silence.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw TellingError("reason", "is obligatory");
  }
  return silence;
}

bool silence_matches(const Silence& silence, const storage::AlarmRow& alarm, const Tags& tags) {
  return matches_any(silence.rules, alarm.rule) && matches_any(silence.hosts, alarm.host) &&
         matches_any(silence.instances, alarm.instance) && has_tags(silence.tags, tags);
}

}  // namespace

Silence silence_from_json(std::string_view text, std::int64_t now) {
  Silence silence = read_silence(text, now);
  if (silence.until <= now) throw TellingError("until", "must be in the future");
  silence.created = now;
  return silence;
}

Silence silence_from_row(const storage::SilenceRow& row) {
  Silence silence = read_silence(row.definition, row.created);
  silence.id = row.id;
  silence.author = row.author;
  silence.created = row.created;
  return silence;
}

storage::SilenceRow to_row(const Silence& silence) {
  const nlohmann::ordered_json definition{{"rules", silence.rules},   {"hosts", silence.hosts},
                                          {"tags", silence.tags},     {"instances", silence.instances},
                                          {"from", silence.from},     {"until", silence.until},
                                          {"weekly", silence.weekly}, {"reason", silence.reason}};
  return {silence.id, definition.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
          silence.author, silence.created, silence.until};
}

void Silences::add(Silence silence) {
  Entry entry;
  for (const std::string& text : silence.weekly) {
    entry.windows.push_back(weekly_window_from_text(text, "weekly"));
  }
  const std::int64_t id = silence.id;
  entry.silence = std::move(silence);
  entries_.insert_or_assign(id, std::move(entry));
}

bool Silences::remove(std::int64_t id) {
  return entries_.erase(id) > 0;
}

std::vector<Silence> Silences::list() const {
  std::vector<Silence> list;
  for (const auto& [id, entry] : entries_) list.push_back(entry.silence);
  return list;
}

std::vector<std::int64_t> Silences::remove_over(std::int64_t now) {
  std::vector<std::int64_t> over;
  for (const auto& [id, entry] : entries_) {
    if (entry.silence.until + kKeptAfterEnd <= now) over.push_back(id);
  }
  for (const std::int64_t id : over) entries_.erase(id);
  return over;
}

const WeeklyPhase& Silences::phase_at(const Entry& entry, std::int64_t now) {
  if (now < entry.known || now >= entry.phase.changes) {
    const Silence& silence = entry.silence;
    if (now < silence.from) {
      entry.phase = {false, silence.from};
    } else if (now >= silence.until) {
      entry.phase = {false, INT64_MAX};
    } else if (entry.windows.empty()) {
      entry.phase = {true, silence.until};
    } else {
      entry.phase = weekly_phase(entry.windows, now);
      entry.phase.changes = std::min(entry.phase.changes, silence.until);
    }
    entry.known = now;
  }
  return entry.phase;
}

bool Silences::is_active(std::int64_t id, std::int64_t now) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && phase_at(found->second, now).inside;
}

std::optional<Silences::Hold> Silences::is_silenced(const storage::AlarmRow& alarm, const Tags& tags,
                                                    std::int64_t now) const {
  std::optional<Hold> hold;
  for (const auto& [id, entry] : entries_) {
    const WeeklyPhase& phase = phase_at(entry, now);
    if (!phase.inside || (hold.has_value() && hold->until >= phase.changes)) continue;
    if (silence_matches(entry.silence, alarm, tags)) hold = Hold{id, phase.changes};
  }
  return hold;
}

}  // namespace hostwatch::alerts
