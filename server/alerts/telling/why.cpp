// Why a channel was, or was not, told: Teller's answers. See teller.h.
#include <algorithm>
#include <string>

#include "server/alerts/telling/teller.h"
#include "server/alerts/telling/weekly_window.h"

namespace hostwatch::alerts {

namespace {

const storage::AlarmToldRow* told_row(const storage::AlarmStory& story, const std::string& channel) {
  const auto found = std::find_if(story.told.begin(), story.told.end(),
                                  [&](const storage::AlarmToldRow& row) { return row.channel == channel; });
  return found == story.told.end() ? nullptr : &*found;
}

std::string attempt_text(const storage::DeliveryRow& row) {
  std::string text;
  if (row.status != 0) text = "status " + std::to_string(row.status);
  if (!row.error.empty()) text += (text.empty() ? "" : ", ") + row.error;
  return text;
}

}  // namespace

ChannelReason Teller::told_reason(const storage::AlarmStory& story, const storage::AlarmToldRow& told) const {
  ChannelReason reason{told.channel, "sent", clock_text(told.at, true), told.at};
  if (told.delivery.empty()) {
    reason.state = "not routed";
    reason.text += " ended, the channel was not there to be told";
    return reason;
  }
  const storage::DeliveryRow* row = outbox_.find(told.delivery);
  if (row == nullptr) {
    const auto found =
        std::find_if(story.deliveries.begin(), story.deliveries.end(),
                     [&](const storage::DeliveryRow& delivery) { return delivery.id == told.delivery; });
    if (found != story.deliveries.end()) row = &*found;
  }
  // A delivery that is not kept any more was sent long ago.
  if (row != nullptr && row->state != "sent" && row->state != "merged") reason.state = row->state;
  if (reason.state == "sent") {
    reason.text += " sent";
    return reason;
  }
  const std::string last = attempt_text(*row);
  if (reason.state == "dead") {
    reason.text += " could not be delivered" + (last.empty() ? "" : ": " + last);
  } else {
    reason.text += " waiting";
    if (row->attempts > 0) reason.text += " after attempt " + std::to_string(row->attempts) + ": " + last;
  }
  return reason;
}

ChannelReason Teller::reason(const storage::AlarmStory& story, const Tracked* alarm,
                             const TellingChannel& channel, std::span<const Target> targets,
                             std::int64_t now) const {
  const storage::AlarmToldRow* told = told_row(story, channel.name);
  const Verdict verdict = alarm == nullptr ? Verdict() : judge(*alarm, channel, targets, now);
  ChannelReason reason{channel.name, "not routed", "not routed", 0};
  if (told != nullptr) reason = told_reason(story, *told);
  if (verdict.tell == Tell::nothing) {
    if (told != nullptr) return reason;
    if (story.alarm.severity == "info") {
      reason.text = "not routed, nobody is told of info";
    } else if (story.alarm.ended != 0) {
      reason.text = "not told while it was open";
    }
    return reason;
  }
  std::string text;
  if (verdict.hold != Hold::none) {
    text = held_text(*alarm, verdict, now);
    reason.state = "held";
  } else {
    const auto state = std::find_if(channels_.begin(), channels_.end(), [&](const ChannelState& one) {
      return one.channel.name == channel.name;
    });
    text = "waiting until " + clock_text(std::max(state->pace.next(), now), true) +
           ", goes with what comes till then";
    reason.state = "waiting";
  }
  reason.text =
      told == nullptr ? text : reason.text + "; " + std::string(to_string(verdict.tell)) + ": " + text;
  return reason;
}

std::vector<ChannelReason> Teller::why(const storage::AlarmStory& story, std::int64_t now) const {
  const auto found = alarms_.find(story.alarm.id);
  const Tracked* alarm = found == alarms_.end() ? nullptr : &found->second;
  const auto targets = alarm == nullptr || alarm->row.ended != 0 ? std::vector<Target>() : targets_of(*alarm);
  std::vector<ChannelReason> reasons;
  for (const TellingChannel& channel : channel_list_) {
    if (!gets_messages(channel.kind)) continue;
    reasons.push_back(reason(story, alarm, channel, targets, now));
  }
  for (const storage::AlarmToldRow& told : story.told) {
    const bool is_there = std::any_of(
        channel_list_.begin(), channel_list_.end(),
        [&](const TellingChannel& one) { return one.name == told.channel && gets_messages(one.kind); });
    if (is_there) continue;
    reasons.push_back(told_reason(story, told));
    reasons.back().text += " (the channel is removed)";
  }
  return reasons;
}

std::optional<Silences::Hold> Teller::silenced(std::int64_t alarm, std::int64_t now) const {
  const auto found = alarms_.find(alarm);
  if (found == alarms_.end() || found->second.tags == nullptr) return std::nullopt;
  return silences_.is_silenced(found->second.row, *found->second.tags, now);
}

std::vector<std::string> Teller::told(std::int64_t alarm) const {
  std::vector<std::string> channels;
  const auto found = alarms_.find(alarm);
  if (found == alarms_.end()) return channels;
  for (const Told& told : found->second.told) channels.push_back(told.channel);
  return channels;
}

}  // namespace hostwatch::alerts
