// Telling what there is to tell: Teller's messages and its ledger. See teller.h.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "server/alerts/telling/teller.h"

namespace hostwatch::alerts {

void Teller::decide(std::int64_t id, std::int64_t now) {
  const auto found = alarms_.find(id);
  if (found == alarms_.end()) return;
  Tracked& alarm = found->second;
  alarm.is_dirty = false;
  if (!alarm.is_known) return;
  Verdict pause;
  hold_back(alarm, now, pause);
  if (pause.hold == Hold::none && alarm.held == "loaded") alarm.held.clear();
  const bool is_paused = pause.hold != Hold::none || is_acknowledged(alarm.row, now);
  // An escalation counts from the moment since which somebody could have taken it, and nobody has.
  if (alarm.was_paused && !is_paused) alarm.unacknowledged = now;
  alarm.was_paused = is_paused;

  const auto targets = alarm.row.ended == 0 ? targets_of(alarm) : std::vector<Target>();
  std::int64_t next = INT64_MAX;
  for (ChannelState& channel : channels_) {
    Verdict verdict = judge(alarm, channel.channel, targets, now);
    if (verdict.tell == Tell::repeat && verdict.hold != Hold::none && verdict.hold != Hold::acknowledged) {
      // A repeat that falls into a pause is left out: its end tells nothing that was told.
      find_told(alarm, channel.channel.name)->repeat_base = now;
      verdict.until =
          std::min(verdict.until, repeat_due(alarm, *find_told(alarm, channel.channel.name), now));
    }
    const bool is_to_tell = verdict.tell != Tell::nothing && verdict.hold == Hold::none;
    if (is_to_tell) {
      channel.pending.insert(id);
    } else {
      channel.pending.erase(id);
    }
    if (verdict.tell != Tell::nothing && verdict.tell != Tell::repeat && !is_to_tell) {
      note_held(alarm, verdict, now);
      if (verdict.hold == Hold::silence && std::find(alarm.silenced.begin(), alarm.silenced.end(),
                                                     channel.channel.name) == alarm.silenced.end()) {
        alarm.silenced.push_back(channel.channel.name);
      }
    }
    next = std::min(next, verdict.until);
  }
  if (alarm.row.ended != 0) {
    close_ended(alarm, now);
    const bool is_over = std::all_of(alarm.told.begin(), alarm.told.end(),
                                     [](const Told& told) { return told.state == "ended"; });
    if (is_over) return forget(id);
  }
  schedule(alarm, next == INT64_MAX ? 0 : std::max(next, now + 1));
}

void Teller::note_held(Tracked& alarm, const Verdict& verdict, std::int64_t now) {
  if (verdict.hold != Hold::hush && verdict.hold != Hold::silence) return;
  std::string kind = std::to_string(static_cast<int>(verdict.hold)) + '/' +
                     std::to_string(static_cast<int>(alarm.hush)) + '/' + std::to_string(verdict.silence);
  // After a start it is not known what was noted: that is not done again for what is as it was.
  if (alarm.held == "loaded") alarm.held = kind;
  if (alarm.held == kind) return;
  alarm.held = std::move(kind);
  out_.changes.events.push_back(
      {alarm.row.id, now, now, "held", std::nullopt, held_text(alarm, verdict, now)});
}

void Teller::close_ended(Tracked& alarm, std::int64_t now) {
  for (Told& told : alarm.told) {
    if (told.state == "ended") continue;
    const auto channel = std::find_if(channel_list_.begin(), channel_list_.end(),
                                      [&](const TellingChannel& one) { return one.name == told.channel; });
    const bool is_lost = channels_are_set_ && channel == channel_list_.end();
    if (!is_lost && (channel == channel_list_.end() || !judge_ended(alarm, *channel, now).give_up)) continue;
    // Nobody is there to be told: the ledger says so, so that nothing waits for it.
    told.state = "ended";
    told.at = now;
    told.delivery.clear();
    out_.changes.told.push_back({alarm.row.id, told.channel, told.state, told.at, told.delivery});
  }
}

void Teller::forget(std::int64_t id) {
  const auto found = alarms_.find(id);
  schedule(found->second, 0);
  for (ChannelState& channel : channels_) channel.pending.erase(id);
  alarms_.erase(found);
}

OutboxEntry Teller::entry_for(Tracked& alarm, const std::string& channel, Tell tell, std::int64_t now) {
  static const Tags kNoTags;
  const Rule* rule = rule_of(alarm);
  const Tags& tags = alarm.tags == nullptr ? kNoTags : *alarm.tags;
  const Told* told = find_told(alarm, channel);
  OutboxEntry entry{
      make_notice(alarm.row, rule, tags, tell, tell == Tell::fired ? std::nullopt : alarm.value), {}, now};
  if (rule != nullptr && options_.describe) options_.describe(*rule, entry.notice);
  entry.notice.note = alarm.note;
  const auto add_note = [&](const std::string& note) {
    entry.notice.note += (entry.notice.note.empty() ? "" : "; ") + note;
  };
  if (std::erase(alarm.silenced, channel) > 0 && (tell == Tell::fired || tell == Tell::raised)) {
    add_note("silenced until now");
  }
  if (told != nullptr && told->state == "flapping" && tell == Tell::fired) add_note("does not flap any more");
  if (told != nullptr && told->is_dead && tell == Tell::ended)
    add_note("that it fired could not be delivered");
  if (tell == Tell::repeat) {
    const auto severity = severity_named(alarm.row.severity).value_or(Severity::info);
    entry.notice.repeat =
        1 + (told->repeats >= 0 ? told->repeats : repeats_within(rule, severity, told->at - alarm.risen));
  }
  entry.told = tell == Tell::ended ? "ended" : tell == Tell::flapping ? "flapping" : alarm.row.severity;
  return entry;
}

std::vector<OutboxEntry> Teller::entries_for(ChannelState& channel, std::int64_t now) {
  std::vector<OutboxEntry> entries;
  for (const std::int64_t id : channel.pending) {
    Tracked& alarm = alarms_.at(id);
    mark(alarm);
    // Since it was found that there is something to tell a silence may have begun.
    const auto targets = alarm.row.ended == 0 ? targets_of(alarm) : std::vector<Target>();
    const Verdict verdict = judge(alarm, channel.channel, targets, now);
    if (verdict.tell == Tell::nothing || verdict.hold != Hold::none) continue;
    entries.push_back(entry_for(alarm, channel.channel.name, verdict.tell, now));
  }
  channel.pending.clear();
  return entries;
}

void Teller::tell(ChannelState& channel, std::int64_t now) {
  auto fresh = entries_for(channel, now);
  if (fresh.empty()) return;
  const std::string& name = channel.channel.name;
  // Who cannot be reached gets one message later, of what was and what is, not one for each step between.
  auto entries = outbox_.withdraw_unsent(name, now, out_);
  std::unordered_map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < entries.size();) {
    const auto [place, is_first] = places.emplace(entries[i].notice.id, i);
    if (is_first) {
      i++;
      continue;
    }
    OutboxEntry& first = entries[place->second];
    first = {combine(first.notice, std::move(entries[i].notice)), entries[i].told, entries[i].told_at};
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (OutboxEntry& entry : fresh) {
    const auto [place, is_first] = places.emplace(entry.notice.id, entries.size());
    if (is_first) {
      entries.push_back(std::move(entry));
    } else {
      OutboxEntry& unsent = entries[place->second];
      unsent = {combine(unsent.notice, std::move(entry.notice)), entry.told, entry.told_at};
    }
  }
  const bool lists_all = channel.channel.kind == delivery::ChannelKind::webhook;
  const auto ids = outbox_.put(name, entries, lists_all, now, out_);
  record(name, entries, ids, now);
  channel.pace.told(now);
}

void Teller::record(const std::string& channel, const std::vector<OutboxEntry>& entries,
                    const std::vector<std::string>& ids, std::int64_t now) {
  for (std::size_t i = 0; i < entries.size(); i++) {
    const OutboxEntry& entry = entries[i];
    out_.changes.told.push_back({entry.notice.id, channel, entry.told, entry.told_at, ids[i]});
    const auto found = alarms_.find(entry.notice.id);
    if (entry.told_at == now) {
      std::string detail = channel + ": " + entry.notice.event;
      if (!entry.notice.note.empty()) detail += " (" + entry.notice.note + ")";
      out_.changes.events.push_back({entry.notice.id, now, now, "told", std::nullopt, std::move(detail)});
    }
    if (found == alarms_.end()) continue;
    Tracked& alarm = found->second;
    Told* told = find_told(alarm, channel);
    if (told == nullptr) told = &alarm.told.emplace_back(Told{channel, {}, 0, {}, 0, 0, false});
    told->state = entry.told;
    told->at = entry.told_at;
    told->delivery = ids[i];
    told->repeats = entry.notice.repeat;
    told->is_dead = false;
    alarm.note.clear();
  }
}

}  // namespace hostwatch::alerts
