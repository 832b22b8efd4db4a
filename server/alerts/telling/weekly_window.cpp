#include "server/alerts/telling/weekly_window.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "server/alerts/telling/definition_fields.h"

namespace hostwatch::alerts {

namespace {

constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::tm local_time(std::int64_t time) {
  const auto seconds = static_cast<std::time_t>(time);
  std::tm local = {};
  if (localtime_r(&seconds, &local) == nullptr) local = {};
  return local;
}

std::optional<std::size_t> day_named(std::string_view name) {
  const auto found = std::find(kDays.begin(), kDays.end(), name);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

bool add_days(std::string_view text, std::bitset<7>& days) {
  if (text == "daily") {
    days.set();
    return true;
  }
  while (true) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto dash = part.find('-');
    const auto first = day_named(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_named(part.substr(dash + 1));
    if (!first.has_value() || !last.has_value()) return false;
    for (std::size_t day = *first;; day = (day + 1) % 7) {
      days.set(day);
      if (day == *last) break;
    }
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

/// "HH:MM", up to "24:00".
std::optional<int> minute_of_text(std::string_view text) {
  const auto digit = [&](std::size_t at) {
    return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -100;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hours = digit(0) * 10 + digit(1);
  const int minutes = digit(3) * 10 + digit(4);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > kMinutesOfDay) return std::nullopt;
  return hours * 60 + minutes;
}

bool is_inside(const std::vector<WeeklyWindow>& windows, int weekday, int minute) {
  const auto today = static_cast<std::size_t>(weekday);
  const auto yesterday = (today + 6) % 7;
  return std::any_of(windows.begin(), windows.end(), [&](const WeeklyWindow& window) {
    return (window.days[today] && minute >= window.begin && minute < window.end) ||
           (window.days[yesterday] && minute + kMinutesOfDay < window.end);
  });
}

/// Minutes until the wall clock is at a quarter of an hour, or where a window begins or ends. Zones change
/// their clocks at quarters, so between two such moments all is as it was.
int minutes_to_step(const std::vector<WeeklyWindow>& windows, int minute) {
  int least = 15 - minute % 15;
  for (const WeeklyWindow& window : windows) {
    for (const int edge : {window.begin, window.end % kMinutesOfDay}) {
      if (edge > minute) least = std::min(least, edge - minute);
    }
  }
  return least;
}

}  // namespace

WeeklyWindow weekly_window_from_text(std::string_view text, const std::string& field) {
  const auto wrong = [&]() {
    return TellingError(field,
                        "must be as \"sat 02:00-04:00\", \"mon-fri 22:00-07:00\" or \"daily 22:00-07:00\"");
  };
  const auto space = text.find(' ');
  if (space == std::string_view::npos) throw wrong();
  WeeklyWindow window;
  if (!add_days(text.substr(0, space), window.days)) throw wrong();
  const auto times = text.substr(space + 1);
  const auto dash = times.find('-');
  if (dash == std::string_view::npos) throw wrong();
  const auto begin = minute_of_text(times.substr(0, dash));
  const auto end = minute_of_text(times.substr(dash + 1));
  if (!begin.has_value() || !end.has_value() || *begin == kMinutesOfDay) throw wrong();
  if (*begin == *end) throw TellingError(field, "begins when it ends (a whole day is 00:00-24:00)");
  window.begin = *begin;
  window.end = *end > *begin ? *end : *end + kMinutesOfDay;
  return window;
}

WeeklyPhase weekly_phase(const std::vector<WeeklyWindow>& windows, std::int64_t now) {
  const std::int64_t last = now + 8 * 86'400;
  std::tm local = local_time(now);
  WeeklyPhase phase;
  phase.inside = is_inside(windows, local.tm_wday, local.tm_hour * 60 + local.tm_min);
  std::int64_t at = now;
  while (at < last) {
    at += minutes_to_step(windows, local.tm_hour * 60 + local.tm_min) * 60 - std::min(local.tm_sec, 59);
    local = local_time(at);
    if (is_inside(windows, local.tm_wday, local.tm_hour * 60 + local.tm_min) != phase.inside) break;
  }
  phase.changes = at;
  return phase;
}

std::string clock_text(std::int64_t time, bool with_seconds) {
  const std::tm local = local_time(time);
  std::array<char, 32> text = {};
  const auto size = std::strftime(text.data(), text.size(), with_seconds ? "%H:%M:%S" : "%H:%M", &local);
  return std::string(text.data(), size);
}

std::string moment_text(std::int64_t time, std::int64_t now) {
  const std::tm local = local_time(time);
  const std::tm today = local_time(now);
  const bool is_today = local.tm_year == today.tm_year && local.tm_yday == today.tm_yday;
  if (is_today) return clock_text(time, false);
  std::array<char, 32> date = {};
  const auto size = std::strftime(date.data(), date.size(), "%Y-%m-%d ", &local);
  return std::string(date.data(), size) + clock_text(time, false);
}

}  // namespace hostwatch::alerts
