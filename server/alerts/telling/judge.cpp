// What there is to tell of an alarm, and what holds it back: Teller's decisions. See teller.h.
#include <algorithm>
#include <array>
#include <string>

#include "server/alerts/telling/teller.h"
#include "server/alerts/telling/weekly_window.h"

namespace hostwatch::alerts {

namespace {

/// The end of an alarm waits that long for a channel that is disabled.
constexpr std::int64_t kDisabledSeconds = 86'400;

}  // namespace

Tell Teller::difference(const storage::AlarmRow& alarm, const Told* told) {
  const bool was_told = told != nullptr && told->state != "ended";
  if (alarm.flapping) return was_told && told->state == "flapping" ? Tell::nothing : Tell::flapping;
  if (!was_told || told->state == "flapping") return Tell::fired;
  return alarm.severity == "critical" && told->state == "warning" ? Tell::raised : Tell::nothing;
}

std::int64_t Teller::repeat_due(const Tracked& alarm, const Told& told, std::int64_t now) const {
  if (alarm.row.flapping) return INT64_MAX;
  // A ledger that is ahead of the clock: that was set back.
  const std::int64_t base = std::min(std::max(told.at, told.repeat_base), now);
  const auto severity = severity_named(alarm.row.severity).value_or(Severity::info);
  const std::int64_t interval = repeat_interval(rule_of(alarm), severity, base - alarm.risen);
  return interval <= 0 ? INT64_MAX : base + interval;
}

void Teller::hold_back(const Tracked& alarm, std::int64_t now, Verdict& verdict) const {
  if (alarm.hush != Hush::none) {
    verdict.hold = Hold::hush;
    return;
  }
  static const Tags kNoTags;
  const auto hold = silences_.is_silenced(alarm.row, alarm.tags == nullptr ? kNoTags : *alarm.tags, now);
  if (!hold.has_value()) return;
  verdict.hold = Hold::silence;
  verdict.silence = hold->silence;
  verdict.until = std::min(verdict.until, hold->until);
}

Teller::Verdict Teller::judge_open(const Tracked& alarm, const TellingChannel& channel, const Target* target,
                                   std::int64_t now) const {
  Verdict verdict;
  const Told* told = find_told(alarm, channel.name);
  if (target == nullptr) return verdict;
  verdict.tell = difference(alarm.row, told);
  if (verdict.tell == Tell::nothing) {
    verdict.until = repeat_due(alarm, *told, now);
    if (verdict.until > now) return verdict;
    verdict.tell = Tell::repeat;
    verdict.until = INT64_MAX;
  }
  if (!channel.enabled) {
    verdict.hold = Hold::disabled;
    return verdict;
  }
  hold_back(alarm, now, verdict);
  if (verdict.hold != Hold::none) return verdict;
  if (is_acknowledged(alarm.row, now) && verdict.tell != Tell::raised) {
    verdict.hold = Hold::acknowledged;
    if (alarm.row.ack_until != 0) verdict.until = alarm.row.ack_until;
    return verdict;
  }
  if (told == nullptr && target->after > 0) {
    const std::int64_t due = std::min(alarm.unacknowledged, now) + target->after;
    if (due > now) {
      verdict.hold = Hold::after;
      verdict.until = due;
    }
  }
  return verdict;
}

Teller::Verdict Teller::judge_ended(const Tracked& alarm, const TellingChannel& channel,
                                    std::int64_t now) const {
  Verdict verdict;
  const Told* told = find_told(alarm, channel.name);
  if (told == nullptr || told->state == "ended") return verdict;
  verdict.tell = Tell::ended;
  if (channel.enabled && gets_messages(channel.kind)) {
    hold_back(alarm, now, verdict);
    return verdict;
  }
  verdict.hold = Hold::disabled;
  verdict.until = alarm.row.ended + kDisabledSeconds;
  verdict.give_up = verdict.until <= now;
  return verdict;
}

Teller::Verdict Teller::judge(const Tracked& alarm, const TellingChannel& channel,
                              std::span<const Target> targets, std::int64_t now) const {
  if (!alarm.is_known) return {};
  if (alarm.row.ended != 0) return judge_ended(alarm, channel, now);
  const auto target = std::find_if(targets.begin(), targets.end(),
                                   [&](const Target& one) { return one.channel == channel.name; });
  return judge_open(alarm, channel, target == targets.end() ? nullptr : &*target, now);
}

std::string Teller::held_text(const Tracked& alarm, const Verdict& verdict, std::int64_t now) const {
  constexpr std::array<std::string_view, 5> kHushes{"", "its host is down", "its host is just back",
                                                    "only a late reading says so",
                                                    "many hosts are silent at once"};
  switch (verdict.hold) {
    case Hold::disabled:
      return "held, the channel is disabled";
    case Hold::hush:
      return "held, " + std::string(kHushes[static_cast<std::size_t>(alarm.hush)]);
    case Hold::silence:
      return "held, silence " + std::to_string(verdict.silence) + " until " + moment_text(verdict.until, now);
    case Hold::acknowledged:
      return "held, acknowledged by " + alarm.row.ack_by +
             (alarm.row.ack_until == 0 ? "" : " until " + moment_text(alarm.row.ack_until, now));
    case Hold::after:
      return "held, goes there at " + moment_text(verdict.until, now) + " if nobody acknowledges it";
    case Hold::none:
      break;
  }
  return {};
}

}  // namespace hostwatch::alerts
