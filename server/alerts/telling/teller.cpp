#include "server/alerts/telling/teller.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "server/alerts/telling/definition_fields.h"

namespace hostwatch::alerts {

Teller::Teller(TellerOptions options) : options_(std::move(options)), outbox_(options_.new_id) {}

std::vector<std::string> Teller::load(const storage::AlertState& state, std::int64_t now) {
  std::vector<std::string> problems;
  alarms_.clear();
  rules_.clear();
  tags_.clear();
  dirty_.clear();
  due_.clear();
  out_ = {};
  for (ChannelState& channel : channels_) {
    channel.pending.clear();
    channel.pace = Pace();  // what was told perhaps never went out
  }
  try {
    routes_ = routes_from_json(state.routes);
  } catch (const TellingError& error) {
    problems.emplace_back(error.what());
  }
  silences_.clear();
  last_silence_ = state.last_silence;
  for (const storage::SilenceRow& row : state.silences) {
    last_silence_ = std::max(last_silence_, row.id);
    try {
      silences_.add(silence_from_row(row));
    } catch (const TellingError& error) {
      problems.push_back("silence " + std::to_string(row.id) + ": " + error.what());
    }
  }
  for (const storage::AlarmRow& row : state.open_alarms) {
    Tracked& alarm = alarms_[row.id];
    alarm.row = row;
    alarm.opened = std::min(row.fired, now);
    alarm.risen = alarm.opened;
    alarm.unacknowledged = alarm.opened;
    alarm.held = "loaded";
  }
  for (const storage::AlarmToldRow& row : state.told) {
    const auto found = alarms_.find(row.alarm);
    if (found == alarms_.end()) continue;
    found->second.told.push_back({row.channel, row.state, row.at, row.delivery, -1, 0, false});
  }
  outbox_.load(state.waiting);
  if (channels_are_set_) set_channels(channel_list_, now);
  return problems;
}

void Teller::set_channels(std::vector<TellingChannel> channels, std::int64_t now) {
  std::vector<ChannelState> states;
  for (const TellingChannel& channel : channels) {
    const auto known = std::find_if(channels_.begin(), channels_.end(), [&](const ChannelState& one) {
      return one.channel.name == channel.name;
    });
    states.push_back({channel, known == channels_.end() ? Pace() : std::move(known->pace), {}});
  }
  channels_ = std::move(states);
  channel_list_ = std::move(channels);
  channels_are_set_ = true;
  for (const std::string& name : outbox_.channels()) {
    const bool is_there = std::any_of(channel_list_.begin(), channel_list_.end(),
                                      [&](const TellingChannel& one) { return one.name == name; });
    if (!is_there) undelivered(name, outbox_.remove_channel(name, out_), "channel removed", now);
  }
  mark_all();
}

void Teller::set_routes(std::vector<Route> routes) {
  routes_ = std::move(routes);
  out_.changes.routes = routes_to_json(routes_);
  mark_all();
}

Silence Teller::add_silence(Silence silence) {
  silence.id = ++last_silence_;
  silences_.add(silence);
  out_.changes.silences.push_back(to_row(silence));
  mark_all();
  return silence;
}

bool Teller::remove_silence(std::int64_t id) {
  if (!silences_.remove(id)) return false;
  out_.changes.removed_silences.push_back(id);
  mark_all();
  return true;
}

void Teller::update(storage::AlarmRow& alarm, const Rule* rule, const Tags& tags, Hush hush, std::int64_t now,
                    std::optional<double> value) {
  if (rule != nullptr) remember_rule(*rule);
  const auto [found, is_new] = alarms_.try_emplace(alarm.id);
  Tracked& tracked = found->second;
  if (is_new) {
    tracked.opened = now;
    tracked.risen = now;
    tracked.unacknowledged = now;
  }
  const bool is_rise =
      !is_new && alarm.ended == 0 && alarm.severity == "critical" && tracked.row.severity != "critical";
  if (is_rise) tracked.risen = now;
  if (is_rise && !alarm.ack_by.empty()) {
    // Somebody knows of less; of this nobody does.
    out_.changes.events.push_back({alarm.id, now, now, "unacknowledged", std::nullopt,
                                   "it became critical after " + alarm.ack_by + " took it"});
    alarm.ack_by.clear();
    alarm.ack_note.clear();
    alarm.ack_until = 0;
  }
  tracked.row = alarm;
  tracked.tags = shared_tags(alarm.host, tags);
  tracked.hush = hush;
  if (value.has_value()) tracked.value = value;
  tracked.is_known = true;
  mark(tracked);
}

void Teller::set_hush(std::int64_t alarm, Hush hush) {
  const auto found = alarms_.find(alarm);
  if (found == alarms_.end() || found->second.hush == hush) return;
  found->second.hush = hush;
  mark(found->second);
}

void Teller::set_note(std::int64_t alarm, std::string note) {
  const auto found = alarms_.find(alarm);
  if (found != alarms_.end()) found->second.note = std::move(note);
}

void Teller::finished(const delivery::DeliveryResult& result, std::int64_t now) {
  const auto alarms = outbox_.finished(result, out_);
  undelivered(result.channel, alarms, result.error, now);
}

bool Teller::retry(const storage::DeliveryRow& dead, std::int64_t now) {
  const auto channel = std::find_if(channel_list_.begin(), channel_list_.end(),
                                    [&](const TellingChannel& one) { return one.name == dead.channel; });
  if (channel == channel_list_.end() || dead.state != "dead") return false;
  if (!outbox_.put_back(dead, now, out_)) return false;
  for (auto& [id, alarm] : alarms_) {
    Told* told = find_told(alarm, dead.channel);
    if (told != nullptr && told->delivery == dead.id) told->is_dead = false;
  }
  return true;
}

void Teller::tick(std::int64_t now) {
  if (now < last_tick_ - 1) {
    // Set back: what was reckoned by the time that it showed is reckoned anew.
    for (ChannelState& channel : channels_) channel.pace.clock_set_back();
    mark_all();
  }
  if (now >= silences_checked_ + 60 || now < last_tick_) {
    silences_checked_ = now;
    for (const std::int64_t id : silences_.remove_over(now)) out_.changes.removed_silences.push_back(id);
  }
  last_tick_ = now;
  while (!due_.empty() && due_.begin()->first <= now) {
    Tracked& alarm = alarms_.at(due_.begin()->second);
    schedule(alarm, 0);
    mark(alarm);
  }
  for (const std::int64_t id : std::exchange(dirty_, {})) decide(id, now);
  for (ChannelState& channel : channels_) {
    if (!channel.pending.empty() && channel.pace.may_tell(now)) tell(channel, now);
  }
  for (const std::int64_t id : std::exchange(dirty_, {})) decide(id, now);
}

void Teller::mark(Tracked& alarm) {
  if (alarm.is_dirty) return;
  alarm.is_dirty = true;
  dirty_.push_back(alarm.row.id);
}

void Teller::mark_all() {
  for (auto& [id, alarm] : alarms_) mark(alarm);
}

void Teller::schedule(Tracked& alarm, std::int64_t due) {
  if (alarm.due == due) return;
  if (alarm.due != 0) due_.erase({alarm.due, alarm.row.id});
  alarm.due = due;
  if (due != 0) due_.emplace(due, alarm.row.id);
}

void Teller::undelivered(const std::string& channel, std::span<const std::int64_t> alarms,
                         const std::string& error, std::int64_t now) {
  for (const std::int64_t id : alarms) {
    out_.changes.events.push_back({id, now, now, "undelivered", std::nullopt, channel + ": " + error});
    const auto found = alarms_.find(id);
    if (found == alarms_.end()) continue;
    if (Told* told = find_told(found->second, channel)) told->is_dead = true;
  }
}

std::shared_ptr<const Tags> Teller::shared_tags(const std::string& host, const Tags& tags) {
  auto& shared = tags_[host];
  if (shared == nullptr || *shared != tags) shared = std::make_shared<const Tags>(tags);
  return shared;
}

void Teller::remember_rule(const Rule& rule) {
  auto& known = rules_[rule.id];
  if (known != nullptr && *known == rule) return;
  const bool is_changed = known != nullptr;
  known = std::make_shared<const Rule>(rule);
  if (!is_changed) return;
  for (auto& [id, alarm] : alarms_) {
    if (alarm.row.rule == rule.id) mark(alarm);
  }
}

Teller::Told* Teller::find_told(Tracked& alarm, const std::string& channel) {
  const auto found = std::find_if(alarm.told.begin(), alarm.told.end(),
                                  [&](const Told& one) { return one.channel == channel; });
  return found == alarm.told.end() ? nullptr : &*found;
}

const Teller::Told* Teller::find_told(const Tracked& alarm, const std::string& channel) {
  return find_told(const_cast<Tracked&>(alarm), channel);
}

bool Teller::is_acknowledged(const storage::AlarmRow& alarm, std::int64_t now) {
  return !alarm.ack_by.empty() && (alarm.ack_until == 0 || now < alarm.ack_until);
}

const Rule* Teller::rule_of(const Tracked& alarm) const {
  const auto found = rules_.find(alarm.row.rule);
  return found == rules_.end() ? nullptr : found->second.get();
}

std::vector<Target> Teller::targets_of(const Tracked& alarm) const {
  static const Tags kNoTags;
  return targets(alarm.row, rule_of(alarm), alarm.tags == nullptr ? kNoTags : *alarm.tags, routes_,
                 channel_list_);
}

}  // namespace hostwatch::alerts
