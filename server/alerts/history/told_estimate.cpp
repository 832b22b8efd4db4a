#include "server/alerts/history/told_estimate.h"

#include <algorithm>

namespace hostwatch::alerts {
namespace {

constexpr std::int64_t kTogether = 30;
constexpr std::size_t kMostLines = 20;
constexpr std::int64_t kDailyRepeat = 86400;
constexpr std::int64_t kCriticalRepeat = 4 * 3600;

}  // namespace

void ToldEstimate::add(const FoundAlarm& alarm) {
  if (alarm.severity == Severity::info) return;
  times_.push_back(alarm.fired);
  if (alarm.raised != 0) times_.push_back(alarm.raised);
  if (alarm.ended != 0) times_.push_back(alarm.ended);
  add_repeats(alarm, alarm.ended != 0 ? alarm.ended : to_);
}

/// Critical ones every four hours for a day, then daily as the others.
void ToldEstimate::add_repeats(const FoundAlarm& alarm, std::int64_t until) {
  if (repeat_ && *repeat_ <= 0) return;
  std::int64_t at = alarm.fired;
  while (true) {
    const bool is_first_day = at - alarm.fired < kDailyRepeat;
    const std::int64_t otherwise =
        alarm.severity == Severity::critical && is_first_day ? kCriticalRepeat : kDailyRepeat;
    at += repeat_.value_or(otherwise);
    if (at >= until) return;
    times_.push_back(at);
  }
}

std::uint64_t ToldEstimate::messages() {
  std::sort(times_.begin(), times_.end());
  std::uint64_t messages = 0;
  std::int64_t quiet_from = INT64_MIN;
  std::size_t waiting = 0;
  const auto send_waiting = [&] {
    if (waiting == 0) return;
    messages += (waiting + kMostLines - 1) / kMostLines;
    waiting = 0;
    quiet_from += kTogether;
  };
  for (const std::int64_t at : times_) {
    if (at >= quiet_from) send_waiting();
    if (at >= quiet_from) {
      ++messages;
      quiet_from = at + kTogether;
    } else {
      ++waiting;
    }
  }
  send_waiting();
  return messages;
}

}  // namespace hostwatch::alerts
